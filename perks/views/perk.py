"""One perk: what it is, whether it fits, and everything that may be done before it is claimed."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from accounts import mailing
from accounts.figures import moment, whole
from accounts.models import User
from accounts.prepared import TEXT, Prepared
from accounts.views import person, pressed
from perks import claims, entries, replies, standing, waiting, words
from perks.models import Campaign, CampaignEvent, Claim, Reminder, Told
from perks.refusals import Refused
from perks.standing import Standing
from perks.views import rows

LONGEST_KEY = 64
_PUBLISHED = Prepared(
    lambda slug: Campaign.objects.filter(slug=slug, published_at__isnull=False), TEXT
)


class Act(NamedTuple):
    """What is done about a perk, and what is said when it is."""

    do: Callable[..., object]
    said: str | Promise


def _remind(**names: Any) -> None:
    replies.remind(on=True, **names)


def _do_not_remind(**names: Any) -> None:
    replies.remind(on=False, **names)


ACTS: dict[str, Act] = {
    "wait": Act(waiting.join, gettext_lazy("You are on the waiting list.")),
    "enter": Act(entries.enter, gettext_lazy("You take part in the draw.")),
    "withdraw": Act(
        entries.withdraw,
        gettext_lazy("You take part in the draw no longer. Until it closes you can again."),
    ),
    "remind": Act(_remind, gettext_lazy("A mail reminds you. You can take that back here.")),
    "forget": Act(_do_not_remind, gettext_lazy("Nothing reminds you of it any more.")),
}


@require_GET
def perk(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a perk."""
    user, now = person(request), timezone.now()
    found = _found(user, slug, now)
    replies.saw(
        user_id=user.pk,
        campaign_ids=[found.campaign.pk],
        kind=CampaignEvent.Kind.OPENED,
        now=now,
    )
    return render(request, "perks/perk.html", _context(found, user, now))


@pressed("perk", "slug")
def act(request: HttpRequest, slug: str, act: str) -> HttpResponse:
    """Do one thing about a perk, and show it again; a hold leads to the page that claims."""
    user, now = person(request), timezone.now()
    campaign = next(iter(_PUBLISHED(slug)), None)
    if campaign is None:
        raise Http404
    if act != "hold" and act not in ACTS:
        raise Http404(_("There is nothing of this name to do about a perk."))
    try:
        if act == "hold":
            return _hold(request, user, campaign, now)
        ACTS[act].do(user_id=user.pk, campaign_id=campaign.pk, now=now)
    except Refused as refused:
        # Shown on the page as it stands after the refusal: stock and rules may have moved.
        context = _context(_found(user, slug, now), user, now)
        context["error"] = rows.lost(refused.at, None, now) if refused.no == "gone" else refused
        return render(request, "perks/perk.html", context, status=409)
    messages.success(request, str(ACTS[act].said))
    return redirect("perk", slug)


