"""How kinds, reasons and parts are said, and figures: the same on pages, in files and in mail."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accounts import linking
from accounts.connectors.base import Kind
from accounts.figures import (
    MINUS,
    day_month,
    day_short,
    day_year,
    decimal,
    direction,
    number,
    signed,
    span,
    weekday,
    whole,
)
from scoring.models import LedgerLine

__all__ = [
    "MINUS",
    "PARTS",
    "Facts",
    "Reason",
    "because",
    "day_month",
    "day_short",
    "day_year",
    "decimal",
    "did",
    "direction",
    "folded",
    "kind_name",
    "linkable",
    "number",
    "part_name",
    "plusk",
    "signed",
    "source_name",
    "span",
    "untitled",
    "weekday",
    "whole",
]
Reason = LedgerLine.Reason

# Field suffix -> (name, what it means). Order of the parts everywhere.
PARTS: dict[str, tuple[str | Promise, str | Promise]] = {
    "reach": (gettext_lazy("True Reach"), gettext_lazy("people who acted")),
    "amplification": (gettext_lazy("Amplification"), gettext_lazy("how far it was passed on")),
    "network": (gettext_lazy("Network Impact"), gettext_lazy("how much those people are heard")),
}


def plusk(number: float) -> str:
    """Return "12 +K", "2.4 +K" where some count less, or "" for none."""
    shown = round(float(number), 1)
    figure = whole(int(shown)) if shown.is_integer() else decimal(shown)
    return _("%(n)s +K") % {"n": figure} if shown else ""


@cache
def _part(_language: str | None, part: str) -> str:
    return str(PARTS[part][0])


def part_name(part: str) -> str:
    """Return the name of a part by its key: "True Reach"."""
    return _part(get_language(), part)


def source_name(network: str, title: str) -> str:
    """Return "Mastodon, Map Room Lisbon", or "" when no source is meant."""
    return ", ".join(word for word in (network and linking.name_of(network), title) if word)


def linkable(url: str) -> str:
    """Return an address that a page may link to, or "": networks say what they like."""
    return url if url.startswith(("https://", "http://")) else ""


def untitled() -> str:
    """Return what a post without words is called."""
    return _("A post without words")


def did(kind: str, count: int) -> str:
    """Return what was done and how often: "passed on 214 times", "1 reply"."""
    return _DID.get(kind, _reacted)(count) % {"n": whole(count)}


def _reacted(n: int) -> str:
    return ngettext("%(n)s reaction", "%(n)s reactions", n)


# Functions, so that one kind's words cost one look-up in the catalogue and not eight.
_DID: dict[str, Callable[[int], str]] = {
    Kind.LIKE: lambda n: ngettext("%(n)s like", "%(n)s likes", n),
    Kind.REPLY: lambda n: ngettext("%(n)s reply", "%(n)s replies", n),
    Kind.REPOST: lambda n: ngettext("passed on once", "passed on %(n)s times", n),
    Kind.QUOTE: lambda n: ngettext("quoted once", "quoted %(n)s times", n),
    Kind.MENTION: lambda n: ngettext("mentioned once", "mentioned %(n)s times", n),
    Kind.FOLLOW: lambda n: ngettext("%(n)s new follower", "%(n)s new followers", n),
    Kind.LIST: lambda n: ngettext("put on %(n)s list", "put on %(n)s lists", n),
}
_KIND_NAMES: dict[str, str | Promise] = {
    Kind.LIKE: gettext_lazy("Likes"),
    Kind.REPLY: gettext_lazy("Replies"),
    Kind.REPOST: gettext_lazy("Passed on"),
    Kind.QUOTE: gettext_lazy("Quotes"),
    Kind.MENTION: gettext_lazy("Mentions"),
    Kind.FOLLOW: gettext_lazy("New followers"),
    Kind.LIST: gettext_lazy("Lists"),
}


def kind_name(kind: str) -> str:
    """Return the kind as a heading: "Passed on"."""
    return str(_KIND_NAMES.get(kind, _("Reactions")))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a ledger line knows, as far as words need it."""

    reason: str
    kind: str
    count: int  # reactions; below zero when more went than came, 0 when nobody came or went
    people: int  # different known people among those who reacted; 0 = not known
    points: float
    source: str
    from_day: date | None
    to_day: date | None


def because(facts: Facts) -> str:
    """Return why points came or went: "passed on 214 times by 160 people"."""
    return _BECAUSE[Reason(facts.reason)](facts)


def folded(reason: str, lines: int) -> str:
    """Return how the small lines of one reason are called when they are shown as one."""
    form = ngettext("%(what)s: 1 smaller line", "%(what)s: %(n)s smaller lines", lines)
    return form % {"what": _FOLDED[Reason(reason)], "n": whole(lines)}


