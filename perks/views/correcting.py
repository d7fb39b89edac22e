"""The address and the answers that went with a claim: shown, and corrected until it is packed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import sealing
from accounts.figures import moment
from accounts.views import person
from perks import asking, correcting
from perks.models import Campaign, Claim
from perks.refusals import No, Refused
from perks.views.claiming import typed_answers
from perks.views.own import limited, own


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody gave with a claim. taken: when the list for the brand was taken with it."""

    address: str
    answers: list[tuple[str, str]]
    may_change: bool
    taken: str


def given(one: Claim, now: datetime) -> Given | None:
    """Return what somebody gave with a claim, None where nothing was asked for."""
    asked = list(one.campaign.questions.order_by("position"))
    parcel = one.campaign.delivery == Campaign.Delivery.PARCEL
    if not parcel and not asked:
        return None
    said = dict(one.answers.values_list("question", "text")) if asked else {}
    taken = correcting.taken_at(one)
    return Given(
        address=_shown_address(one) if parcel else "",
        answers=[(each.text, said.get(each.pk, "")) for each in asked],
        may_change=correcting.may_be_corrected(one),
        taken=moment(taken, now),
    )


def _shown_address(one: Claim) -> str:
    try:
        return one.address() or _("Erased, since it has served.")
    except sealing.CannotOpen:
        return _("It cannot be opened at the moment.")


@require_http_methods(["GET", "POST"])
@limited
def correct(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Show what was given with a claim, to be corrected; POST keeps it.

    Where nothing was asked for there is nothing to correct: the page of the claim says what is so.
    """
    now = timezone.now()
    mine = own(request, ref, now)
    if given(mine, now) is None:
        return redirect("perk_mine", ref)
    if request.method == "GET":
        if not correcting.may_be_corrected(mine):
            return redirect("perk_mine", ref)
        said = dict(mine.answers.values_list("question", "text"))
        return render(request, "perks/correct.html", _context(mine, _address(mine), said))
    address, said = request.POST.get("address", ""), typed_answers(mine.campaign, request.POST)
    try:
        correcting.correct(user_id=person(request).pk, ref=ref, address=address, answers=said)
    except Refused as refused:
        context = _context(mine, address, said) | {"error": refused}
        status = 400 if refused.no in (No.NO_ADDRESS, No.NO_ANSWER, No.UNSEEN) else 409
        return render(request, "perks/correct.html", context, status=status)
    messages.success(request, _("Corrected."))
    return redirect("perk_mine", ref)


def _address(mine: Claim) -> str:
    """Return where the parcel goes; nothing where that cannot be opened, to be typed anew."""
    try:
        return mine.address()
    except sealing.CannotOpen:
        return ""


def _context(mine: Claim, address: str, said: dict[int, str]) -> dict[str, Any]:
    campaign = mine.campaign
    return {
        "one": mine,
        "campaign": campaign,
        "parcel": campaign.delivery == Campaign.Delivery.PARCEL,
        "address": address,
        "longest": asking.LONGEST_ADDRESS,
        "questions": [
            (question, said.get(question.pk, ""))
            for question in campaign.questions.order_by("position")
        ],
        "taken": moment(correcting.taken_at(mine), timezone.now()),
    }
