"""What links have to say on the pages of the score: short, with where to go."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import linking
from accounts.connectors.base import Code
from accounts.figures import clock, moment, weekday_clock
from accounts.models import HOLD, Source
from accounts.outages import networks_down
from accounts.views.facts import needs_person

State = Source.State
_ASKED_TO_WAIT = frozenset({Code.RATE_LIMITED, Code.QUOTA_EXHAUSTED})
_NO_ANSWER = "no_answer"
_NOT_READ = "not_read"  # `unread` tells of it
STALE = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class News:
    """One sentence about links. `tone` is "bad", "warn" or "info"."""

    text: str
    url: str
    tone: str


def news(sources: Iterable[Source], now: datetime) -> list[News]:
    """Return a sentence for each state that a person may want to know of, the urgent ones first.

    Healthy links are silent. A source nobody chose is only news when its account counts nothing.
    """
    sources = list(sources)
    counting = {source.grant_id for source in sources if source.selected}
    down = networks_down(sources, now=now)
    found: dict[str, list[Source]] = {}
    for source in sources:
        if source.selected or source.grant_id not in counting:
            found.setdefault(_kind(source, now, down), []).append(source)
    return [
        News(text=say(found[kind]), url=_where(kind, found[kind]), tone=tone)
        for kind, (tone, say) in _SAYINGS.items()
        if kind in found
    ]


def _kind(source: Source, now: datetime, down: Collection[tuple[str, str]]) -> str:
    """Return the state of a source, or what is said of it where a state has several reasons."""
    state = source.state_at(now, down=down)
    if state == State.SLOW and source.code not in _ASKED_TO_WAIT:
        return _NO_ANSWER if source.code == Code.TRANSIENT else _NOT_READ
    return state


def stale(sources: Iterable[Source], as_of: datetime, now: datetime) -> str:
    """Return in words how old a score of `as_of` is, or "" while it is up to date.

    A score is written every day, so its own age tells of our outages only.
    """
    said = unread(sources, now)
    if not said and now - as_of > STALE:
        said = _(
            "This is as of %(time)s. Nothing newer could be counted since; a fault never lowers "
            "your score."
        ) % {"time": moment(as_of, now)}
    return said


def unread(sources: Iterable[Source], now: datetime) -> str:
    """Return since when counted sources could not be read, or "" while they are up to date.

    Archives are read once, and a paused link is meant to rest: neither grows stale.
    """
    counted = [source for source in sources if source.selected]
    late = {source: read for source in counted if (read := _old_read(source, now))}
    if not late:
        return ""
    if len(counted) == 1:
        said = _("As of %(time)s: %(networks)s could not be read since then.")
    else:
        said = ngettext(
            "As of %(time)s: %(n)s of %(all)s sources could not be read since then (%(networks)s).",
            "As of %(time)s: %(n)s of %(all)s sources could not be read, the first since then "
            "(%(networks)s).",
            len(late),
        )
    said = said % {
        "time": _time_of_week(min(late.values()), now),
        "networks": _names(list(late)),
        "n": len(late),
        "all": len(counted),
    }
    return f"{said} {_effect(list(late))}"


def _old_read(source: Source, now: datetime) -> datetime | None:
    """Return when a source was last read, if that is too long ago."""
    if source.grant_id is None or source.paused_at or source.read_at is None:
        return None
    return source.read_at if now - source.read_at > STALE else None


def _time_of_week(at: datetime, now: datetime) -> str:
    """Return "Thursday 06:10" for a time in the last six days, else with its date."""
    here = timezone.localtime(at)
    if (timezone.localdate(now) - here.date()).days > 6:
        return moment(at, now)
    return weekday_clock(here)


def _effect(late: Sequence[Source]) -> str:
    return counts_less() if any(map(needs_person, late)) else _("Your score waits.")


def counts_less() -> str:
    """Return what becomes of a link that waits for its person."""
    return _("A link that needs you counts in full for %(days)s days and then less each day.") % {
        "days": HOLD.days
    }


def _where(kind: str, sources: Sequence[Source]) -> str:
    if kind == State.NOT_CHOSEN and sources[0].grant_id is not None:
        return reverse("choose", args=[sources[0].grant_id])
    return reverse("link", args=[sources[0].pk]) if len(sources) == 1 else reverse("links")


def _names(sources: Sequence[Source]) -> str:
    return ", ".join(dict.fromkeys(linking.name_of(source.network) for source in sources))


def _needs_you(sources: Sequence[Source]) -> str:
    return ngettext("%(n)s link needs you", "%(n)s links need you", len(sources)) % {
        "n": len(sources)
    }


def _not_chosen(sources: Sequence[Source]) -> str:
    return _("Choose what counts on %(networks)s") % {"networks": _names(sources)}


def _limited(sources: Sequence[Source]) -> str:
    return _("%(networks)s lets us read only a part") % {"networks": _names(sources)}


def _slow(sources: Sequence[Source]) -> str:
    times = [source.retry_at for source in sources if source.retry_at]
    if not times:
        return _("%(networks)s asked us to wait. Nothing to do.") % {"networks": _names(sources)}
    return _("%(networks)s asked us to wait until %(time)s. Nothing to do.") % {
        "networks": _names(sources),
        "time": clock(timezone.localtime(min(times))),
    }


def _no_answer(sources: Sequence[Source]) -> str:
    return _("%(networks)s gave no answer. Your score waits.") % {"networks": _names(sources)}


def _network_down(sources: Sequence[Source]) -> str:
    return _("%(networks)s does not answer. Your score waits.") % {"networks": _names(sources)}


def _our_fault(_sources: Sequence[Source]) -> str:
    return _("Something on our side. No effect on your score.")


def _paused(sources: Sequence[Source]) -> str:
    return ngettext("You paused %(n)s link", "You paused %(n)s links", len(sources)) % {
        "n": len(sources)
    }


_SAYINGS: dict[str, tuple[str, Callable[[Sequence[Source]], str]]] = {
    State.NEEDS_YOU: ("bad", _needs_you),
    State.NOT_CHOSEN: ("warn", _not_chosen),
    State.LIMITED: ("warn", _limited),
    State.OUR_FAULT: ("info", _our_fault),
    State.NETWORK_DOWN: ("info", _network_down),
    State.SLOW: ("info", _slow),
    _NO_ANSWER: ("info", _no_answer),
    State.PAUSED: ("info", _paused),
}
