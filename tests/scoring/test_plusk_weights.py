"""How far each +K counts as rows, by night and after giving; how people read and question it."""

from datetime import timedelta

import numpy as np
import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Case, User
from scoring import jobs, plusk, tasks, work
from scoring.engine.trust import ALLOWED
from scoring.models import Job, PlusK, PlusKMember, PlusKTotal, PlusKWeight
from scoring.plusk import ledger, weighing
from tests.scoring.builders import NOW, person, snapshot, source_of
from tests.scoring.pages import at_noon, browser_of, text_of
from tests.scoring.plusk_scenes import showing

__all__ = ["at_noon"]
pytestmark = pytest.mark.django_db
LOG = "/plusk/"


def give(giver: User, receiver: User, topic: str = "django") -> PlusK:
    return plusk.give(giver_id=giver.pk, receiver_id=receiver.pk, topic=topic, now=NOW)


def established(user: User) -> User:
    """Let somebody have a linked account that forty people reacted to, for two months."""
    source_of(user)
    for ago in (0, 60):
        snapshot(user, day=NOW.date() - timedelta(days=ago), people=40)
    return user


def crowd(receiver: User, number: int = 6) -> list[User]:
    """Let so many people of whom nothing is known give to somebody."""
    people = [person(f"new{each}") for each in range(number)]
    for each in people:
        give(each, receiver)
    return people


def night() -> None:
    plusk.weigh(plusk.EVERYBODY, now=NOW)


@pytest.fixture
def ahmed() -> User:
    return showing("ahmed")


def press(user: User, one: PlusK, act: str) -> str:
    response = browser_of(user).post(f"{LOG}{one.pk}/{act}/", follow=True)
    return " ".join(response.content.decode().split())


def test_a_crowd_of_whom_nothing_is_known_counts_little_and_established_people_count(
    ahmed: User,
) -> None:
    crowd(ahmed)
    jun = showing("jun")
    for number in range(6):
        give(established(person(f"known{number}")), jun)

    night()

    assert plusk.totals_of(ahmed.pk)["django"] == pytest.approx(ALLOWED)
    assert plusk.totals_of(jun.pk) == {"django": 6}
    assert PlusKTotal.objects.get(receiver__user=ahmed).counted == 6
    assert set(PlusKWeight.objects.values_list("receiver__user", flat=True)) == {ahmed.pk}


def test_after_giving_a_worker_weighs_who_got_it_and_the_night_says_the_same(ahmed: User) -> None:
    crowd(ahmed)
    asked = Job.objects.get(kind=Job.Kind.WEIGH)

    assert jobs.run_next(clock=lambda: NOW, handlers=work.HANDLERS, job_id=asked.pk)
    soon = plusk.totals_of(ahmed.pk)
    night()

    asked.refresh_from_db()
    assert asked.state == Job.State.DONE
    assert soon == plusk.totals_of(ahmed.pk) == {"django": pytest.approx(ALLOWED)}


def test_weighing_again_changes_no_row(ahmed: User) -> None:
    crowd(ahmed)
    night()
    rows = list(PlusKWeight.objects.order_by("pk").values())

    night()

    assert list(PlusKWeight.objects.order_by("pk").values()) == rows


def test_a_weight_goes_when_nothing_speaks_against_it_any_more(ahmed: User) -> None:
    people = crowd(ahmed)
    night()
    for each in people:
        established(each)

    night()

    assert not PlusKWeight.objects.exists()
    assert plusk.totals_of(ahmed.pk) == {"django": 6}


def test_totals_follow_each_act_by_its_weight_and_never_drift(ahmed: User) -> None:
    people = crowd(ahmed)
    night()
    one = PlusK.objects.get(giver__user=people[0])
    whole = plusk.totals_of(ahmed.pk)["django"]

    plusk.hide(user_id=ahmed.pk, plusk_id=one.pk, now=NOW)
    hidden = plusk.totals_of(ahmed.pk)["django"]
    plusk.accept(user_id=ahmed.pk, plusk_id=one.pk, now=NOW)

    assert hidden == pytest.approx(whole * 5 / 6)
    assert plusk.totals_of(ahmed.pk)["django"] == pytest.approx(whole)
    PlusKTotal.objects.update(counted=9, weighed=9)
    assert plusk.recompute() == 1
    assert plusk.totals_of(ahmed.pk)["django"] == pytest.approx(whole)


def test_who_left_stays_as_far_known_as_they_were(ahmed: User) -> None:
    people = [established(person(f"known{number}")) for number in range(6)]
    for each in people:
        give(each, ahmed)
    night()
    User.objects.filter(pk__in=[each.pk for each in people]).delete()

    night()

    assert PlusKMember.objects.filter(user=None, trust=1.0).count() == 6
    assert plusk.totals_of(ahmed.pk) == {"django": 6}


def test_no_night_adds_to_what_was_known_of_who_left(ahmed: User) -> None:
    sure = established(person("sure"))
    friends = [showing("eva"), showing("ivo")]
    for each in friends:
        give(sure, each)
        give(each, ahmed)
    give(friends[0], friends[1])
    give(friends[1], friends[0])
    night()
    User.objects.filter(pk__in=[each.pk for each in friends]).delete()
    left = dict(PlusKMember.objects.filter(user=None).values_list("pk", "trust"))
    total = plusk.totals_of(ahmed.pk)

    for _night in range(3):
        night()

    assert left
    assert all(0.0 < trust < 1.0 for trust in left.values())
    assert dict(PlusKMember.objects.filter(user=None).values_list("pk", "trust")) == left
    assert plusk.totals_of(ahmed.pk) == total


