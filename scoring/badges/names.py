"""The words of badges: their names, what a level took, how it is counted, what is missing."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts import figures
from scoring.engine.badges import BADGES, EARLY, NEWCOMER_FOR

_Counted = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Words:
    """How a badge is spoken of.

    took: what a level took, of a number. more: what is missing, of a number. counted: how exactly.
    Texts of numbers hold %(n)s.
    """

    name: str | Promise
    took: _Counted
    more: _Counted
    counted: str | Promise


_OF_COUNTS = gettext_lazy(
    "Whoever a network names counts once. Where it tells only a number, as many count as one post "
    "had at most: so many there are at least."
)
_OF_SUMS = gettext_lazy("As the networks count them, over all posts that are held here.")

WORDS: dict[str, Words] = {
    "people": Words(
        gettext_lazy("Full house"),
        lambda n: ngettext(
            "%(n)s person reacted to the posts.", "%(n)s different people reacted to the posts.", n
        ),
        lambda n: ngettext("%(n)s more person", "%(n)s more people", n),
        _OF_COUNTS,
    ),
    "likes": Words(
        gettext_lazy("Well liked"),
        lambda n: ngettext("The posts got %(n)s like.", "The posts got %(n)s likes.", n),
        lambda n: ngettext("%(n)s more like", "%(n)s more likes", n),
        _OF_SUMS,
    ),
    "comments": Words(
        gettext_lazy("Talk of the town"),
        lambda n: ngettext("The posts got %(n)s comment.", "The posts got %(n)s comments.", n),
        lambda n: ngettext("%(n)s more comment", "%(n)s more comments", n),
        _OF_SUMS,
    ),
    "reposts": Words(
        pgettext_lazy("badge", "Passed on"),
        lambda n: ngettext(
            "The posts were passed on %(n)s time.", "The posts were passed on %(n)s times.", n
        ),
        lambda n: ngettext("%(n)s more repost or quote", "%(n)s more reposts or quotes", n),
        _OF_SUMS,
    ),
    "reposters": Words(
        gettext_lazy("Many hands"),
        lambda n: ngettext(
            "%(n)s person passed posts on.", "%(n)s different people passed posts on.", n
        ),
        lambda n: ngettext("%(n)s more person who passes on", "%(n)s more people who pass on", n),
        _OF_COUNTS,
    ),
    "lists": Words(
        gettext_lazy("On the list"),
        lambda n: ngettext("Stands on %(n)s list.", "Stands on %(n)s lists of other people.", n),
        lambda n: ngettext("%(n)s more list", "%(n)s more lists", n),
        gettext_lazy("As networks count them for an account; few tell a site, X among them."),
    ),
    "one-post": Words(
        gettext_lazy("Stone in the water"),
        lambda n: ngettext(
            "A single post moved %(n)s person.", "A single post moved %(n)s people.", n
        ),
        lambda n: ngettext(
            "%(n)s more person moved by one post", "%(n)s more people moved by one post", n
        ),
        gettext_lazy("People who are named under the post, or its likes or reposts if more."),
    ),
    "topics": Words(
        gettext_lazy("Open book"),
        lambda n: ngettext("Known for %(n)s topic.", "Known for %(n)s topics at a time.", n),
        lambda n: ngettext("%(n)s more topic", "%(n)s more topics", n),
        gettext_lazy("Topics that posts prove. Those that are only added or hidden do not count."),
    ),
    "plusk-received": Words(
        gettext_lazy("Thanked"),
        lambda n: ngettext("Received %(n)s +K.", "Received %(n)s +K.", n),
        lambda n: ngettext("%(n)s more +K", "%(n)s more +K", n),
        gettext_lazy(
            "+K that counts, each by its weight; what is left of a whole one is not counted."
        ),
    ),
    "plusk-given": Words(
        gettext_lazy("Open hand"),
        lambda n: ngettext("Gave %(n)s +K.", "Gave %(n)s +K.", n),
        lambda n: ngettext("%(n)s more +K to give", "%(n)s more +K to give", n),
        gettext_lazy("What was taken back does not count."),
    ),
    "newcomers": Words(
        gettext_lazy("First friend"),
        lambda n: ngettext(
            "Helped %(n)s newcomer, who said so with +K.",
            "Helped %(n)s newcomers, who said so with +K.",
            n,
        ),
        lambda n: ngettext("%(n)s more newcomer", "%(n)s more newcomers", n),
        gettext_lazy("People who gave +K that counts within their first %(days)s days here."),
    ),
    "networks": Words(
        gettext_lazy("Bridges"),
        lambda n: ngettext(
            "Linked accounts of %(n)s network.", "Linked accounts of %(n)s networks.", n
        ),
        lambda n: ngettext("%(n)s more network", "%(n)s more networks", n),
        gettext_lazy("Accounts that count at the same time, each proven."),
    ),
    "history": Words(
        gettext_lazy("Year rings"),
        lambda n: ngettext(
            "%(n)s day from the first score on.", "%(n)s days from the first score on.", n
        ),
        lambda n: ngettext("%(n)s more day", "%(n)s more days", n),
        gettext_lazy(
            "From the first score that was seen; days that were worked out afterwards do not count."
        ),
    ),
    "early": Words(
        gettext_lazy("Early light"),
        lambda _n: _("One of the first %(people)s people here."),
        lambda _n: "",
        gettext_lazy("Of those who are here still, by when they joined."),
    ),
}
_NAMED = {"people": str(EARLY), "days": str(NEWCOMER_FOR.days)}


def name(slug: str) -> str:
    """Return what a badge is called."""
    return str(WORDS[slug].name)


def titled(code: str) -> str:
    """Return "Well liked, 100" of "likes:100", and what is no code of a badge as it is."""
    slug, _colon, level = code.partition(":")
    if slug not in WORDS or not level.isdecimal():
        return code
    if len(BADGES[slug].levels) == 1:
        return name(slug)
    return _("%(badge)s, %(level)s") % {"badge": name(slug), "level": figures.whole(int(level))}


def took(slug: str, level: int) -> str:
    """Return what a level took, as a sentence."""
    return WORDS[slug].took(level) % {"n": figures.whole(level), **_NAMED}


def more(slug: str, missing: int) -> str:
    """Return what is still missing: "34 more people"."""
    return capfirst(WORDS[slug].more(missing) % {"n": figures.whole(missing)})


def counted(slug: str) -> str:
    """Return how the badge is counted, as a sentence."""
    return str(WORDS[slug].counted) % _NAMED
