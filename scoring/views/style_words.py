"""The words of the sixteen styles: names, a sentence of our own for each, and the axes."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import figures
from scoring.engine.style import (
    MANY_TOPICS,
    MIDDLES,
    POSTS_NEEDED,
    TOPICAL_NEEDED,
    WEEKS_NEEDED,
    WINDOW_DAYS,
    Missing,
    Numbers,
)

Text = str | Promise

# A name may go on in the next line at a "|", which is not shown.
KINDS: dict[str, tuple[Text, Text]] = {
    "curator": (
        gettext_lazy("Curator"),
        gettext_lazy("Picks out of much what is worth passing on, now and then, on many subjects."),
    ),
    "broadcaster": (
        gettext_lazy("Broad|caster"),
        gettext_lazy("Speaks to everybody about many things, partly in words found elsewhere."),
    ),
    "taste-maker": (
        gettext_lazy("Taste maker"),
        gettext_lazy("Has a view on many things and puts it into words of their own."),
    ),
    "celebrity": (
        gettext_lazy("Celebrity"),
        gettext_lazy("Is heard nearly every day, on anything, and says it first."),
    ),
    "syndicator": (
        gettext_lazy("Syndi|cator"),
        gettext_lazy("Passes on what a circle with common interests is glad not to miss."),
    ),
    "feeder": (
        gettext_lazy("Feeder"),
        gettext_lazy("Keeps a steady stream of finds and thoughts going for a field."),
    ),
    "thought-leader": (
        gettext_lazy("Thought leader"),
        gettext_lazy("Writes regularly on a few subjects, and mostly from their own head."),
    ),
    "pundit": (
        gettext_lazy("Pundit"),
        gettext_lazy("Comments on what goes on, with an opinion that is their own."),
    ),
    "dabbler": (
        gettext_lazy("Dabbler"),
        gettext_lazy("Drops by, answers here, points there; the rest of life comes first."),
    ),
    "conversationalist": (
        gettext_lazy("Conver|sation|alist"),
        gettext_lazy("Likes the to and fro: a link as a beginning, and then a talk."),
    ),
    "socializer": (
        gettext_lazy("Social|izer"),
        gettext_lazy("Is where people talk, and brings something of their own along."),
    ),
    "networker": (
        gettext_lazy("Net|worker"),
        gettext_lazy("Answers much and often, and so keeps many people in touch."),
    ),
    "observer": (
        gettext_lazy("Observer"),
        gettext_lazy("Mostly reads; speaks up rarely, and then to the point."),
    ),
    "explorer": (
        gettext_lazy("Explorer"),
        gettext_lazy("Asks and follows up within a subject, and brings back what was found."),
    ),
    "activist": (
        gettext_lazy("Activist"),
        gettext_lazy("Stays with one cause and talks it over with whoever is willing."),
    ),
    "specialist": (
        gettext_lazy("Special|ist"),
        gettext_lazy("Knows one field thoroughly, and is there to answer questions about it."),
    ),
}


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its two ends, what was counted and its middle in words, where it is in percent."""

    one: str
    other: str
    counted: str
    at: str


def name(kind: str) -> str:
    """Return what a kind is called."""
    return str(KINDS[kind][0]).replace("|", "")


def breakable(kind: str) -> str:
    """Return the same for a narrow field: not every browser has a dictionary to hyphenate by."""
    return str(KINDS[kind][0]).replace("|", "\u00ad")


def meaning(kind: str) -> str:
    """Return what a kind means, as a sentence."""
    return str(KINDS[kind][1])


def axes(numbers: Numbers) -> list[Axis]:
    """Return the four axes: two across, two down."""
    own = ngettext(
        "Of %(own)s post that answers nobody, %(other)s leads nowhere else.",
        "Of %(own)s posts that answer nobody, %(other)s lead nowhere else.",
        numbers.own,
    ) % {"own": figures.whole(numbers.own), "other": figures.whole(numbers.own - numbers.links)}
    days = _("Posts on %(days)s of %(window)s days.") % {
        "days": numbers.days,
        "window": WINDOW_DAYS,
    }
    answers = ngettext(
        "Of %(posts)s post, %(answers)s answers somebody.",
        "Of %(posts)s posts, %(answers)s answer somebody.",
        numbers.posts,
    ) % {
        "posts": figures.whole(numbers.posts),
        "answers": figures.whole(numbers.posts - numbers.own),
    }
    heard = _("Who answers is counted as listening; who speaks to everybody, as participating.")
    topics = _("As broad as %(topics)s topics would be that come up equally often.") % {
        "topics": figures.decimal(numbers.topics)
    }
    return [
        _axis(_("Sharing"), _("Creating"), own, numbers, "creating", numbers.own),
        _axis(_("Casual"), _("Consistent"), days, numbers, "consistent", WINDOW_DAYS),
        _axis(
            _("Participating"),
            _("Listening"),
            f"{answers} {heard}",
            numbers,
            "listening",
            numbers.posts,
        ),
        _axis(_("Broad"), _("Focused"), topics, numbers, "focused"),
    ]


def _axis(one: str, other: str, counted: str, numbers: Numbers, end: str, of: int = -1) -> Axis:
    """Return an axis. of: how many its count can be at most; -1 for that of topics."""
    middle = MIDDLES[end] * of if of >= 0 else MANY_TOPICS ** (1 - MIDDLES[end])
    mark = _("The mark in the middle stands for %(middle)s.") % {"middle": figures.decimal(middle)}
    return Axis(one, other, f"{counted} {mark}", f"{97 * numbers.leaning(end):.1f}")


def missing(numbers: Numbers) -> list[str]:
    """Return what there is too little of to tell a style, one sentence each."""
    texts = {
        Missing.POSTS: _("%(needed)s posts in %(window)s days; there are %(has)s.")
        % {"needed": POSTS_NEEDED, "window": WINDOW_DAYS, "has": numbers.posts},
        Missing.WEEKS: _("Posts over %(needed)s weeks; so far they span %(has)s.")
        % {"needed": WEEKS_NEEDED, "has": numbers.weeks},
        Missing.TOPICS: _("%(needed)s posts of which we can tell the topic; there are %(has)s.")
        % {"needed": TOPICAL_NEEDED, "has": numbers.topical},
    }
    return [texts[what] for what in numbers.missing]
