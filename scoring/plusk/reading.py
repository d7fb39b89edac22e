"""What pages say of +K: the log of both sides, and how much somebody has in each topic."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery

from accounts.blocking import apart
from accounts.handles import current_of, viewer_of
from accounts.models import Block, User
from accounts.prepared import NUMBER, TEXT, Prepared
from accounts.searching import named
from accounts.visibility import shown
from scoring.engine import plusk as rules
from scoring.engine.plusk import Act
from scoring.engine.topics.taxonomy import taxonomy
from scoring.engine.trust import Why
from scoring.models import PlusK, PlusKAct, PlusKMember, PlusKTotal, PlusKWeight, PlusKWords
from scoring.plusk import ledger

SHOWN = 50
MOST_PRAISE = 10
_LOOKED_AT = 100  # of many, for those that count or may be read
EXPORTED = (
    "number", "way", "other", "handle", "topic", "name", "at", "because", "public", "counts",
    "taken_back", "waits", "hidden", "reported", "thanked", "void", "questioned", "counts_at_most",
)  # fmt: skip
_AT_ONCE = 500  # rows of a file that are read together
_UNDONE = Exists(PlusKAct.objects.filter(plusk=OuterRef("pk"), kind=Act.UNDO))


@dataclass(frozen=True, slots=True)
class Other:
    """Who gave or got a +K, as the reader of the log knows them.

    name: "" when they left, closed their account or blocked the reader, all alike, and for who has
    neither name nor handle. handle: "" where the reader may not open their page.
    """

    name: str = ""
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A case that the reader opened about a +K, by a report or a question."""

    by: Act
    case: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A +K in the log. other: who gave or got it. new: not seen before.

    opened: the cases of the reader alone.

    public: the giver lets the words be read on the receiver's page.
    weight: what it counts, 0 to 1; why: what takes most of it.
    """

    given: PlusK
    other: Other
    state: rules.State
    because: str
    public: bool
    new: bool = False
    weight: float = 1.0
    why: Why = Why.NOTHING
    opened: tuple[Opened, ...] = ()


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest +K that counts: by whom, why, and whether the receiver thanked for it."""

    id: int
    topic: str
    because: str
    by: Other
    thanked: bool


@dataclass(frozen=True, slots=True)
class Praise:
    """Why somebody got +K, as others read it. by: named to those who may open their page."""

    topic: str
    because: str
    at: datetime
    by: Other


def totals_of(user_id: int) -> dict[str, float]:
    """Return topic -> what +K for a person in it comes to, where there is any. One query."""
    return dict(_TOTALS(user_id))


_TOTALS = Prepared(
    lambda user_id: PlusKTotal.objects.filter(receiver__user=user_id, counted__gt=0).values_list(
        "topic", "weighed"
    ),
    NUMBER,
)


def newest(reader: User) -> Newest | None:
    """Return the newest +K of a person that counts, of the last _LOOKED_AT. One query."""
    last = PlusK.objects.filter(receiver__user=reader).order_by("-pk")[:_LOOKED_AT]
    rows = _rows(ledger.counted().filter(pk__in=last.values("pk")), "giver__user", reader)
    thanked = Exists(PlusKAct.objects.filter(plusk=OuterRef("pk"), kind=Act.THANK))
    one = rows.prefetch_related(None).annotate(thanked=thanked).order_by("-pk").first()
    if one is None:
        return None
    return Newest(
        one.pk, one.topic, _because(one), _other(one, one.giver.user, reader), thanked=one.thanked
    )


def received(reader: User, *, before: int | None = None) -> list[Entry]:
    """Return the newest SHOWN that somebody received, or those before a +K. Two queries.

    What was taken back is not told.
    """
    mine = PlusK.objects.filter(~_UNDONE, receiver__user=reader).select_related("receiver")
    return [
        _entry(one, one.giver.user, reader, new=one.pk > one.receiver.seen)
        for one in _newest(mine, "giver__user", reader, before)
    ]


def given(reader: User, *, before: int | None = None) -> list[Entry]:
    """Return the newest SHOWN that somebody gave, or those before a +K. Two queries."""
    mine = PlusK.objects.filter(giver__user=reader)
    return [
        _entry(one, one.receiver.user, reader)
        for one in _newest(mine, "receiver__user", reader, before)
    ]


def praise(whom: User, *, viewer: User | None, among: Collection[str]) -> list[Praise]:
    """Return the newest MOST_PRAISE words for which a person got +K that counts.

    viewer: None is who is not signed in. among: the topics that they see. Only words that their
    giver lets others read; none of a giver whom a block keeps apart from the person or the viewer.
    One query, of the newest _LOOKED_AT words: some people have thousands.
    """
    reader = whom if viewer is None else viewer
    return [
        Praise(one.plusk.topic, one.because, one.plusk.at, _by(one, viewer))
        for one in _WORDS(whom.pk, reader.pk, *among)
    ]


def _public_words(whom: Any, reader: Any, *among: Any) -> QuerySet[Any]:
    newest = PlusKWords.objects.filter(receiver=whom, public=True).order_by("-plusk")
    rows = PlusKWords.objects.filter(
        ~apart(whom, "giver"),
        ~apart(reader, "giver"),
        Exists(ledger.counted().filter(pk=OuterRef("plusk"))),
        pk__in=newest.values("pk")[:_LOOKED_AT],
        plusk__topic__in=among,
        giver__is_active=True,
    )
    rows = rows.select_related("plusk", "giver__profile").annotate(handle=current_of("giver"))
    return rows.order_by("-plusk")[:MOST_PRAISE]


_WORDS = Prepared(_public_words, NUMBER, NUMBER, TEXT)