@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask whether somebody means to leave the waiting list; POST leaves it."""
    user, now = person(request), timezone.now()
    found = _found(user, slug, now)
    if request.method == "POST":
        waiting.leave(user_id=user.pk, campaign_id=found.campaign.pk, now=now)
        messages.success(request, _("You are on the waiting list no longer."))
        return redirect("perk", slug)
    if not found.waits:
        return redirect("perk", slug)
    place = waiting.place_of(user_id=user.pk, campaign_id=found.campaign.pk)
    context = {
        "asks": _("Leave the waiting list?"),
        "title": found.campaign.title,
        "lines": [
            rows.waiting_place(place),
            _("Your place goes to whoever is behind you. Who comes back stands at the end."),
        ],
        "does": _("Leave it"),
        "back": reverse("perk", args=[slug]),
        "stays": _("Stay on it"),
    }
    return render(request, "perks/sure.html", context)


def _hold(request: HttpRequest, user: User, campaign: Campaign, now: datetime) -> HttpResponse:
    """Hold a unit and go on to claim it, or say that the last one went. Raises Refused."""
    key = request.POST.get("key", "").replace("\x00", "")[:LONGEST_KEY] or uuid.uuid4().hex
    got = waiting.hold_or_wait(user_id=user.pk, campaign_id=campaign.pk, key=key, now=now)
    if not isinstance(got, Claim):
        place = waiting.place_of(user_id=user.pk, campaign_id=campaign.pk)
        messages.info(request, rows.lost(claims.last_at(campaign), place, now))
        return redirect("perk", campaign.slug)
    if got.state == Claim.State.HELD:
        return redirect("perk_claim", campaign.slug)
    return redirect("perk_mine", got.ref)


@require_GET
def draw(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """Answer all that is needed to do a draw again: the seed, and the names in their order."""
    campaign = get_object_or_404(Campaign, slug=slug, drawn_at__isnull=False)
    head = (
        f"# {campaign.slug}\n# sha256(seed): {campaign.commitment}\n# seed: {campaign.seed}\n"
        f"# places: {campaign.units.count()}\n"
        '# The order is that of sha256("<seed>:<name>"), lowest first.\n'
    )

    def lines() -> Iterator[str]:
        yield head
        names = campaign.entries.order_by("place").values_list("place", "name")
        for place, name in names.iterator(2_000):
            yield f"{place} {name}\n"

    return StreamingHttpResponse(lines(), content_type="text/plain; charset=utf-8")


def _found(user: User, slug: str, now: datetime) -> Standing:
    found = standing.found(user, slug, now)
    if found is None:
        raise Http404
    return found


def _context(found: Standing, user: User, now: datetime) -> dict[str, Any]:
    """Return what perks/perk.html shows."""
    campaign = found.campaign
    place = waiting.place_of(user_id=user.pk, campaign_id=campaign.pk) if found.waits else None
    told = Told.objects.filter(campaign=campaign, user=user).values_list("at", flat=True).first()
    may_remind = _may_remind(found, now)
    # Who is promised a mail is told the truth about it; nobody else is asked about theirs.
    mails = bool(place or may_remind) and mailing.reach_about_perks(user)
    return {
        "found": found,
        "campaign": campaign,
        "state": found.state.value,
        "picture": rows.picture_url(campaign),
        "left": rows.left(found),
        "window": rows.window(campaign, found.state, now),
        "opens": moment(campaign.opens_at, now),
        "zone": rows.zone(),
        "learns": rows.learns(campaign),
        "disclosure": rows.disclosure(campaign),
        "rules": rows.rules(found.reasons, campaign.slug),
        "unknown": words.unknown(found.reasons),
        "mine": [(one, rows.claim_state(one, now)) for one in found.mine],
        "may_claim": _may_claim(found),
        "place": rows.waiting_place(place),
        "told": moment(told, now),
        "key": uuid.uuid4().hex,
        "drawn": _drawn(found, now),
        "reminded": Reminder.objects.filter(campaign=campaign, user=user).exists(),
        "may_remind": may_remind,
        "mails": mails,
        "usable_until": moment(campaign.usable_until, now),
        "usable_over": campaign.usable_until is not None and campaign.usable_until <= now,
    }


def _may_remind(found: Standing, now: datetime) -> bool:
    """Tell whether there is time to remind somebody of what they do not have yet."""
    closes = found.campaign.closes_at - replies.REMIND_BEFORE
    return found.state is not Campaign.State.ENDED and not found.mine and now < closes


def _may_claim(found: Standing) -> str:
    """Return what the page offers to do: "hold", "wait", "enter", or "" for nothing."""
    many = len(found.mine) >= found.campaign.per_person
    if found.state is not Campaign.State.LIVE or not found.fits or many:
        return ""
    if found.by_lot:
        return "" if found.entry else "enter"
    if found.is_free:
        return "hold"
    return "wait" if found.campaign.waiting_list and not found.waits else ""


def _drawn(found: Standing, now: datetime) -> str:
    """Return how a draw went for the person, "" before it and for who took no part."""
    campaign, entry = found.campaign, found.entry
    if campaign.drawn_at is None or entry is None or entry.place is None:
        return ""
    facts = {
        "places": whole(found.counts.total),
        "people": whole(campaign.entries.count()),
        "at": moment(campaign.drawn_at, now),
        "lot": whole(entry.place),
    }
    if entry.place <= found.counts.total:
        return _("Drawn by lot at %(at)s: your lot is number %(lot)s of %(people)s.") % facts
    said = ngettext(
        "Not chosen this time: %(places)s place, %(people)s people. Drawn by lot at %(at)s. "
        "Your lot is number %(lot)s.",
        "Not chosen this time: %(places)s places, %(people)s people. Drawn by lot at %(at)s. "
        "Your lot is number %(lot)s.",
        found.counts.total,
    )
    return said % facts