def test_many_receivers_are_weighed_shard_by_shard(
    ahmed: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(ahmed)
    night()
    at_once = plusk.totals_of(ahmed.pk)
    PlusKWeight.objects.all().delete()
    monkeypatch.setattr(weighing, "SHARD", 2)
    held, told = [], []

    plusk.weigh(
        plusk.EVERYBODY, now=NOW, hold=lambda: held.append(1), progress=lambda: told.append(1)
    )

    assert plusk.totals_of(ahmed.pk) == at_once
    assert PlusKWeight.objects.count() == 6
    assert len(held) == 2 * 4  # seven members: what is known of each, then their weights
    assert len(told) == 1 + 3 * 4


@pytest.mark.one_engine
@given(st.lists(st.integers(0, 150_000), max_size=40), st.integers(1, 7))
def test_shards_hold_everybody_once_and_no_more_givers_than_fit(
    loads: list[int], most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weighing, "SHARD", most)
        shards = list(weighing._shards(np.array(loads, np.int64)))

    assert [at for shard in shards for at in shard] == list(range(len(loads)))
    for shard in shards:
        assert 1 <= len(shard) <= most
        assert len(shard) == 1 or sum(loads[at] for at in shard) <= weighing.SHARD_PAIRS


def test_whoever_has_very_many_givers_waits_for_the_night(
    ahmed: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(ahmed)
    monkeypatch.setattr(weighing, "MOST_GIVERS", 5)

    plusk.weigh(ledger.members(ahmed.pk)[ahmed.pk].pk.hex, now=NOW)

    assert not PlusKWeight.objects.exists()


def test_a_night_is_planned_once_a_day_before_the_places_and_not_without_plusk(
    ahmed: User,
) -> None:
    midnight = NOW.replace(hour=0)
    tasks.plan_weights(now=midnight)
    assert not Job.objects.exists()
    give(person(), ahmed)

    for minutes in (0, 10, 600):
        tasks.plan_weights(now=midnight + timedelta(minutes=minutes))

    job = Job.objects.get(subject=plusk.EVERYBODY)
    assert (job.kind, job.due_at) == (Job.Kind.WEIGH, midnight + timedelta(hours=1))


def test_both_sides_read_what_one_counts_and_why_and_nothing_is_said_of_others(
    ahmed: User,
) -> None:
    people = crowd(ahmed)
    jun = showing("jun")
    give(people[0], jun)
    before = text_of(browser_of(people[0]), LOG)

    night()
    got = text_of(browser_of(ahmed), LOG)
    gave = text_of(browser_of(people[0]), LOG)

    assert "−0.67: it counts 0.33. Little is known here yet of who gave it." in got
    assert got.count("it counts 0") == 6
    assert "It counts 0.33 at most. Little is known of you here yet" in gave
    assert gave.count("at most. Little") == 1
    assert "at most. Little" not in before


def test_a_question_opens_one_case_with_the_facts_and_an_operator_lets_it_count(
    ahmed: User,
) -> None:
    people = crowd(ahmed)
    night()
    one = PlusK.objects.get(giver__user=people[0])

    asked = press(ahmed, one, "question")
    again = press(people[0], one, "question")
    call_command("rule_plusk", "vouch", str(one.pk))
    mended = plusk.totals_of(ahmed.pk)["django"]
    night()

    assert "Asked. The answer comes as a case." in asked
    assert f"{LOG}{one.pk}/question/" not in again
    case = Case.objects.get()
    assert f'href="/cases/{case.pk}/">You questioned this: case {case.pk}, 12:00 today' in asked
    assert "was questioned already, which can be done once." in again
    assert "was questioned already" not in asked
    assert f"/cases/{case.pk}/" not in again
    assert case.user == ahmed
    assert "counts: 0.333, because: unknown" in case.report
    assert mended == pytest.approx(ALLOWED * 5 / 6 + 1)
    assert plusk.totals_of(ahmed.pk)["django"] == pytest.approx(mended)
    assert text_of(browser_of(ahmed), LOG).count("it counts 0") == 5


def test_what_counts_wholly_or_is_anothers_cannot_be_questioned(ahmed: User) -> None:
    nora, eve = person("nora"), person("eve")
    one = give(nora, ahmed)

    assert "No weight takes anything from this +K by now." in press(nora, one, "question")
    assert "You gave or received no such +K." in press(eve, one, "question")
    assert not Case.objects.exists()


def test_hiding_one_tells_its_giver_nothing_by_its_weight(ahmed: User) -> None:
    people = crowd(ahmed)
    night()
    one = PlusK.objects.get(giver__user=people[0])

    plusk.hide(user_id=ahmed.pk, plusk_id=one.pk, now=NOW)

    assert "It counts 0.33 at most." in text_of(browser_of(people[0]), LOG)
    assert "Asked." in press(people[0], one, "question")


def test_what_is_given_while_everybody_is_weighed_keeps_its_weight(ahmed: User) -> None:
    crowd(ahmed)
    late = person("late")
    reports: list[int] = []

    def progress() -> None:
        reports.append(1)
        if len(reports) == 2:  # the pairs were read, no weight is written yet
            given = give(late, ahmed)
            plusk.weigh(given.receiver_id.hex, now=NOW)

    plusk.weigh(plusk.EVERYBODY, now=NOW, progress=progress)

    assert PlusKWeight.objects.filter(giver__user=late, receiver__user=ahmed).exists()
    assert ledger.drifted() == []
