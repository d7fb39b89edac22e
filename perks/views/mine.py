"""What somebody claimed: the code or parcel, used, given back, a problem with it, stars and words.

A code is shown on its page alone, once its person asked for it. That page names no code in its
address, no cache keeps it (kloutsite.middleware), and no other site learns its address
(SECURE_REFERRER_POLICY).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from accounts import cases, sealing
from accounts.figures import moment
from accounts.models import User
from accounts.views import person, pressed
from perks import claims, posts, replies, waiting
from perks.models import Campaign, Claim, Entry, Feedback
from perks.refusals import Refused
from perks.views import correcting, rows
from perks.views.own import limited, own

SHOWN = 100
STARS = range(1, 6)


class Act(NamedTuple):
    """What is done about a claim, and what is said when it is."""

    do: Callable[[User, UUID, Mapping[str, str], datetime], object]
    said: str | Promise


def _show_code(user: User, ref: UUID, _sent: Mapping[str, str], now: datetime) -> None:
    claims.show_code(user_id=user.pk, ref=ref, now=now)


def _used(user: User, ref: UUID, _sent: Mapping[str, str], now: datetime) -> None:
    claims.mark_redeemed(user_id=user.pk, ref=ref, now=now)


def _unused(user: User, ref: UUID, _sent: Mapping[str, str], now: datetime) -> None:
    claims.mark_redeemed(user_id=user.pk, ref=ref, now=now, redeemed=False)


def _problem(user: User, ref: UUID, sent: Mapping[str, str], now: datetime) -> None:
    claims.report_problem(user_id=user.pk, ref=ref, text=sent.get("text", ""), now=now)


def _rate(user: User, ref: UUID, sent: Mapping[str, str], now: datetime) -> None:
    given = sent.get("stars", "")
    stars = int(given) if given in {str(number) for number in STARS} else 0
    replies.rate(user_id=user.pk, ref=ref, stars=stars, words=sent.get("words", ""), now=now)


def _withdraw(user: User, ref: UUID, _sent: Mapping[str, str], _now: datetime) -> None:
    replies.withdraw(user_id=user.pk, ref=ref)


def _name_post(user: User, ref: UUID, sent: Mapping[str, str], now: datetime) -> None:
    posts.name(user_id=user.pk, ref=ref, address=sent.get("address", ""), now=now)


def _take_post_back(user: User, ref: UUID, sent: Mapping[str, str], _now: datetime) -> None:
    number = sent.get("named", "")
    named = int(number) if number.isascii() and number.isdigit() and len(number) < 16 else 0
    posts.withdraw(user_id=user.pk, ref=ref, named_id=named)


ACTS: dict[str, Act] = {
    "code": Act(_show_code, ""),
    "used": Act(_used, gettext_lazy("Marked as used.")),
    "unused": Act(_unused, gettext_lazy("Not marked as used any more.")),
    "problem": Act(_problem, gettext_lazy("Asked. The answer comes as a case.")),
    "rate": Act(_rate, gettext_lazy("Kept. You can change it or take it back.")),
    "post": Act(_name_post, gettext_lazy("Named. Thank you: you owed nobody a post.")),
    "post-back": Act(_take_post_back, gettext_lazy("Not named any more.")),
    "withdraw": Act(_withdraw, gettext_lazy("What you said of it is gone.")),
}


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Show everything the person has, had, waits for or takes part in."""
    user, now = person(request), timezone.now()
    mine = Claim.objects.filter(user=user).select_related("campaign")
    undrawn = Entry.objects.filter(user=user, campaign__drawn_at=None, campaign__ended_at=None)
    context = {
        "claims": [(one, rows.claim_state(one, now)) for one in mine.order_by("-held_at")[:SHOWN]],
        "waits": [
            (campaign, rows.waiting_place(place))
            for campaign, place in waiting.places_of(user.pk, most=SHOWN)
        ],
        "entries": [
            (one.campaign, moment(one.campaign.closes_at, now))
            for one in undrawn.select_related("campaign").order_by("campaign__closes_at")[:SHOWN]
        ],
    }
    return render(request, "perks/mine.html", context)


