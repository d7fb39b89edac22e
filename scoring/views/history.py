"""The score over time, as a chart, a table and files."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.views import person
from scoring import charts, words
from scoring.models import ScoreSnapshot
from scoring.views import series
from scoring.views.export import csv_file

# Value of ?range= -> (name, days or None for everything).
RANGES = {
    "30": (gettext_lazy("30 days"), 30),
    "90": (gettext_lazy("90 days"), 90),
    "365": (gettext_lazy("a year"), 365),
    "all": (gettext_lazy("all days"), None),
}
# Points of a drawing: the page stays under 30 kB. A drawing of parts holds three lines.
MOST_POINTS, MOST_POINTS_OF_PARTS = 150, 60
MOST_ROWS = 31  # of the table; more stands for whole weeks
COLUMNS = (
    "day", "score", "low", "high", "reach_score", "amplification_score", "network_score",
    "posts", "people", "sources_read", "sources", "model", "reconstructed",
)  # fmt: skip


@require_GET
def score(request: HttpRequest) -> HttpResponse:
    """Show the history over a range: the whole score, or what each part gives to it."""
    asked = request.GET.get("range", "90")
    if asked not in RANGES:
        return redirect("score")
    by_parts = request.GET.get("show") == "parts"
    snapshots = ScoreSnapshot.objects.filter(user=person(request))
    latest = snapshots.order_by("-day", "-as_of").values_list("day", "model").first()
    context: dict[str, Any] = {"asked": asked, "ranges": RANGES, "by_parts": by_parts}
    context["stored"] = latest is not None
    if latest is not None:
        end = max(timezone.now().date(), latest[0])
        start = _start(person(request).pk, latest[1], end, RANGES[asked][1])
        days = series.read(user_id=person(request).pk, model=latest[1], start=start, end=end)
        context |= _course(days, start, end, by_parts=by_parts)
    return render(request, "scoring/score.html", context)


def _start(user_id: int, model: str, end: date, length: int | None) -> date:
    """Return the first day of the range; with no length, the first stored day."""
    if length is not None:
        return end - timedelta(days=length - 1)
    first = (
        ScoreSnapshot.objects.filter(user_id=user_id, model=model)
        .order_by("day")
        .values_list("day", flat=True)
        .first()
    )
    return min(first or end, end - timedelta(days=charts.FEW_DAYS - 1))


def _course(days: list[series.Day], start: date, end: date, *, by_parts: bool) -> dict[str, Any]:
    """Return the chart of the days, their extremes and their table; nothing without a score."""
    known = series.counted(days)
    if not known:
        return {}
    draw = series.parts_chart if by_parts else series.chart
    every = 1 if len(known) <= MOST_ROWS else 7 * -(-len(known) // (7 * MOST_ROWS))
    few, apart = series.thin(days, most=MOST_POINTS_OF_PARTS if by_parts else MOST_POINTS)
    low = min(known, key=lambda day: day.score or 0.0)
    high = max(known, key=lambda day: day.score or 0.0)
    return {
        "chart": draw(few, start=start, end=end, apart=apart),
        "apart": apart,
        "few": len(known) < charts.FEW_DAYS,
        "legend": series.legend(known[-1]) if by_parts else [],
        "change": series.Change(known[0], known[-1]),
        "low": (words.decimal(low.score or 0.0), words.day_year(low.day)),
        "high": (words.decimal(high.score or 0.0), words.day_year(high.day)),
        "reconstructed": _afterwards(known),
        "gaps": (known[-1].day - known[0].day).days + 1 - len(known),
        "rows": series.table(days, every=every),
        "every": every,
    }


def _afterwards(known: list[series.Day]) -> str:
    """Return in words which days were worked out afterwards, or ""."""
    days = [day.day for day in known if day.reconstructed]
    if not days:
        return ""
    return _(
        "The dashed days, %(days)s, were worked out afterwards from the posts and reactions of "
        "those days."
    ) % {"days": words.span(days[0], days[-1])}


def _rows(user_id: int) -> Iterator[tuple[object, ...]]:
    return (
        ScoreSnapshot.objects.filter(user_id=user_id)
        .order_by("day", "model")
        .values_list(*COLUMNS)
        .iterator()
    )


@require_GET
def score_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Give every stored day as CSV."""
    return csv_file("kloutsite-score.csv", COLUMNS, _rows(person(request).pk))


@require_GET
def score_json(request: HttpRequest) -> JsonResponse:
    """Give every stored day as JSON."""
    days = [dict(zip(COLUMNS, row, strict=True)) for row in _rows(person(request).pk)]
    response = JsonResponse({"days": days})
    response.headers["Content-Disposition"] = 'attachment; filename="kloutsite-score.json"'
    return response
