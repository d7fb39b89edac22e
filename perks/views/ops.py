"""For operators: the campaigns, one of them with all that can be done with it, and its acts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.figures import moment, whole
from accounts.views import person, pressed
from accounts.views.ops import operators_only
from accounts.views.paging import page_of
from perks import campaigns, overview, people, stock
from perks.acts import CampaignError
from perks.models import Campaign
from perks.views.ops_words import act_said, shown_window

PAGE = 25
ACTS_SHOWN = 50
TAGS = {"live": "good", "paused": "warn", "scheduled": "info"}
_ACTS: dict[str, Callable[..., Any]] = {
    "publish": campaigns.publish,
    "pause": campaigns.pause,
    "resume": campaigns.resume,
    "end": campaigns.end,
}
_STOCK: dict[str, Callable[..., Any]] = {"more": stock.add, "fewer": stock.cut}


@dataclass(frozen=True, slots=True)
class Row:
    """A campaign in the list."""

    campaign: Campaign
    state: str
    tag: str
    left: str
    window: str
    next: str


@require_GET
@operators_only
def listed(request: HttpRequest) -> HttpResponse:
    """List campaigns, the newest first: state, what is left, window, the next thing to do."""
    now = timezone.now()
    page = page_of(Campaign.objects.order_by("-pk"), PAGE, request.GET.get("page"))
    found = overview.standings([campaign.pk for campaign in page.rows])
    rows = [_row(campaign, found[campaign.pk], now) for campaign in page.rows]
    return render(request, "perks/ops/list.html", {"rows": rows, "page": page})


def _row(campaign: Campaign, stands: overview.Standing, now: datetime) -> Row:
    state = campaign.state_at(now)
    return Row(
        campaign=campaign,
        state=str(state.label),
        tag=TAGS.get(state.value, ""),
        left=left(campaign, stands),
        window=shown_window(campaign, now),
        next=overview.next_step(campaign, stands, now),
    )


def left(campaign: Campaign, stands: overview.Standing) -> str:
    """Return what is left of what there is: "46 of 60"."""
    total = stands.units.total or campaign.planned
    free = stands.units.free if stands.units.total else total
    return _("%(left)s of %(total)s") % {"left": whole(free), "total": whole(total)}


def found_or_404(campaign_id: int) -> Campaign:
    """Return a campaign, draft or not. Raises Http404."""
    campaigns_with_picture = Campaign.objects.select_related("picture").defer("picture__data")
    return get_object_or_404(campaigns_with_picture, pk=campaign_id)


@require_GET
@operators_only
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """One campaign: how it stands, what to look at, what can be done, and who did what when."""
    now = timezone.now()
    found = found_or_404(campaign_id)
    stands = overview.standings([found.pk])[found.pk]
    state = found.state_at(now)
    acts = found.acts.select_related("actor").order_by("-at", "-pk")[:ACTS_SHOWN]
    context = {
        "campaign": found,
        "state": state.value,
        "state_name": state.label,
        "tag": TAGS.get(state.value, ""),
        "window": shown_window(found, now),
        "standing": stands,
        "left": left(found, stands),
        "next": overview.next_step(found, stands, now),
        "warnings": overview.warnings(found, stands, now),
        "reach": people.reach(found.fits, brand=found.brand, now=now),
        "acts": [(act_said(one), moment(one.at, now)) for one in acts],
    }
    return render(request, "perks/ops/campaign.html", context)


@operators_only
@pressed("ops_perk", "campaign_id")
def act(request: HttpRequest, campaign_id: int, act: str) -> HttpResponse:
    """Publish, pause, let go on or end a campaign, or change how many there are."""
    who, now = person(request).pk, timezone.now()
    found = get_object_or_404(Campaign, pk=campaign_id)
    try:
        if act in _ACTS:
            _ACTS[act](campaign_id=found.pk, actor_id=who, now=now)
        elif act in _STOCK:
            number = _number(request)
            _STOCK[act](campaign_id=found.pk, number=number, actor_id=who, now=now)
        else:
            raise Http404(act)
    except CampaignError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _done(act))
    return redirect("ops_perk", found.pk)


def _number(request: HttpRequest) -> int:
    """Return how many more or fewer; 0, which is refused, for what is no number."""
    typed = request.POST.get("number", "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _done(act: str) -> str:
    return {
        "publish": _("Published. People see it from now on."),
        "pause": _("Paused. What is held stays held until it goes on."),
        "resume": _("It goes on. Whoever held one has the time of a hold anew."),
        "end": _("Ended. What is claimed stays with its people."),
        "more": _("There are more of them now."),
        "fewer": _("There are fewer of them now."),
    }[act]
