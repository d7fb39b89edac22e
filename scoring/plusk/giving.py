"""Giving +K and taking it back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count, DateTimeField, Exists, F, OuterRef, Q, QuerySet, UUIDField
from django.utils.translation import gettext as _

from accounts import notices, written
from accounts.blocking import is_blocked
from accounts.models import User
from accounts.prepared import DAY, NUMBER, Prepared
from accounts.zones import zone_of
from scoring.engine import plusk as rules
from scoring.engine.plusk import Act, Reason
from scoring.engine.topics.taxonomy import taxonomy
from scoring.models import PlusK, PlusKAct, PlusKMember, PlusKWords
from scoring.plusk import ledger, receiving, taken, weighing
from scoring.plusk.receiving import Receiver
from scoring.plusk.refusals import PlusKError, Times, sentence

_UNDONE = Exists(PlusKAct.objects.filter(plusk=OuterRef("pk"), kind=Act.UNDO))


@dataclass(frozen=True, slots=True)
class Left:
    """How many +K somebody may give until `ends_at`, of how many."""

    day: rules.Day
    used: int
    tried: int

    @property
    def number(self) -> int:
        """How many are left today."""
        return max(0, min(rules.PER_DAY - self.used, rules.TRIES_PER_DAY - self.tried))

    @property
    def ends_at(self) -> datetime:
        """When new ones come."""
        return rules.ends_at(self.day)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What somebody may give to a person now. lately: topic -> when the same may be given again."""

    left: Left
    lately: Mapping[str, datetime]


class _Row(NamedTuple):
    """A +K of a giver, and the day and zone of their newest one. receiver: None who left."""

    newest_day: date
    zone: str
    day: date
    receiver: int | None
    topic: str
    at: datetime
    undone: bool


def left(user: User, *, now: datetime) -> Left:
    """Return how many +K a person may still give today. One query.

    Only a day before that of the newest +K, of a clock that once was wrong, is not known here.
    """
    return outlook(user, _NOBODY, now=now).left


def outlook(user: User, receiver_id: int, *, now: datetime) -> Outlook:
    """Return what `left` does, and in which topics somebody got +K too lately. One query."""
    since = now - rules.AGAIN_AFTER
    first = since.date() - _EITHER_WAY
    rows = [_Row(*row) for row in _LATELY(user.pk, first, receiver_id, since)]
    last = rows[0] if rows else None
    today = [row for row in rows if row.day == row.newest_day]
    return Outlook(
        left=left_of(
            user,
            day=last.newest_day if last else None,
            zone=last.zone if last else "",
            used=sum(not row.undone for row in today),
            tried=len(today),
            now=now,
        ),
        lately={
            row.topic: row.at + rules.AGAIN_AFTER
            for row in sorted(rows, key=lambda row: row.at)
            if row.receiver == receiver_id and row.at > since and not row.undone
        },
    )


def _left(user: User, member: PlusKMember | None, now: datetime) -> Left:
    last = _last_day(member.day, member.zone) if member is not None else None
    day = rules.day_at(now, zone_of(user.time_zone), last)
    counts = _TODAY(member.pk, day.date) if member is not None else []
    tried, used = counts[0] if counts else (0, 0)
    return Left(day, used, tried)


def _given_lately(giver: Any, first: Any, receiver: Any, since: Any) -> QuerySet[Any, Any]:
    """Return what somebody gave on the day of their newest +K, or to the receiver since then.

    first: a day before any of these, so that only rows of a few days are looked at.
    """
    rows = PlusK.objects.filter(
        Q(day=F("giver__day")) | Q(receiver__user=receiver, at__gt=since),
        giver__user=giver,
        day__gte=first,
    )
    columns = "giver__day", "giver__zone", "day", "receiver__user", "topic", "at"
    return rows.order_by().values_list(*columns, _UNDONE)


_NOBODY = 0  # an id that nobody has
_EITHER_WAY = timedelta(days=2)  # that a giver's day may lie beside that of UTC
_LATELY = Prepared(_given_lately, NUMBER, DAY, NUMBER, DateTimeField())
_TODAY = Prepared(
    lambda giver, day: (
        PlusK.objects.filter(giver=giver, day=day)
        .order_by()
        .values("giver")
        .annotate(tried=Count("pk"), used=Count("pk", filter=~_UNDONE))
        .values_list("tried", "used")
    ),
    UUIDField(),
    DAY,
)


def left_of(
    user: User, *, day: date | None, zone: str, used: int, tried: int, now: datetime
) -> Left:
    """Return what `left` does, of the day of the newest +K and what was given on it. No query."""
    last = _last_day(day, zone)
    today = rules.day_at(now, zone_of(user.time_zone), last)
    same = last is not None and last.date == today.date
    return Left(today, used if same else 0, tried if same else 0)


def _last_day(day: date | None, zone: str) -> rules.Day | None:
    return None if day is None else rules.Day(day, zone_of(zone))


