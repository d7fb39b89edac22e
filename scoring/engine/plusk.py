"""The rules of +K: who may give it when, which day it is, which of it counts. No clock, no rows.

A +K is never changed: what happens to it later (taken back, accepted, hidden) stands beside it, and
whether it counts follows from those acts in their order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any

PER_DAY = 10  # that one person may give, between two of their own midnights
TRIES_PER_DAY = 20  # with those taken back
AGAIN_AFTER = timedelta(days=7)  # for the same person and topic
UNDO_FOR = timedelta(minutes=10)
LONGEST = 200  # characters of "because"
MOST_LIFT = 0.1  # of the strength of a topic
HALF_LIFT = 5  # +K that bring half of it
_DAY = timedelta(days=1)


class Act(StrEnum):
    """What may happen to a +K once it is given."""

    UNDO = "undo"  # by the giver
    ACCEPT = "accept"  # by the receiver: a topic they did not show, or one that they hid before
    HIDE = "hide"  # by the receiver
    REPORT = "report"  # by the receiver: hidden, and an operator looks at it
    THANK = "thank"  # by the receiver
    VOID = "void"  # by an operator
    RESTORE = "restore"  # by an operator: not void any more
    QUESTION = "question"  # by the giver or the receiver: that it counts less is looked at
    VOUCH = "vouch"  # by an operator: it counts wholly, whatever speaks against it


class Reason(StrEnum):
    """Why a +K was not given. The sentences are in scoring.plusk.refusals."""

    SELF = "self"
    SAME_ACCOUNT = "same_account"
    BLOCKED = "blocked"
    PRIVATE = "private"
    NO_TOPIC = "no_topic"
    SENSITIVE = "sensitive"
    TOO_LONG = "too_long"
    UNSEEN = "unseen"
    TOO_SOON = "too_soon"
    NONE_LEFT = "none_left"
    TOO_OFTEN_UNDONE = "too_often_undone"


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known when somebody wants to give.

    reachable: the receiver is here and wants to be found. blocked: by the giver. shown: the
    receiver shows the topic. used: given today and not taken back; tried: with those. last_at: of
    the newest +K to the same person and topic that was not taken back.
    """

    now: datetime
    own: bool
    same_account: bool
    blocked: bool
    reachable: bool
    known: bool
    sensitive: bool
    shown: bool
    letters: int
    used: int
    tried: int
    last_at: datetime | None


def refusal(about: Situation) -> Reason | None:
    """Return why a +K may not be given, or None. What cannot be mended by waiting comes first."""
    return _who(about) or _what(about) or _when(about)


def _who(about: Situation) -> Reason | None:
    if about.own:
        return Reason.SELF
    if about.blocked:
        return Reason.BLOCKED
    if not about.reachable:  # before what would tell anything of a person who is private
        return Reason.PRIVATE
    return Reason.SAME_ACCOUNT if about.same_account else None


def _what(about: Situation) -> Reason | None:
    if not about.known:
        return Reason.NO_TOPIC
    if about.sensitive and not about.shown:
        return Reason.SENSITIVE
    return Reason.TOO_LONG if about.letters > LONGEST else None


def _when(about: Situation) -> Reason | None:
    if about.last_at is not None and about.now < about.last_at + AGAIN_AFTER:
        return Reason.TOO_SOON
    if about.used >= PER_DAY:
        return Reason.NONE_LEFT
    return Reason.TOO_OFTEN_UNDONE if about.tried >= TRIES_PER_DAY else None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a giver, and the zone whose midnight ends it."""

    date: date
    zone: tzinfo


def day_at(now: datetime, zone: tzinfo, last: Day | None = None) -> Day:
    """Return the day that a +K counts for. `last`: the day of the giver's newest one.

    A zone chosen meanwhile counts from the next midnight of the old one on, so that travelling, or
    saying so, brings no second ten. A clock that is set back brings none either: the day stays the
    last one; but a clock that once was wrong by more than a day binds nobody.
    """
    if last is None:
        return Day(now.astimezone(zone).date(), zone)
    there = now.astimezone(last.zone).date()
    if there <= last.date <= there + _DAY:
        return last
    today = now.astimezone(zone).date()
    return Day(last.date if today < last.date <= today + _DAY else today, zone)


def ends_at(day: Day) -> datetime:
    """Return when new ones come: the midnight after the day, where the giver is.

    Where a clock change skips midnight it is the first moment of the new day.
    """
    return datetime.combine(day.date + _DAY, time(), day.zone).astimezone(UTC)


def may_undo(given_at: datetime, now: datetime) -> bool:
    """Tell whether a +K may still be taken back."""
    return now < given_at + UNDO_FOR


def lift(counted: Any) -> Any:
    """Return what +K adds to where somebody stands in a topic, as part of their strength: 0 to 0.1.

    counted: a number, or what the database reads as one. Each one adds less than the one before;
    without strength from posts there is nothing to lift.
    """
    return MOST_LIFT * counted / (counted + HALF_LIFT)


@dataclass(frozen=True, slots=True)
class State:
    """What the acts about a +K have come to.

    waiting: the receiver did not show its topic, and has not answered. unaccepted: the same, and
    also when they refused it: all that its giver is told.
    """

    undone: bool = False
    waiting: bool = False
    unaccepted: bool = False
    hidden: bool = False
    reported: bool = False
    thanked: bool = False
    void: bool = False
    questioned: bool = False
    vouched: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is part of the total."""
        return not (self.undone or self.waiting or self.hidden or self.void)


def state(offered: bool, acts: Sequence[str]) -> State:
    """Return what these acts, the oldest first, have made of a +K.

    offered: the receiver did not show its topic when it was given. Of the receiver's answers, and
    of an operator's, the newest holds.
    """
    answers = [act for act in acts if act in {Act.ACCEPT, Act.HIDE, Act.REPORT}]
    rulings = [act for act in acts if act in {Act.VOID, Act.RESTORE}]
    return State(
        undone=Act.UNDO in acts,
        waiting=offered and not answers,
        unaccepted=offered and Act.ACCEPT not in answers,
        hidden=bool(answers) and answers[-1] != Act.ACCEPT,
        reported=Act.REPORT in acts,
        thanked=Act.THANK in acts,
        void=bool(rulings) and rulings[-1] == Act.VOID,
        questioned=Act.QUESTION in acts,
        vouched=Act.VOUCH in acts,
    )
