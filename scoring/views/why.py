"""Why the score moved between two days: every line is something that was counted."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.views import person
from scoring import words
from scoring.explain import lines_between
from scoring.models import LedgerLine, ScoreSnapshot
from scoring.views import cards, series
from scoring.views.export import csv_file
from scoring.views.span import BadDays, Counted, Span, asked

QUICK = (1, 7, 30, 90)  # days, as offered beside the pickers
COLUMNS = (
    "day", "reason", "text", "source", "post", "url", "kind", "count", "people",
    "points", "points_reach", "points_amplification", "points_network", "model",
)  # fmt: skip


@require_GET
def why(request: HttpRequest) -> HttpResponse:
    """Show the lines between two days; they sum to the change of the shown score."""
    counted = counted_days(person(request).pk)
    if counted is None:
        return render(request, "scoring/why.html", {"counted": None})
    try:
        span = asked(request.GET, counted)
    except BadDays as bad:
        context = {"counted": counted, "quick": _quick(counted), "bad": bad, "span": bad.nearest}
        return render(request, "scoring/why.html", context, status=400)
    if span.start == span.end:
        context = _first_day(person(request).pk, counted)
    else:
        context = _explained(person(request).pk, counted, span)
    return render(request, "scoring/why.html", context)


@require_GET
def why_csv(request: HttpRequest) -> HttpResponseBase:
    """Give every stored line between two days as CSV; bad days are explained on the page."""
    counted = counted_days(person(request).pk)
    if counted is None:
        return redirect("why")
    try:
        span = asked(request.GET, counted)
    except BadDays:
        return redirect(f"{reverse('why')}?{request.GET.urlencode()}")
    start, end = (score_on(person(request).pk, counted, day) for day in (span.start, span.end))
    lines = lines_between(
        user_id=person(request).pk, model=counted.model, after=start.day, until=end.day
    )
    name = f"kloutsite-why-{start.day}-{end.day}.csv"
    return csv_file(name, COLUMNS, map(_row, lines.order_by("day", "pk").iterator()))


def _quick(counted: Counted) -> list[tuple[int, Span]]:
    """Return spans that end on the last counted day, by their days."""
    spans = [(days, Span(counted.last - timedelta(days=days), counted.last)) for days in QUICK]
    return [(days, span) for days, span in spans if span.start >= counted.first]


def counted_days(user_id: int) -> Counted | None:
    """Return which days of a person have a score, or None. Two queries."""
    scored = ScoreSnapshot.objects.filter(user_id=user_id, score__isnull=False)
    last = scored.order_by("-day", "-as_of").values_list("model", *series.Day._fields).first()
    if last is None:
        return None
    model, *newest = last
    days = scored.filter(model=model).order_by("day").values_list(*series.Day._fields)
    return Counted(series.Day._make(days[:1].get()), series.Day._make(newest), model)


def score_on(user_id: int, counted: Counted, day: date) -> series.Day:
    """Return the last counted day on or before `day`."""
    for known in (counted.oldest, counted.newest):
        if day == known.day:
            return known
    days = ScoreSnapshot.objects.filter(
        user_id=user_id, model=counted.model, score__isnull=False, day__lte=day
    )
    return series.Day._make(days.order_by("-day").values_list(*series.Day._fields)[:1].get())


def _explained(user_id: int, counted: Counted, span: Span) -> dict[str, Any]:
    start, end = (score_on(user_id, counted, day) for day in (span.start, span.end))
    change, lines = series.explained(user_id=user_id, model=counted.model, start=start, end=end)
    return {
        "counted": counted,
        "quick": _quick(counted),
        "span": span,
        "change": change,
        "before": words.decimal(start.score or 0.0, change.places),
        "after": words.decimal(end.score or 0.0, change.places),
        "uncounted": _uncounted(span, start.day, end.day),
        "lines": lines,
        "stored": sum(line.lines for line in lines),
        "ours": any(line.reason == LedgerLine.Reason.MODEL for line in lines),
        "reconstructed": start.reconstructed or end.reconstructed,
    }


def _uncounted(span: Span, start: date, end: date) -> str:
    """Say which day stands in for a day without a score, or ""."""
    return " ".join(
        _("There is no score for %(day)s; %(other)s is the last one before it.")
        % {"day": words.day_month(day), "other": words.day_month(other)}
        for day, other in ((span.start, start), (span.end, end))
        if day != other
    )


def _first_day(user_id: int, counted: Counted) -> dict[str, Any]:
    """Return what the first score is made of: there is nothing before it to compare it with."""
    snapshot = ScoreSnapshot.objects.get(user_id=user_id, model=counted.model, day=counted.first)
    return {
        "counted": counted,
        "quick": _quick(counted),
        "span": counted.usual,
        "first_day": words.day_year(counted.first),
        "card": cards.card(snapshot),
        **cards.made_of(snapshot),
    }


def _row(line: LedgerLine) -> tuple[object, ...]:
    """Return a stored line as a row of the file, with the words of the page."""
    facts = words.Facts(
        reason=line.reason,
        kind=line.kind,
        count=line.count,
        people=line.people,
        points=line.points,
        source=line.source_title,
        from_day=line.from_day,
        to_day=line.to_day,
    )
    return (
        line.day,
        line.reason,
        words.because(facts),
        words.source_name(line.source_network, line.source_title),
        line.post_title,
        words.linkable(line.post_url),
        line.kind,
        line.count,
        line.people,
        line.points,
        line.points_reach,
        line.points_amplification,
        line.points_network,
        line.model,
    )
