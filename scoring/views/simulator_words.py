"""How estimates are said: from and to, how sure, until when, and through which part."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoring import words
from scoring.engine import shown
from scoring.engine.simulate import Beyond, Lever, Outcome
from scoring.engine.supposed import Known
from scoring.views.series import difference


@dataclass(frozen=True, slots=True)
class Part:
    """What a change brings through one part of the score."""

    name: str
    figure: str
    direction: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An outcome as it is read. low is "" where the range is no wider than the number."""

    before: str
    score: str
    low: str
    high: str
    figure: str
    direction: str
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a wanted score; `why_not` says why it does not lead there, "" where it does."""

    text: str
    answer: Answer
    when: str
    why_not: str
    query: str  # shows it on the page of what else might happen


def score(value: float) -> str:
    """Return a score as it is shown."""
    return words.decimal(value)


def day(at: datetime) -> str:
    """Return the day of a time where the reader lives."""
    return words.day_year(timezone.localtime(at).date())


def answer(outcome: Outcome) -> Answer:
    """Return an outcome in tenths, or in hundredths where tenths would hide it."""
    places = 1 if difference(outcome.before, outcome.score) else 2
    change = difference(outcome.before, outcome.score, places)
    low, high = (words.decimal(end, places) for end in (outcome.low, outcome.high))
    figures = shown(outcome.parts, decimals=places, total=change)
    return Answer(
        before=words.decimal(outcome.before, places),
        score=words.decimal(outcome.score, places),
        low=low if low != high else "",
        high=high,
        figure=words.signed(change, places),
        direction=words.direction(change, places),
        parts=[
            Part(str(name), words.signed(figure, places), words.direction(figure, places))
            for (name, _meaning), figure in zip(words.PARTS.values(), figures, strict=True)
        ],
    )


def by_when(outcome: Outcome, as_of: datetime, *, paused: bool) -> str:
    """Return by when most of a change is there, if one shows. `paused`: all that counts is."""
    if not difference(outcome.before, outcome.score, 2):
        return _("That changes nothing that shows.")
    if not outcome.weeks:
        return _at_once()
    if paused:
        form = ngettext(
            "Most of it is there %(n)s week after you let your links go on.",
            "Most of it is there %(n)s weeks after you let your links go on.",
            outcome.weeks,
        )
        return form % {"n": outcome.weeks}
    when = day(as_of + timedelta(weeks=outcome.weeks))
    return _("If it goes on like that, most of it is there by %(day)s.") % {"day": when}


def _reached(lever: Lever, as_of: datetime, *, paused: bool) -> str:
    """Return by when one way leads to the wanted score."""
    if not lever.weeks:
        return _at_once()
    if paused:
        form = ngettext(
            "You are there %(n)s week after you let your links go on.",
            "You are there %(n)s weeks after you let your links go on.",
            lever.weeks,
        )
        return form % {"n": lever.weeks}
    when = day(as_of + timedelta(weeks=lever.weeks))
    return _("If it goes on like that, you are there by %(day)s.") % {"day": when}


def _at_once() -> str:
    return _("All of it is there as soon as it is linked and read.")


def beyond(more: Beyond) -> str:
    """Say that nothing is known of so much, and of how much something is."""
    most = words.whole(more.most)
    if more.name == "rest":
        said = _(
            "More than %(most)s weeks without a reaction leave nothing to count, so there is no "
            "number."
        )
    else:
        said = _(
            "More than %(most)s a week is far beyond your strongest week. Of that we know nothing, "
            "so there is no number."
        )
    return said % {"most": most}


def way(lever: Lever, limits: Known, as_of: datetime, *, paused: bool) -> Way:
    """Return one way to a wanted score in words."""
    amount = limits.most if lever.amount is None else lever.amount
    said = answer(lever.outcome)
    return Way(
        text=_WAYS[lever.name](amount) % {"n": words.whole(amount)},
        answer=said,
        when=_reached(lever, as_of, paused=paused),
        why_not="" if lever.amount is not None else _why_not(lever, said),
        query=urlencode({lever.name: "on" if lever.name in ("regular", "source") else amount}),
    )


def _why_not(lever: Lever, said: Answer) -> str:
    if lever.name in ("regular", "source"):
        return _("By itself it leads to %(score)s.") % {"score": said.score}
    return _(
        "So many would lead to %(score)s. More is far beyond your strongest week, and of that we "
        "know nothing."
    ) % {"score": said.score}


def _reposts(n: int) -> str:
    return ngettext(
        "%(n)s more person a week who passes a post on",
        "%(n)s more people a week who pass a post on",
        n,
    )


def _replies(n: int) -> str:
    return ngettext("%(n)s more person a week who replies", "%(n)s more people a week who reply", n)


def _likes(n: int) -> str:
    return ngettext(
        "%(n)s more person a week who likes a post", "%(n)s more people a week who like a post", n
    )


_WAYS: dict[str, Callable[[int], str]] = {
    "reposts": _reposts,
    "replies": _replies,
    "likes": _likes,
    "regular": lambda _n: _("A week like most of yours instead of each quiet one"),
    "source": lambda _n: _("One more source of about the same kind"),
}
