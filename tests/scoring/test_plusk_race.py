"""Many +K at once: ten are ten on both engines, and nobody waits for ever; each with a control."""

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from scoring import plusk, topics
from scoring.engine.plusk import PER_DAY, Reason
from scoring.models import PlusK, PlusKMember, PlusKTotal
from scoring.plusk import giving, ledger
from tests.meeting import Act, all_at_once, meeting
from tests.scoring.builders import NOW, person
from tests.scoring.plusk_scenes import erasable_ledger, showing, without_triggers

__all__ = ["erasable_ledger"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("erasable_ledger"),
]
WORKERS, EACH = 5, 20


def giving_to(giver: User, receiver: User, topic: str = "django") -> Act:
    return lambda: plusk.give(giver_id=giver.pk, receiver_id=receiver.pk, topic=topic, now=NOW)


def test_a_hundred_at_once_from_one_giver_are_ten() -> None:
    nora = person()
    people = [showing(f"person{number}") for number in range(WORKERS * EACH)]

    failed = all_at_once(
        [[giving_to(nora, each) for each in people[start::WORKERS]] for start in range(WORKERS)]
    )

    reasons = {getattr(error, "reason", error) for error in failed}
    assert reasons == {Reason.NONE_LEFT}
    assert sorted(PlusK.objects.values_list("slot", flat=True)) == list(range(1, PER_DAY + 1))
    assert sum(PlusKTotal.objects.values_list("counted", flat=True)) == PER_DAY
    assert plusk.drifted() == []


@pytest.mark.slow
def test_a_hundred_at_once_are_ten_twenty_times() -> None:
    people = [showing(f"person{number}") for number in range(WORKERS * EACH)]

    for run in range(20):
        giver = person(f"giver{run}")
        failed = all_at_once(
            [[giving_to(giver, each) for each in people[at::WORKERS]] for at in range(WORKERS)]
        )

        assert {getattr(error, "reason", error) for error in failed} == {Reason.NONE_LEFT}
        assert PlusK.objects.filter(giver__user=giver).count() == PER_DAY


@pytest.mark.postgres
def test_the_tenth_is_given_once_however_two_meet() -> None:
    nora = person()
    people = [showing(f"person{number}") for number in range(PER_DAY + 1)]
    for each in people[: PER_DAY - 1]:
        giving_to(nora, each)()

    (failed,) = meeting(giving_to(nora, people[-1]), giving_to(nora, people[-2]))

    assert isinstance(failed, plusk.PlusKError)
    assert failed.reason is Reason.NONE_LEFT
    assert PlusK.objects.count() == PER_DAY


def giving_without_the_lock(giver: User, receiver: User) -> Act:
    """Return what a request does that counts before it writes, and waits for nobody."""

    def act() -> None:
        with transaction.atomic():
            left = giving.left(giver, now=NOW)
            assert left.number > 0
            giving._write(
                PlusKMember.objects.get(user=giver),
                PlusKMember.objects.get(user=receiver),
                "django",
                left,
                False,
                NOW,
            )

    return act


@pytest.mark.postgres
def test_control_without_the_lock_both_take_the_tenth_and_only_the_database_says_no() -> None:
    nora = person()
    people = [showing(f"person{number}") for number in range(PER_DAY + 1)]
    ledger.members(*(each.pk for each in people))
    for each in people[: PER_DAY - 1]:
        giving_to(nora, each)()

    (failed,) = meeting(
        giving_without_the_lock(nora, people[-1]), giving_without_the_lock(nora, people[-2])
    )

    assert isinstance(failed, IntegrityError)
    assert "plusk_slot_once" in str(failed)


@pytest.mark.postgres
def test_control_without_lock_and_slots_eleven_are_given_of_ten() -> None:
    nora = person()
    people = [showing(f"person{number}") for number in range(PER_DAY + 1)]
    ledger.members(*(each.pk for each in people))
    for each in people[: PER_DAY - 1]:
        giving_to(nora, each)()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE scoring_plusk DROP CONSTRAINT plusk_slot_once")

    try:
        failed = meeting(
            giving_without_the_lock(nora, people[-1]), giving_without_the_lock(nora, people[-2])
        )
        number = PlusK.objects.count()
    finally:
        with transaction.atomic(), without_triggers(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM scoring_plusk")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "ALTER TABLE scoring_plusk ADD CONSTRAINT plusk_slot_once "
                "UNIQUE (giver_id, day, slot)"
            )

    assert failed == []
    assert number == PER_DAY + 1


@pytest.mark.postgres
def test_two_who_give_to_each_other_for_the_first_time_both_do() -> None:
    nora, ahmed = showing("nora"), showing("ahmed")

    failed = meeting(giving_to(nora, ahmed), giving_to(ahmed, nora))

    assert failed == []
    assert plusk.totals_of(nora.pk) == plusk.totals_of(ahmed.pk) == {"django": 1}


@pytest.mark.postgres
@pytest.mark.parametrize("giver_first", [True, False])
def test_taking_back_and_hiding_at_once_take_one_away_and_not_two(giver_first: bool) -> None:
    nora, ahmed = person(), showing("ahmed")
    giving_to(person("rosa"), ahmed)()
    giving_to(nora, ahmed)()
    newest = PlusK.objects.latest("pk").pk
    acts: list[Act] = [
        lambda: plusk.undo(user_id=nora.pk, plusk_id=newest, now=NOW),
        lambda: plusk.hide(user_id=ahmed.pk, plusk_id=newest, now=NOW),
    ]

    failed = meeting(*(acts if giver_first else acts[::-1]))

    assert [type(error) for error in failed] == ([plusk.PlusKError] if giver_first else [])
    assert plusk.totals_of(ahmed.pk) == {"django": 1}
    assert plusk.drifted() == []


@pytest.mark.postgres
@pytest.mark.parametrize("giver_first", [True, False])
def test_taking_back_and_accepting_at_once_leave_no_topic_behind(giver_first: bool) -> None:
    nora, ahmed = person(), showing("ahmed")
    giving_to(nora, ahmed, "cycling")()
    newest = PlusK.objects.latest("pk").pk
    acts: list[Act] = [
        lambda: plusk.undo(user_id=nora.pk, plusk_id=newest, now=NOW),
        lambda: plusk.accept(user_id=ahmed.pk, plusk_id=newest, now=NOW),
    ]

    failed = meeting(*(acts if giver_first else acts[::-1]))

    assert [type(error) for error in failed] == ([plusk.PlusKError] if giver_first else [])
    assert "cycling" not in {one.slug for one in topics.of_person(ahmed.pk)}
    assert plusk.drifted() == []


@pytest.mark.postgres
def test_what_is_given_while_totals_are_counted_again_is_not_lost() -> None:
    nora, ahmed = person(), showing("ahmed")
    giving_to(person("rosa"), ahmed)()
    PlusKTotal.objects.update(counted=9)

    failed = meeting(giving_to(nora, ahmed), plusk.recompute)

    assert failed == []
    assert plusk.totals_of(ahmed.pk) == {"django": 2}