@require_GET
@limited
def one(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Show a claim: how to use it, and what may be done about it."""
    now = timezone.now()
    return render(request, "perks/one.html", _context(own(request, ref, now), now))


@pressed("perk_mine", "ref")
@limited
def act(request: HttpRequest, ref: UUID, act: str) -> HttpResponse:
    """Do one thing about a claim, and show it again."""
    now = timezone.now()
    mine = own(request, ref, now)
    if act not in ACTS:
        raise Http404(_("There is nothing of this name to do about a perk."))
    try:
        ACTS[act].do(person(request), ref, request.POST, now)
    except (Refused, cases.CaseError, sealing.CannotOpen) as refused:
        error = _sealed() if isinstance(refused, sealing.CannotOpen) else str(refused)
        typed = {name: request.POST.get(name, "") for name in ("text", "words", "stars", "address")}
        context = _context(mine, now) | {"error": error, "said": typed}
        return render(request, "perks/one.html", context, status=409)
    if said := str(ACTS[act].said):
        messages.success(request, said)
    return redirect("perk_mine", ref)


@require_http_methods(["GET", "POST"])
@limited
def give_back(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Ask whether somebody means to give back what they hold or claimed; POST gives it back."""
    now = timezone.now()
    mine = own(request, ref, now)
    if request.method == "POST":
        try:
            claims.give_back(user_id=person(request).pk, ref=ref, now=now)
        except Refused as refused:
            context = _context(mine, now) | {"error": str(refused)}
            return render(request, "perks/one.html", context, status=409)
        messages.success(request, _("Given back: it goes to the next."))
        return redirect("perks_mine")
    if not _may_give_back(mine):
        return redirect("perk_mine", ref)
    held = mine.state == Claim.State.HELD
    context = {
        "asks": _("Give it back?"),
        "title": mine.campaign.title,
        "lines": [
            rows.claim_state(mine, now),
            _("It goes to the next at once, and you cannot fetch it back."),
        ],
        "does": _("Give it back"),
        "back": reverse("perk_claim", args=[mine.campaign.slug])
        if held
        else reverse("perk_mine", args=[ref]),
        "stays": pgettext("a perk", "Keep it"),
    }
    return render(request, "perks/sure.html", context)


def _sealed() -> str:
    return _("The code cannot be opened at the moment. It is kept for you: ask us below.")


def _context(mine: Claim, now: datetime) -> dict[str, Any]:
    """Return what perks/one.html shows."""
    campaign = mine.campaign
    has = mine.state in (Claim.State.CLAIMED, Claim.State.REDEEMED)
    parcel = campaign.delivery == Campaign.Delivery.PARCEL
    code, trouble = _code(mine, now) if has and mine.shown_at is not None else ("", "")
    feedback = Feedback.objects.filter(claim=mine).first()
    return {
        "one": mine,
        "campaign": campaign,
        "picture": rows.picture_url(campaign),
        "state": rows.claim_state(mine, now),
        "held": claims.running(mine, now),
        "has": has,
        "parcel": parcel,
        "handed_over": claims.handed_over(mine),
        "code": code,
        "trouble": trouble,
        "shipped": moment(mine.shipped_at, now),
        "usable_until": moment(campaign.usable_until, now),
        "usable_over": campaign.usable_until is not None and campaign.usable_until <= now,
        "disclosure": rows.disclosure(campaign),
        "given": correcting.given(mine, now) if has else None,
        "may_give_back": _may_give_back(mine),
        "feedback": feedback,
        "named": mine.posts.select_related("post").order_by("pk") if has else (),
        "stars": [(n, ngettext("%(n)s star", "%(n)s stars", n) % {"n": n}) for n in STARS],
        "said": {
            "words": feedback.words if feedback else "",
            "stars": str(feedback.stars) if feedback else "",
        },
        "longest_words": replies.LONGEST_WORDS,
        "longest_text": cases.LONGEST,
    }


def _code(mine: Claim, now: datetime) -> tuple[str, str]:
    """Return the code, and what is said where it cannot be opened."""
    assert mine.user_id is not None
    try:
        return claims.show_code(user_id=mine.user_id, ref=mine.ref, now=now), ""
    except sealing.CannotOpen:
        return "", _sealed()


def _may_give_back(mine: Claim) -> bool:
    if mine.state not in (Claim.State.HELD, Claim.State.CLAIMED) or mine.shown_at is not None:
        return False
    return mine.shipment in (Claim.Shipment.NONE, Claim.Shipment.WAITING)
