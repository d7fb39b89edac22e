"""Claiming what is held: an address only where a parcel goes there, and nothing ticked before."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.views import person
from perks import asking, claims, tries
from perks.models import Campaign, Claim
from perks.refusals import No, Refused
from perks.views import rows
from perks.views.own import limited, own

_TO_MEND = (No.NO_ADDRESS, No.NO_ANSWER, No.UNSEEN)  # by who fills in the form


@require_http_methods(["GET", "POST"])
@limited
def claim(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form for the one that is held; POST claims it. Doing so again changes nothing."""
    user, now = person(request), timezone.now()
    if request.method == "GET":
        held = Claim.objects.filter(user=user, campaign__slug=slug, state=Claim.State.HELD)
        one = held.select_related("campaign").order_by("-pk").first()
        if one is None or not claims.running(one, now):
            return redirect("perk", slug)
        return render(request, "perks/claim.html", _context(request, one))
    one = own(request, _ref(request), now)
    if one.campaign.slug != slug:
        raise Http404
    sent = request.POST
    if one.campaign.learns and one.state == Claim.State.HELD and sent.get("read") != "yes":
        error = _("Tick that you have read what %(brand)s gets to know, or leave it.")
        context = _context(request, one) | {"error": error % {"brand": one.campaign.brand}}
        return render(request, "perks/claim.html", context, status=400)
    try:
        done = claims.claim(
            user_id=user.pk,
            ref=one.ref,
            now=now,
            address=sent.get("address", ""),
            answers=typed_answers(one.campaign, sent),
        )
    except Refused as refused:
        context = _context(request, one) | {
            "error": refused,
            "over": refused.no not in (*_TO_MEND, No.PAUSED),
            "rules": rows.rules(refused.reasons, slug),
        }
        status = 400 if refused.no in _TO_MEND else 409
        return render(request, "perks/claim.html", context, status=status)
    messages.success(request, _("It is yours."))
    return redirect("perk_mine", done.ref)


def typed_answers(campaign: Campaign, sent: Mapping[str, str]) -> dict[int, str]:
    """Return question id -> what was typed for it in the form of perks/_asked.html."""
    questions = campaign.questions.values_list("pk", flat=True)
    return {pk: sent.get(f"answer-{pk}", "") for pk in questions}


def _ref(request: HttpRequest) -> UUID:
    """Return which claim the form is for. Raises Http404, tries.TooMany."""
    try:
        return UUID(request.POST.get("ref", ""))
    except ValueError:
        tries.after_wrong(person(request).pk, timezone.now())
        raise Http404 from None


def _context(request: HttpRequest, one: Claim) -> dict[str, Any]:
    """Return what perks/claim.html shows, with what was typed."""
    campaign, now = one.campaign, timezone.now()
    sent = request.POST
    return {
        "one": one,
        "campaign": campaign,
        "held": rows.claim_state(one, now),
        "zone": rows.zone(),
        "parcel": campaign.delivery == Campaign.Delivery.PARCEL,
        "address": sent.get("address", ""),
        "longest": asking.LONGEST_ADDRESS,
        "questions": [
            (question, sent.get(f"answer-{question.pk}", ""))
            for question in campaign.questions.order_by("position")
        ],
        "learns": rows.learns(campaign),
        "read": sent.get("read") == "yes",
        "disclosure": rows.disclosure(campaign),
    }
