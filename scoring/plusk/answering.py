"""What a receiver does about a +K: accept, hide, thank, report. And what an operator rules."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import cases, notices, written
from accounts.models import Case, User
from scoring import topics
from scoring.engine.plusk import LONGEST, Act, State
from scoring.models import PlusK, PlusKCase, PlusKRuling, PlusKWords
from scoring.plusk import ledger, taken, weighing
from scoring.plusk.refusals import PlusKError


@transaction.atomic
def accept(*, user_id: int, plusk_id: int, now: datetime) -> PlusK:
    """Let a +K count: one in a topic that was not shown, which is added, or one that was hidden.

    Raises PlusKError when it is not theirs or was reported, and when they added too many topics.
    """
    ledger.lock(user_id)
    given, state = _held(user_id, plusk_id)
    if state.reported:
        raise PlusKError(_("You reported this +K. An operator decides what becomes of it."))
    if state.waiting or state.hidden:
        if given.topic not in {one.slug for one in topics.of_person(user_id)}:
            try:
                topics.add(user_id, given.topic, now=now)
            except topics.TopicError as refused:
                raise PlusKError(str(refused)) from refused
        ledger.add_act(given, Act.ACCEPT, now=now)
        if state.unaccepted:
            _tell_giver(given, "plusk_accepted", now)
        weighing.ask(given.receiver, now=now)
    return given


@transaction.atomic
def hide(*, user_id: int, plusk_id: int, now: datetime) -> PlusK:
    """Let a +K count no longer, or refuse one that waits. The giver is not told.

    Raises PlusKError when it is not theirs.
    """
    ledger.lock(user_id)
    given, state = _held(user_id, plusk_id)
    if not state.hidden:
        ledger.add_act(given, Act.HIDE, now=now)
    return given


@transaction.atomic
def thank(*, user_id: int, plusk_id: int, now: datetime) -> PlusK:
    """Thank for a +K, once. Raises PlusKError when it is not theirs, or hidden."""
    ledger.lock(user_id)
    given, state = _held(user_id, plusk_id)
    if state.hidden:
        raise PlusKError(_("You hid this +K. Show it again to thank for it."))
    if not state.thanked:
        ledger.add_act(given, Act.THANK, now=now)
        _tell_giver(given, "plusk_thanked", now)
    return given


@transaction.atomic
def report(*, user_id: int, plusk_id: int, now: datetime, words: str = "") -> Case | None:
    """Hide a +K and open a case about it; None when it was reported before.

    A topic that was taken for it alone goes with it.
    Raises PlusKError when it is not theirs, and CaseError for words too long or one case too many.
    """
    user = ledger.lock(user_id)
    given, state = _held(user_id, plusk_id)
    if state.reported:
        return None
    act = ledger.add_act(given, Act.REPORT, now=now)
    taken.let_go(given, now=now)
    case = cases.open_case(
        user=user,
        text=words.strip() or _("Please look at this +K."),
        report=_facts(given),
        now=now,
        about={"kind": "plusk", "topic": given.topic},
    )
    PlusKCase.objects.create(act=act, case=case)
    return case


@transaction.atomic
def rule(
    *, plusk_id: int, void: bool, now: datetime, by_id: int | None = None, reason: str = ""
) -> None:
    """Make a +K void, or count again, by an operator. Doing it again changes nothing.

    by_id and reason are kept beside the act: who ruled, None by command, and why.
    """
    given = PlusK.objects.select_related("giver", "receiver").get(pk=plusk_id)
    ledger.lock_total(given.receiver, given.topic)
    if ledger.state_of(given).void == void:
        return
    _rule(given, Act.VOID if void else Act.RESTORE, by_id, reason, now)
    if void:
        _tell_giver(given, "plusk_void", now)
    elif given.giver.user_id is not None:
        notices.take_back(person_id=given.giver.user_id, kind="plusk_void", key=str(given.pk))
    weighing.ask(given.receiver, now=now)


@transaction.atomic
def question(*, user_id: int, plusk_id: int, now: datetime) -> Case | None:
    """Ask an operator why a +K counts less, by who gave or got it; None when it was asked before.

    Raises PlusKError when it is neither's or counts wholly, and CaseError for one case too many.
    """
    user = ledger.lock(user_id)
    mine = Q(receiver__user=user_id) | Q(giver__user=user_id)
    given = PlusK.objects.filter(mine, pk=plusk_id).select_related("giver", "receiver").first()
    if given is None:
        raise PlusKError(_("You gave or received no such +K."))
    ledger.lock_total(given.receiver, given.topic)
    state = ledger.state_of(given)
    if state.questioned:
        return None
    weight, why = ledger.weight_of(given)
    # Not asked whether the receiver hid it: nobody is told that.
    if state.undone or state.unaccepted or state.void or state.vouched or weight == 1.0:
        raise PlusKError(_("No weight takes anything from this +K by now."))
    act = ledger.add_act(given, Act.QUESTION, now=now)
    case = cases.open_case(
        user=user,
        text=_("Please look at how much this +K counts."),
        report=f"{_facts(given)}\ncounts: {weight:.3f}, because: {why.name.lower()}",
        now=now,
        about={"kind": "weight", "topic": given.topic},
    )
    PlusKCase.objects.create(act=act, case=case)
    return case


@transaction.atomic
def vouch(*, plusk_id: int, now: datetime, by_id: int | None = None, reason: str = "") -> None:
    """Let a +K count wholly, by an operator, whatever speaks against it. Once is for good."""
    given = PlusK.objects.select_related("receiver").get(pk=plusk_id)
    ledger.lock_total(given.receiver, given.topic)
    if not ledger.state_of(given).vouched:
        _rule(given, Act.VOUCH, by_id, reason, now)


def _rule(given: PlusK, act: Act, by_id: int | None, reason: str, now: datetime) -> None:
    added = ledger.add_act(given, act, now=now)
    PlusKRuling.objects.create(act=added, by_id=by_id, reason=written.line(reason)[:LONGEST])


def _tell_giver(given: PlusK, kind: str, now: datetime) -> None:
    """Tell who gave a +K what became of it, while they are here."""
    if given.giver.user_id is not None:
        notices.tell(
            person_id=given.giver.user_id,
            kind=kind,
            key=str(given.pk),
            values={"topic": given.topic},
            by=given.receiver.user_id,
            now=now,
        )


def _held(user_id: int, plusk_id: int) -> tuple[PlusK, State]:
    """Return a +K that a person received, with its total locked, and its state."""
    rows = PlusK.objects.filter(receiver__user=user_id, pk=plusk_id)
    given = rows.select_related("giver__user", "receiver").first()
    if given is None:
        raise PlusKError(_("You received no such +K."))
    ledger.lock_total(given.receiver, given.topic)
    state = ledger.state_of(given)
    if state.undone:
        raise PlusKError(_("It was taken back meanwhile by who gave it."))
    return given, state


def _facts(given: PlusK) -> str:
    giver: User | None = given.giver.user
    words = PlusKWords.objects.filter(plusk=given).first()
    return "\n".join(
        [
            f"+K {given.pk} in {given.topic}, given {given.at:%Y-%m-%dT%H:%MZ}",
            f"by: {giver.pk if giver else 'somebody who left'}",
            f"because: {words.because if words else 'nothing written'}",
        ]
    )
