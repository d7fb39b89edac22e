"""Why a score changed between two days: stored ledger lines, grouped, rounded, put into words.

Every surface (page, file, mail, API) takes its lines from here, so that all of them tell the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import QuerySet

from accounts.connectors.base import Kind
from scoring import sums, words
from scoring.engine import shown
from scoring.models import LedgerLine
from scoring.sums import Group, Stretch, Whole

FEW = 5  # named lines; where tenths leave fewer and fold others, hundredths tell more
# Nobody does these twice to one thing, so people of several days may be added up.
ONCE = frozenset({Kind.LIKE, Kind.REPOST, Kind.FOLLOW, Kind.LIST})


@dataclass(frozen=True, slots=True)
class Line:
    """One reason for a change. `points` is exact, `shown` has `places` decimals.

    Words are made when they are asked for: most lines of a score are never shown.
    """

    reason: str
    first: date
    last: date
    points: float
    lines: int  # stored lines behind this one
    facts: words.Facts | None = None  # None: smaller lines that were folded into this one
    title: str = ""  # the post, in its own words; "" where the line is not about a post
    url: str = ""  # of the post; "" when it is gone or has none
    gone: bool = False  # the post was deleted since
    network: str = ""
    part: str = ""  # key of words.PARTS with most of the points; "" for folded lines
    shown: float = 0.0
    places: int = 1

    @property
    def text(self) -> str:
        """Why the points came or went; a whole sentence where there is no title before it."""
        if self.facts is None:
            return words.folded(self.reason, self.lines)
        text = words.because(self.facts)
        return text if self.title else text[:1].upper() + text[1:]

    @property
    def where(self) -> str:
        """Source and part: "Mastodon, Map Room Lisbon · Amplification"; "" for folded lines."""
        if self.facts is None:
            return ""
        source = words.source_name(self.network, self.facts.source)
        return " · ".join(word for word in (source, words.part_name(self.part)) if word)

    @property
    def days(self) -> str:
        """The day or days of the line: "14 Nov" or "14 to 17 Nov"."""
        return words.span(self.first, self.last, short=True)

    @property
    def figure(self) -> str:
        """The shown points with their sign."""
        return words.signed(self.shown, self.places)

    @property
    def direction(self) -> str:
        """Which way the points went: "up", "down" or ""."""
        return words.direction(self.shown, self.places)


def lines_between(*, user_id: int, model: str, after: date, until: date) -> "QuerySet[LedgerLine]":
    """Return the stored lines of a person with after < day <= until."""
    return LedgerLine.objects.filter(user_id=user_id, model=model, day__gt=after, day__lte=until)


def explain(
    *, user_id: int, model: str, after: date, until: date, changes: tuple[float, float]
) -> list[Line]:
    """Return why the score moved from `after` to `until`, largest first.

    `changes` are the differences of the two scores as shown in tenths and in hundredths; the
    `shown` points of the lines sum to one of them exactly, and `places` says to which: to
    hundredths where tenths would hide most of the reasons. One line per reason, source, post and
    kind; all but the largest 40 of these, and those that would show nothing, are folded into one
    line per reason at the end.
    """
    listed, rest = _stored((user_id, model, after, until))
    lines = fold(listed, rest, change=changes[0])
    named = sum(line.facts is not None for line in lines)
    if named >= FEW or named == len(lines):
        return lines
    return fold(listed, rest, change=changes[1], places=2)


def _stored(stretch: Stretch) -> tuple[list[Line], list[Line]]:
    """Return the largest lines one by one, and the rest as one line per reason."""
    wholes = sums.wholes(stretch)
    groups = sums.largest(stretch, of=sum(whole.lines for whole in wholes))
    listed = [_line(group) for group in groups]
    return listed, _rest(wholes, listed)


def fold(
    listed: Sequence[Line], rest: Sequence[Line], *, change: float, places: int = 1
) -> list[Line]:
    """Round all lines so that they sum to `change`, and fold those that come out as nothing.

    `rest` holds at most one folded line per reason; small lines of `listed` join them. A small line
    that is the only one of its reason keeps its words. Folded and small lines stand at the end.
    """
    small = {line.reason: line for line in rest}
    least = 0.5 / 10**places  # points; less shows as nothing
    kept = _large(listed, [line.points for line in listed], small, least)
    while True:
        lines = [*kept, *small.values()]
        figures = shown([line.points for line in lines], decimals=places, total=change)
        still = _large(kept, figures[: len(kept)], small, least)
        if len(still) == len(kept):
            break
        kept = still
    rounded = [
        replace(line, shown=one, places=places) for line, one in zip(lines, figures, strict=True)
    ]
    return _largest_first(rounded[: len(kept)]) + _largest_first(rounded[len(kept) :])


def _largest_first(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: -abs(line.shown))


def _large(
    lines: Sequence[Line], figures: Sequence[float], small: dict[str, Line], least: float
) -> list[Line]:
    """Return the lines with at least `least` points by `figures`; the others go into `small`."""
    large = []
    for line, figure in zip(lines, figures, strict=True):
        if abs(figure) >= least:
            large.append(line)
        elif line.reason in small:
            small[line.reason] = _together(line, small[line.reason])
        else:
            small[line.reason] = line
    return large


def _together(one: Line, other: Line) -> Line:
    """Return two lines of one reason as one."""
    return Line(
        reason=one.reason,
        first=min(one.first, other.first),
        last=max(one.last, other.last),
        points=one.points + other.points,
        lines=one.lines + other.lines,
    )


def _day(value: date | str) -> date:
    """Return a day; SQLite gives the first of days as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def _line(group: Group) -> Line:
    gone = bool(group.title) and group.post_id is None
    facts = words.Facts(
        reason=group.reason,
        kind=group.kind,
        count=group.acts,
        people=group.actors if group.lines == 1 or group.kind in ONCE else 0,
        points=group.points,
        source=group.source_title,
        from_day=_day(group.since) if group.since else None,
        to_day=_day(group.until) if group.until else None,
    )
    return Line(
        reason=group.reason,
        first=_day(group.first),
        last=_day(group.last),
        points=group.points,
        lines=group.lines,
        facts=facts,
        title=_title(group),
        url="" if gone else words.linkable(group.url),
        gone=gone,
        network=group.source_network,
        part=max(words.PARTS, key=lambda part: abs(getattr(group, part))),
    )


def _title(group: Group) -> str:
    """Return the words of the post, a stand-in for a post without words, or "" without a post."""
    title = group.title.rstrip(".:")  # a colon follows
    return title or (words.untitled() if group.post_id is not None else "")


def _rest(wholes: Iterable[Whole], listed: Iterable[Line]) -> list[Line]:
    """Return one folded line per reason for whatever is not in `listed`."""
    points: dict[str, float] = defaultdict(float)
    lines: Counter[str] = Counter()
    for line in listed:
        points[line.reason] += line.points
        lines[line.reason] += line.lines
    return [
        Line(reason, _day(first), _day(last), total - points[reason], many - lines[reason])
        for reason, total, many, first, last in wholes
        if many > lines[reason]
    ]
