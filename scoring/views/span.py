"""Which two days a person wants compared, and what to say when they cannot be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.http import urlencode
from django.utils.translation import gettext as _

from scoring import words
from scoring.views.series import Day

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Span:
    """Two days to compare."""

    start: date
    end: date

    @property
    def query(self) -> str:
        """The span as a query string."""
        return urlencode({"from": self.start.isoformat(), "to": self.end.isoformat()})

    @property
    def text(self) -> str:
        """The span in words: "14 to 21 November"."""
        return words.span(self.start, self.end)

    @property
    def short(self) -> str:
        """The span in short words: "14 to 21 Nov"."""
        return words.span(self.start, self.end, short=True)


class BadDays(ValueError):
    """Days that cannot be compared. The text says why; `nearest` can be."""

    def __init__(self, message: str, nearest: Span) -> None:
        super().__init__(message)
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Counted:
    """First and last day that have a score, and the model they were counted with."""

    oldest: Day
    newest: Day
    model: str

    @property
    def first(self) -> date:
        """The first of these days."""
        return self.oldest.day

    @property
    def last(self) -> date:
        """The last of these days."""
        return self.newest.day

    @property
    def usual(self) -> Span:
        """The last seven days, or what there is of them."""
        return Span(max(self.first, self.last - WEEK), self.last)


def asked(query: Mapping[str, str], counted: Counted) -> Span:
    """Return the days a query asks for, or the last seven.

    An end without a start is compared with seven days before it, or with the first counted day.
    The first counted day as such an end, or any query when there is no other day, returns it as
    both ends: there is nothing before it to compare with.

    Raises BadDays when they are no days, in the wrong order, the same, or outside of what is
    counted.
    """
    if counted.first == counted.last:
        return counted.usual
    end = _day(query.get("to", ""), counted) or counted.last
    latest = min(max(end, counted.first), counted.last)
    asked_start = _day(query.get("from", ""), counted)
    if asked_start is None and end == counted.first:
        return Span(end, end)
    start = asked_start or max(counted.first, latest - WEEK)
    if min(start, end) < counted.first:
        day = words.day_year(counted.first)
        message = _("Your first counted day is %(day)s.") % {"day": day}
    elif max(start, end) > counted.last:
        day = words.day_year(counted.last)
        message = _("Your last counted day is %(day)s.") % {"day": day}
    elif start > end:
        message = _("The first of these days is after the second.")
    elif start == end and not query.get("to", "").strip():
        day = words.day_year(end)
        message = _("%(day)s is your last counted day: nothing after it to compare with.") % {
            "day": day
        }
    elif start == end:
        message = _("Both days are the same. A change needs two days.")
    else:
        return Span(start, end)
    raise BadDays(message, _nearest(start, end, counted))


def _day(text: str, counted: Counted) -> date | None:
    """Return a day, or None for none. Raises BadDays."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        message = _("“%(text)s” is not a day we can read. Write it like %(day)s.") % {
            "text": text[:40],
            "day": counted.last.isoformat(),
        }
        raise BadDays(message, counted.usual) from error


def _nearest(start: date, end: date, counted: Counted) -> Span:
    """Return the nearest span within what is counted."""
    first, last = sorted((start, end))
    first, last = max(first, counted.first), min(last, counted.last)
    if first == last and first > counted.first:
        first -= timedelta(days=1)
    return Span(first, last) if first < last else counted.usual