def _by(one: Any, viewer: User | None) -> Other:
    """Return the giver of words as somebody knows them who may open their page, or nobody."""
    seen = shown(getattr(one.giver, "profile", None), viewer_of(viewer, one.giver, blocked=False))
    return Other(named(one.giver, one.handle), one.handle) if seen.page and one.handle else Other()


@dataclass(frozen=True, slots=True)
class Asked:
    """A +K that was reported or questioned, `at` a time, and what has become of it.

    acts: what was done about it, the oldest first; those of operators with their `ruling`.
    weight: what it counts, 0 to 1.
    """

    given: PlusK
    at: datetime
    because: str
    state: rules.State
    acts: tuple[PlusKAct, ...]
    weight: float


def asked_about() -> list[Asked]:
    """Return the newest SHOWN that were reported or questioned, the last first. Two queries."""
    pair = PlusKWeight.objects.filter(
        receiver=OuterRef("plusk__receiver"), giver=OuterRef("plusk__giver")
    )
    acts: QuerySet[Any] = PlusKAct.objects.filter(kind__in=[Act.REPORT, Act.QUESTION])
    acts = acts.select_related("plusk__giver__user", "plusk__receiver__user", "plusk__words")
    done = Prefetch("plusk__acts", PlusKAct.objects.select_related("ruling__by").order_by("pk"))
    acts = acts.annotate(weight=Subquery(pair.values("weight"))).prefetch_related(done)
    found: dict[int, Asked] = {}  # each was reported once and questioned once at most
    for act in acts.order_by("-pk")[: 2 * SHOWN]:
        found.setdefault(act.plusk_id, _asked(act))
    return list(found.values())[:SHOWN]


def _asked(act: Any) -> Asked:
    one, state = act.plusk, _state(act.plusk)
    weight = 1.0 if act.weight is None or state.vouched else act.weight
    return Asked(one, act.at, _because(one), state, tuple(one.acts.all()), weight)


def exported(reader: User) -> Iterator[dict[str, object]]:
    """Yield everything that is kept of the +K somebody received and gave, one EXPORTED row each.

    way: "received" or "given". As in the log: what was taken back from them is not told, nor to a
    giver that it was hidden.
    """
    got = PlusK.objects.filter(~_UNDONE, receiver__user=reader)
    gave = PlusK.objects.filter(giver__user=reader)
    for way, rows, other in (("received", got, "giver"), ("given", gave, "receiver")):
        for one in _rows(rows, f"{other}__user", reader).order_by("pk").iterator(_AT_ONCE):
            yield _exported(way, _entry(one, getattr(one, other).user, reader))


def _exported(way: str, entry: Entry) -> dict[str, object]:
    one, state, own = entry.given, entry.state, way == "given"
    topic = taxonomy().get(one.topic)
    values = (
        one.pk, way, entry.other.name, entry.other.handle, one.topic,
        topic.name if topic else one.topic, one.at, entry.because, entry.public,
        None if own else state.counts, state.undone, state.unaccepted if own else state.waiting,
        None if own else state.hidden,
        None if own else state.reported, state.thanked, state.void, state.questioned,
        round(entry.weight, 4),
    )  # fmt: skip
    return dict(zip(EXPORTED, values, strict=True))


def mark_seen(user_id: int, newest: int) -> None:
    """Take note that a person was shown their +K up to this one."""
    PlusKMember.objects.filter(user=user_id, seen__lt=newest).update(seen=newest)


def _newest(rows: QuerySet[PlusK], other: str, reader: User, before: int | None) -> QuerySet[Any]:
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return _rows(rows, other, reader).order_by("-pk")[:SHOWN]


def _rows(rows: QuerySet[PlusK], other: str, reader: User) -> QuerySet[Any]:
    """Return rows with what is known of the other of the two. other: the way to them."""
    blocks = Block.objects.filter(blocker=OuterRef(other), blocked=reader)
    rows = rows.select_related("words", f"{other}__profile")
    rows = rows.annotate(handle=current_of(other), blocks=Exists(blocks))
    pair = PlusKWeight.objects.filter(receiver=OuterRef("receiver"), giver=OuterRef("giver"))
    rows = rows.annotate(weight=Subquery(pair.values("weight")), why=Subquery(pair.values("why")))
    return rows.prefetch_related(Prefetch("acts", PlusKAct.objects.select_related("opened__case")))


def _other(one: Any, user: User | None, reader: User) -> Other:
    if user is None or not user.is_active or one.blocks:
        return Other()
    handle = one.handle or ""
    seen = shown(getattr(user, "profile", None), viewer_of(reader, user, blocked=False))
    return Other(named(user, handle), handle if seen.page else "")


def _entry(one: Any, other: User | None, reader: User, *, new: bool = False) -> Entry:
    words = getattr(one, "words", None)
    state = _state(one)
    held = vars(one)
    less = held["weight"] is not None and not state.vouched
    return Entry(
        given=one,
        other=_other(one, other, reader),
        state=state,
        because=_because(one),
        public=words is not None and words.public,
        new=new,
        weight=held["weight"] if less else 1.0,
        why=Why(held["why"]) if less else Why.NOTHING,
        opened=tuple(
            Opened(Act(act.kind), act.opened.case_id, act.at)
            for act in one.acts.all()
            if hasattr(act, "opened") and act.opened.case.user_id == reader.pk
        ),
    )


def _because(one: PlusK) -> str:
    words = getattr(one, "words", None)
    return words.because if words else ""


def _state(one: PlusK) -> rules.State:
    """Return what has become of a +K whose acts came along."""
    acts = sorted(one.acts.all(), key=lambda act: act.pk)
    return rules.state(one.offered, [act.kind for act in acts])