def _reactions(facts: Facts) -> str:
    what = did(facts.kind, facts.count)
    if not facts.count:
        return _now_known(facts)
    if not facts.people:
        return what
    if facts.people == facts.count:
        by = ngettext("%(what)s by %(n)s person", "%(what)s by %(n)s people", facts.people)
    else:  # the rest are only counted by the network, or somebody acted more than once
        by = ngettext(
            "%(what)s, %(n)s person named by the network",
            "%(what)s, %(n)s people named by the network",
            facts.people,
        )
    return by % {"what": what, "n": whole(facts.people)}


def _corrected(facts: Facts) -> str:
    if not facts.count:
        return _now_known(facts)
    what = did(facts.kind, abs(facts.count))
    return _("the network no longer shows: %(what)s") % {"what": what}


def _now_known(facts: Facts) -> str:
    """Say why points moved though no reaction came or went: counted strangers got a name."""
    if not facts.people:
        return _("the network counts other people than before")
    if facts.points < 0:
        form = ngettext(
            "%(who)s is now named by the network and counts for less than a stranger",
            "%(who)s are now named by the network and count for less than strangers",
            facts.people,
        )
    else:
        form = ngettext(
            "%(who)s is now named by the network and counts for more than a stranger",
            "%(who)s are now named by the network and count for more than strangers",
            facts.people,
        )
    say = _WHO.get(facts.kind, _who_reacted)
    return form % {"who": say(facts.people) % {"n": whole(facts.people)}}


def _who_reacted(n: int) -> str:
    return ngettext("%(n)s person who reacted", "%(n)s people who reacted", n)


_WHO: dict[str, Callable[[int], str]] = {
    Kind.LIKE: lambda n: ngettext("%(n)s person who liked it", "%(n)s people who liked it", n),
    Kind.REPLY: lambda n: ngettext("%(n)s person who replied", "%(n)s people who replied", n),
    Kind.REPOST: lambda n: ngettext(
        "%(n)s person who passed it on", "%(n)s people who passed it on", n
    ),
    Kind.QUOTE: lambda n: ngettext("%(n)s person who quoted it", "%(n)s people who quoted it", n),
    Kind.MENTION: lambda n: ngettext(
        "%(n)s person who mentioned you", "%(n)s people who mentioned you", n
    ),
    Kind.FOLLOW: lambda n: ngettext(
        "%(n)s person who follows you", "%(n)s people who follow you", n
    ),
    Kind.LIST: lambda n: ngettext(
        "%(n)s person who put you on a list", "%(n)s people who put you on a list", n
    ),
}


def _faded(facts: Facts) -> str:
    if facts.from_day is None or facts.to_day is None:
        return _("older reactions count less each day")
    days = span(facts.from_day, facts.to_day)
    return _("reactions of %(days)s grew older or left the 90 days") % {"days": days}


def _unread(facts: Facts) -> str:
    # In the past tense: the line stands for days on which this was so, whatever came after.
    source = facts.source or _("A source")
    if facts.points < 0:
        return _("%(source)s needed you and could not be read: its part faded") % {"source": source}
    return _(
        "%(source)s could be read again, or was proven to be yours: its part counts in full"
    ) % {"source": source}


def _influence(facts: Facts) -> str:
    if facts.points < 0:
        return _("people who acted on your posts are less heard than before")
    return _("people who acted on your posts are heard more than before")


def _linked(facts: Facts) -> str:
    return _("%(source)s began to count") % {"source": facts.source or _("A source")}


def _unlinked(facts: Facts) -> str:
    return _("%(source)s stopped counting") % {"source": facts.source or _("A source")}


def _ceiling(_facts: Facts) -> str:
    return _("one part stands at its end of 100 and cannot go further")


def _model(_facts: Facts) -> str:
    return _("we changed how we count; this part is ours and not yours")


_BECAUSE: dict[LedgerLine.Reason, Callable[[Facts], str]] = {
    Reason.REACTIONS: _reactions,
    Reason.CORRECTED: _corrected,
    Reason.FADED: _faded,
    Reason.UNREAD: _unread,
    Reason.INFLUENCE: _influence,
    Reason.LINKED: _linked,
    Reason.UNLINKED: _unlinked,
    Reason.CEILING: _ceiling,
    Reason.MODEL: _model,
}
_FOLDED: dict[LedgerLine.Reason, str | Promise] = {
    Reason.REACTIONS: gettext_lazy("Reactions"),
    Reason.CORRECTED: gettext_lazy("Corrections by networks"),
    Reason.FADED: gettext_lazy("Reactions that grew older"),
    Reason.UNREAD: gettext_lazy("Sources that could not be read, or can be again"),
    Reason.INFLUENCE: gettext_lazy("Changes of how much people are heard"),
    Reason.LINKED: gettext_lazy("Sources that began to count"),
    Reason.UNLINKED: gettext_lazy("Sources that stopped counting"),
    Reason.CEILING: gettext_lazy("Parts at their end of 100"),
    Reason.MODEL: gettext_lazy("Changes of how we count"),
}
