"""What links have to say on the pages of the score: short, with where to go."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import linking
from accounts.models import Source
from accounts.views.facts import HOLDS, moment

State = Source.State
STALE = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class News:
    """One sentence about links. `tone` is "bad", "warn" or "info"."""

    text: str
    url: str
    tone: str


def news(sources: Iterable[Source]) -> list[News]:
    """Return a sentence for each state that a person may want to know of, the urgent ones first.

    Healthy links are silent. A source nobody chose is only news when its account counts nothing.
    """
    sources = list(sources)
    counting = {source.grant_id for source in sources if source.selected}
    found: dict[Source.State, list[Source]] = {}
    for source in sources:
        if source.selected or source.grant_id not in counting:
            found.setdefault(source.state, []).append(source)
    return [
        News(text=say(found[state]), url=_where(state, found[state]), tone=tone)
        for state, (tone, say) in _SAYINGS.items()
        if state in found
    ]


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
    return format_date(here, "l H:i")


def _effect(late: Sequence[Source]) -> str:
    if any(source.state == State.NEEDS_YOU for source in late):
        return _(
            "A link that needs you counts in full for %(days)s days and then less each day."
        ) % {"days": HOLDS.days}
    return _("Your score waits.")


def _where(state: Source.State, sources: Sequence[Source]) -> str:
    if state == State.NOT_CHOSEN and sources[0].grant_id is not None:
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
        "time": format_date(timezone.localtime(min(times)), "H:i"),
    }


def _network_down(sources: Sequence[Source]) -> str:
    return _("%(networks)s does not answer. Your score waits.") % {"networks": _names(sources)}


def _our_fault(_sources: Sequence[Source]) -> str:
    return _("Something on our side. No effect on your score.")


def _paused(sources: Sequence[Source]) -> str:
    return ngettext("You paused %(n)s link", "You paused %(n)s links", len(sources)) % {
        "n": len(sources)
    }


_SAYINGS: dict[Source.State, tuple[str, Callable[[Sequence[Source]], str]]] = {
    State.NEEDS_YOU: ("bad", _needs_you),
    State.NOT_CHOSEN: ("warn", _not_chosen),
    State.LIMITED: ("warn", _limited),
    State.OUR_FAULT: ("info", _our_fault),
    State.NETWORK_DOWN: ("info", _network_down),
    State.SLOW: ("info", _slow),
    State.PAUSED: ("info", _paused),
}
