"""What a campaign returned: for operators with a chart and files, for the brand in few numbers."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.figures import day_short, day_year, decimal, whole
from accounts.linking import name_of
from accounts.views import person, pressed
from accounts.views.ops import operators_only
from perks import exporting, returned
from perks.acts import note
from perks.models import Campaign
from perks.returned import Day, Returned
from scoring import charts
from scoring.views.export import csv_file

LONGEST_TABLE = 31  # rows; the file holds every day


@require_GET
@operators_only
def report(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show what a campaign returned, by day and altogether, and the address for the brand."""
    now = timezone.now()
    found = get_object_or_404(Campaign, pk=campaign_id)
    got = returned.returned(found)
    context = {
        "campaign": found,
        "got": got,
        "totals": _totals(got, whole),
        "chart": _chart(got.days, now.date()) if got.days else None,
        "legend": _legend(),
        "days": [(day_short(one.day), one) for one in reversed(got.days[-LONGEST_TABLE:])],
        "more_days": len(got.days) > LONGEST_TABLE,
        "posts": [(day_year(one.day), name_of(one.network), one) for one in got.posts],
        "address": _address(request, found),
        "until": _until(found),
    }
    return render(request, "perks/ops/report.html", context)


@require_GET
@login_not_required
def for_brand(request: HttpRequest, secret: str) -> HttpResponse:
    """Show a brand what its campaign returned: no names, and of few people not how many."""
    found = returned.report_of(secret, timezone.now())
    if found is None:
        raise Http404(_("This report has ended, or never was."))
    got = returned.returned(found)
    context = {
        "campaign": found,
        "totals": _totals(got, _few),
        "until": _until(found),
        "words": got.words if got.said >= returned.FEWEST else (),
    }
    response = render(request, "perks/ops/for_brand.html", context)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@operators_only
@pressed("ops_perk_report", "campaign_id")
def address(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Make an address of the report for the brand, or end the one there is."""
    found = get_object_or_404(Campaign, pk=campaign_id, published_at__isnull=False)
    who, now = person(request).pk, timezone.now()
    if "end" in request.POST:
        returned.close_report(campaign_id=found.pk, actor_id=who, now=now)
        messages.success(request, _("The address of the report has ended."))
    else:
        replaces = returned.open_report(campaign_id=found.pk, actor_id=who, now=now)
        if replaces:
            messages.success(request, _("There is a new address. The one of before has ended."))
        else:
            messages.success(request, _("There is an address now. Give it to the brand."))
    return redirect("ops_perk_report", found.pk)


@require_GET
@operators_only
def days_csv(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Give every day with its numbers as a file."""
    found = get_object_or_404(Campaign, pk=campaign_id)
    rows = (
        (one.day, one.seen, one.opened, one.claimed, one.redeemed)
        for one in returned.returned(found).days
    )
    columns = ("day", "seen", "opened", "claimed", "redeemed")
    return csv_file(f"{found.slug}-days.csv", columns, rows)


@operators_only
@pressed("ops_perk_report", "campaign_id")
def claims_csv(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    """Give every claim as a file: of its person what the campaign said the brand gets to know."""
    found = get_object_or_404(Campaign, pk=campaign_id)
    note(found, person(request).pk, "export", timezone.now(), learns=found.learns)
    rows: Iterator[tuple[object, ...]] = exporting.rows(found)
    response = csv_file(f"{found.slug}-claims.csv", exporting.columns(found), rows)
    response.headers["Cache-Control"] = "no-store"
    return response


def _totals(got: Returned, say: Any) -> list[tuple[str, str]]:
    """Return name -> number of what a campaign returned, each number as `say` says it."""
    reactions = sum(one.reactions for one in got.posts)
    reached = sum(one.reached for one in got.posts)
    # Of few posts the exact numbers would lead to the post, and so to who wrote it.
    several = say(len(got.posts)) == whole(len(got.posts))
    stars = _("%(stars)s of 5") % {"stars": decimal(got.stars)} if got.stars is not None else "–"
    return [
        (_("People who saw it in the list"), say(got.seen)),
        (_("People who opened it"), say(got.opened)),
        (_("Claimed"), say(got.claimed)),
        (_("Said to be used"), say(got.redeemed)),
        (_("Said what they think of it"), say(got.said)),
        (_("Stars on average"), stars if say(got.said) == whole(got.said) else "–"),
        (_("Posts that people named of their own accord"), say(len(got.posts))),
        (_("Reactions to these posts"), say(reactions) if several else "–"),
        (_("People known to have reacted"), say(reached) if several else "–"),
    ]


def _few(number: int) -> str:
    """Return a number, or that it is small: of few people one could guess who they are."""
    if 0 < number < returned.FEWEST:
        return _("fewer than %(number)s") % {"number": returned.FEWEST}
    return whole(number)


def _chart(days: tuple[Day, ...], today: date) -> charts.Chart:
    """Draw what happened each day. A day without anything is 0, not a gap.

    It begins a day before anything happened: of a single day nothing could be drawn.
    """
    by_day = {one.day: one for one in days}
    first = days[0].day - timedelta(days=1)
    last = max(days[-1].day, min(today, days[0].day + timedelta(days=6)))
    every = [first + timedelta(days=at) for at in range((last - first).days + 1)]
    rows = [by_day.get(day, Day(day)) for day in every]
    values = (
        [float(one.seen) for one in rows],
        [float(one.opened) for one in rows],
        [float(one.claimed) for one in rows],
        [float(one.redeemed) for one in rows],
    )
    return charts.line_chart(
        days=every,
        series=[
            charts.Series(name, line, tone, mark)
            for (tone, mark, name), line in zip(_legend(), values, strict=True)
        ],
        reconstructed=[False] * len(every),
        say=[_said(one) for one in rows],
        start=first,
        end=last,
        summary=_("What happened each day from %(first)s to %(last)s.")
        % {"first": day_year(first), "last": day_year(last)},
        highest=None,
    )


def _legend() -> list[tuple[int, str, str]]:
    return charts.told_apart([_("Seen"), _("Opened"), _("Claimed"), _("Said to be used")])


def _said(one: Day) -> str:
    return _(
        "%(day)s: seen by %(seen)s, opened by %(opened)s, claimed %(claimed)s, used %(redeemed)s"
    ) % {
        "day": day_year(one.day),
        "seen": whole(one.seen),
        "opened": whole(one.opened),
        "claimed": whole(one.claimed),
        "redeemed": whole(one.redeemed),
    }


def _address(request: HttpRequest, found: Campaign) -> str:
    if not found.report_secret or returned.ends_at(found) <= timezone.now():
        return ""
    return request.build_absolute_uri(reverse("perk_report", args=[found.report_secret]))


def _until(found: Campaign) -> str:
    ends: datetime = returned.ends_at(found).astimezone(ZoneInfo(found.time_zone))
    return day_year(ends.date())
