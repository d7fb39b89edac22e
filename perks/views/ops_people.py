"""For operators: a campaign as somebody sees it, its parcels, who waits, and problems with it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import sealing
from accounts.figures import moment
from accounts.models import User
from accounts.views import person, pressed
from accounts.views.ops import operators_only
from accounts.views.paging import page_of
from perks import overview, people, shipping, words
from perks.acts import CampaignError, note
from perks.eligibility import fits, reasons
from perks.models import Campaign, Claim, WaitingPlace
from perks.views import rows
from perks.views.ops import found_or_404
from perks.views.ops_words import shown_window

PAGE = 50


@require_http_methods(["GET", "POST"])
@operators_only
def preview(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show a campaign as a chosen person would see it: each rule, and what they have of it.

    A POST, since it shows what is known of somebody: that it was looked at is written down.
    """
    now, found = timezone.now(), found_or_404(campaign_id)
    typed = request.POST.get("person", "").replace("\x00", "").strip()[:150]
    who = _named(typed) if typed else None
    context: dict[str, Any] = {"campaign": found, "typed": typed, "who": who}
    context["window"] = shown_window(found, now)
    if typed and who is None:
        context["error"] = _("Nobody here has this handle, user name or address.")
    if who is not None:
        note(found, person(request).pk, "preview", now, person=who.pk)
        facts = people.facts_of([who.pk], brand=found.brand, now=now)[who.pk]
        judged = reasons(found.fits, facts)
        context |= {
            "fits": fits(found.fits, facts),
            "nearly": words.nearly(judged),
            "rules": rows.rules(judged, found.slug),
        }
    status = 400 if "error" in context else 200
    return render(request, "perks/ops/preview.html", context, status=status)


def _named(typed: str) -> User | None:
    """Return the person of a handle, a user name or an email address."""
    handle = typed.removeprefix("@").casefold()
    by = Q(username=typed) | Q(email__iexact=typed) | Q(handles__name=handle)
    return User.objects.filter(by, is_active=True).order_by("pk").first()


@require_GET
@operators_only
def parcels(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """List the parcels of a campaign, those that are with us first, and the next step of each."""
    now = timezone.now()
    found = get_object_or_404(Campaign, pk=campaign_id)
    claims = Claim.objects.exclude(shipment="").filter(campaign=found).select_related("user")
    here = overview.parcels_to_send(claims).order_by("claimed_at", "pk")
    shown = here if request.GET.get("show") != "all" else claims.order_by("-shipped_at", "pk")
    page = page_of(shown, PAGE, request.GET.get("page"))
    context = {
        "campaign": found,
        "page": page,
        "all": request.GET.get("show") == "all",
        "rows": [_parcel(one, now) for one in page.rows],
    }
    return render(request, "perks/ops/parcels.html", context)


def _parcel(one: Claim, now: datetime) -> dict[str, Any]:
    labels = dict(Claim.Shipment.choices)
    try:
        address = one.address()
    except sealing.CannotOpen:
        address = _("The key that sealed this address is gone.")
    return {
        "claim": one,
        "who": one.user.called if one.user else _("Somebody who left"),
        "address": address,
        "state": one.get_shipment_display(),
        "since": moment(one.shipped_at, now),
        "steps": [(step, labels[step]) for step in shipping.STEPS.get(one.shipment, ())],
    }


@operators_only
@pressed("ops_perk_parcels", "campaign_id")
def ship(request: HttpRequest, campaign_id: int, claim_id: int) -> HttpResponse:
    """Move a parcel on by one step; its person is told when it is sent."""
    one = get_object_or_404(Claim.objects.exclude(shipment=""), pk=claim_id, campaign=campaign_id)
    try:
        shipping.ship(
            claim_id=one.pk,
            to=request.POST.get("to", ""),
            tracking=request.POST.get("tracking", ""),
            actor_id=person(request).pk,
            now=timezone.now(),
        )
    except CampaignError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The parcel is moved on."))
    return redirect("ops_perk_parcels", campaign_id)


@require_GET
@operators_only
def waiting(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """List who waits, in their order, and the problems that people have with the campaign."""
    now = timezone.now()
    found = get_object_or_404(Campaign, pk=campaign_id)
    places = WaitingPlace.objects.filter(campaign=found, state=WaitingPlace.State.WAITING)
    ordered = places.select_related("user").order_by("rank", "pk")
    page = page_of(ordered, PAGE, request.GET.get("page"))
    claims = Claim.objects.filter(campaign=found)
    problems = overview.open_problems(claims).select_related("case", "user").order_by("problem_at")
    context = {
        "campaign": found,
        "page": page,
        "rows": [
            (page.first + at, one.user.called, moment(one.at, now))
            for at, one in enumerate(page.rows)
        ],
        "problems": [
            (one.case, one.user.called if one.user else "", moment(one.problem_at, now))
            for one in problems[:PAGE]
        ],
    }
    return render(request, "perks/ops/waiting.html", context)