@transaction.atomic
def give(
    *,
    giver_id: int,
    receiver_id: int,
    topic: str,
    now: datetime,
    because: str = "",
    public: bool = False,
    note: Callable[[PlusK], object] = lambda _given: None,
) -> PlusK:
    """Give somebody +K in a topic. Raises PlusKError with the reason when a rule says no.

    public: `because` may be read on the receiver's page. note: what the caller writes down of it in
    the same transaction, before work is asked for, which comes last.
    """
    giver = ledger.lock(giver_id)
    receiver = receiving.find_person(receiver_id, viewer=giver)
    members = ledger.members(giver_id, *([receiver_id] if receiver else []))
    member, other = members[giver_id], members.get(receiver_id)
    because = written.line(because, lambda said: PlusKError(said, Reason.UNSEEN))
    day, last_at = _left(giver, member, now), _last_at(member, other, topic)
    about = _situation(giver_id, receiver_id, receiver, topic, day, now)
    reason = rules.refusal(replace(about, letters=len(because), last_at=last_at))
    if reason is not None:
        name, zone = receiver.name if receiver else "", zone_of(giver.time_zone)
        times = Times(last_at=last_at, new_at=day.ends_at, now=now, zone=zone)
        raise PlusKError(sentence(reason, name=name, topic=topic, times=times), reason)
    assert receiver is not None
    assert other is not None
    given = _write(member, other, topic, day, topic not in receiver.shown, now)
    if because:
        PlusKWords.objects.create(
            plusk=given, giver=giver, receiver=receiver.user, because=because, public=public
        )
    _tell_receiver(given, giver, receiver, now)
    note(given)
    weighing.ask(other, now=now)
    return given


def _tell_receiver(given: PlusK, giver: User, receiver: Receiver, now: datetime) -> None:
    notices.tell(
        person_id=receiver.user.pk,
        kind=_told_as(given),
        key=str(given.pk),
        values={"topic": given.topic},
        by=giver.pk,
        now=now,
    )


def _told_as(given: PlusK) -> str:
    """Return the kind of notice by which a receiver learns of a +K."""
    return "plusk_offered" if given.offered else "plusk_received"


def _situation(
    giver_id: int,
    receiver_id: int,
    receiver: Receiver | None,
    topic: str,
    day: Left,
    now: datetime,
) -> rules.Situation:
    """Return what is known of who gives, who gets and how many are left."""
    known = taxonomy().get(topic)
    return rules.Situation(
        now=now,
        own=giver_id == receiver_id,
        same_account=receiver is not None and receiving.same_account(giver_id, receiver_id),
        blocked=receiver is not None and is_blocked(by_id=giver_id, whom_id=receiver_id),
        reachable=receiver is not None,
        known=known is not None,
        sensitive=known is not None and known.sensitive,
        shown=receiver is not None and topic in receiver.shown,
        letters=0,
        used=day.used,
        tried=day.tried,
        last_at=None,
    )


def _last_at(member: PlusKMember, other: PlusKMember | None, topic: str) -> datetime | None:
    """Return when the giver last gave the same, unless they took it back."""
    if other is None or topic not in taxonomy().topics:
        return None
    same = PlusK.objects.filter(~_UNDONE, giver=member, receiver=other, topic=topic)
    return same.order_by("-at").values_list("at", flat=True).first()


def _write(
    member: PlusKMember,
    other: PlusKMember,
    topic: str,
    today: Left,
    offered: bool,
    now: datetime,
) -> PlusK:
    ledger.lock_total(other, topic)
    given = PlusK.objects.create(
        giver=member,
        receiver=other,
        topic=topic,
        offered=offered,
        day=today.day.date,
        slot=today.tried + 1,
        at=now,
    )
    member.day, member.zone = today.day.date, str(today.day.zone)
    member.save(update_fields=["day", "zone"])
    ledger.follow(given, rules.State(waiting=True), rules.state(given.offered, ()))
    return given


@transaction.atomic
def undo(*, user_id: int, plusk_id: int, now: datetime) -> PlusK:
    """Take a +K back. Raises PlusKError when it is not the person's, or was given too long ago."""
    ledger.lock(user_id)
    given = (
        PlusK.objects.filter(giver__user=user_id, pk=plusk_id)
        .select_related("receiver__user")
        .first()
    )
    if given is None:
        raise PlusKError(_("You gave no such +K."))
    ledger.lock_total(given.receiver, given.topic)
    if ledger.state_of(given).undone:
        return given
    if not rules.may_undo(given.at, now):
        raise PlusKError(
            _("A +K can be taken back for %(minutes)s minutes. It stays.")
            % {"minutes": int(rules.UNDO_FOR.total_seconds() // 60)}
        )
    ledger.add_act(given, Act.UNDO, now=now)
    if given.receiver.user_id is not None:
        notices.take_back(person_id=given.receiver.user_id, kind=_told_as(given), key=str(given.pk))
        taken.let_go(given, now=now)
    return given
