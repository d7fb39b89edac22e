"""What counts, how far each source's clock has run, and who is a stranger."""

import uuid
from datetime import timedelta

import numpy as np
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.connectors.base import Code
from accounts.models import UNPROVEN, Source
from scoring import engine, evidence
from scoring.ingest import ingest, remember_member
from scoring.models import ScoreSnapshot
from tests.scoring.readings import NOW, act, archive_of, busy, linked, post, reading

pytestmark = pytest.mark.django_db


def count_of(held: engine.Evidence) -> float:
    return float(held.t_count.sum())


def test_known_people_are_taken_out_of_the_count() -> None:
    source = linked()
    ingest(source=source, reading=reading(post(1, like=10), acts=(act("bob"),)), now=NOW)

    held = evidence.of_person(source.user_id, now=NOW)

    assert len(held.at) == 1
    assert count_of(held) == 9


def test_more_known_people_than_counted_leave_nobody_uncounted_below_zero() -> None:
    source = linked()
    acts = tuple(act(f"p{n}") for n in range(3))
    ingest(source=source, reading=reading(post(1, like=2), acts=acts), now=NOW)

    held = evidence.of_person(source.user_id, now=NOW)

    assert count_of(held) == 0


def test_a_correction_takes_back_the_newest_and_leaves_the_old() -> None:
    source = linked()
    for day, likes in enumerate((10, 16, 12)):
        ingest(source=source, reading=reading(post(1, like=likes)), now=NOW + timedelta(days=day))

    held = evidence.of_person(source.user_id, now=NOW + timedelta(days=2))

    in_time = [count for _, count in sorted(zip(held.t_at, held.t_count, strict=True))]
    assert in_time == [10, 6, -4]


def test_somebody_named_is_taken_out_of_the_increment_they_came_with() -> None:
    source = linked()
    ingest(source=source, reading=reading(post(1, days_ago=80, like=40)), now=NOW)
    later = NOW + timedelta(days=1)
    new = act("bob", days_ago=-0.5)

    ingest(source=source, reading=reading(post(1, days_ago=80, like=41), acts=(new,)), now=later)

    held = evidence.of_person(source.user_id, now=later)
    assert held.t_count.tolist() == [40]
    assert len(held.at) == 1


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=5),
    st.lists(st.floats(-4, 9), max_size=40),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nobody_is_counted_twice(growth: list[int], days: list[float]) -> None:
    with transaction.atomic():
        source, total = linked(f"p{uuid.uuid4()}"), 0
        for day, more in enumerate(growth):
            total += more
            now = NOW + timedelta(days=day)
            ingest(source=source, reading=reading(post(1, days_ago=5, like=total)), now=now)
        acts = tuple(act(f"fan{n}", days_ago=ago) for n, ago in enumerate(days))
        last = NOW + timedelta(days=len(growth))
        what = reading(post(1, days_ago=5, like=total), acts=acts)
        done = ingest(source=source, reading=what, now=last)

        held = evidence.of_person(source.user_id, now=last)

        known = len(days) - done.refused["future"]
        assert len(held.at) == known
        assert count_of(held) == max(0, total - known)
        assert (held.t_count > 0).all()
        transaction.set_rollback(True)


def test_what_a_second_account_of_the_person_does_is_no_evidence() -> None:
    source, second = linked("ada"), linked("ada2")
    Source.objects.filter(pk=second.pk).update(user=source.user)
    ingest(source=source, reading=reading(post(1, like=3), acts=(act("ada2"),)), now=NOW)
    remember_member(user_id=source.user_id, source=second)

    held = evidence.of_person(source.user_id, now=NOW)

    assert len(held.at) == 0
    assert count_of(held) == 2


def test_likes_known_do_not_lower_the_count_of_reposts() -> None:
    source = linked()
    ingest(source=source, reading=reading(post(1, like=5, repost=5), acts=(act("bob"),)), now=NOW)

    held = evidence.of_person(source.user_id, now=NOW)

    by_kind = dict(zip(held.t_kind.tolist(), held.t_count.tolist(), strict=True))
    assert by_kind == {engine.KINDS.index("like"): 4, engine.KINDS.index("repost"): 5}


def test_a_source_that_is_not_chosen_does_not_speak() -> None:
    source = linked()
    ingest(source=source, reading=busy(), now=NOW)
    Source.objects.update(selected=False)

    held = evidence.of_person(source.user_id, now=NOW)

    assert len(held.at) == len(held.t_at) == 0


def test_an_audience_not_told_is_not_known_rather_than_zero() -> None:
    source = linked()
    acts = (act("bob"), act("eve", actor_followers=0))
    ingest(source=source, reading=reading(post(1), acts=acts), now=NOW)

    held = evidence.of_person(source.user_id, now=NOW)

    assert sorted(np.isnan(held.influence).tolist()) == [False, True]


def test_a_member_counts_by_the_score_of_yesterday() -> None:
    bob = linked("bob")
    remember = {"user_id": bob.user_id, "source": bob}
    source = linked("ada")
    ingest(
        source=source,
        reading=reading(post(1), acts=(act("bob", actor_followers=5),)),
        now=NOW,
    )
    remember_member(**remember)
    ScoreSnapshot.objects.create(
        user=bob.user, day=NOW.date() - timedelta(days=1), model=engine.ALGORITHM, as_of=NOW,
        score=50.5, reach=1, amplification=1, network=1, reach_score=1, amplification_score=1,
        network_score=1, posts=5, people=5, sources=1, sources_read=1,
    )  # fmt: skip

    held = evidence.of_person(source.user_id, now=NOW)

    assert held.influence.tolist() == [0.5]


def test_many_people_in_one_pass_equal_each_alone() -> None:
    ada, bob = linked("ada"), linked("bob")
    ingest(source=ada, reading=busy(30), now=NOW)
    ingest(source=bob, reading=busy(50), now=NOW)
    at = evidence.microseconds(NOW)

    together = engine.evaluate(
        evidence.of_people([ada.user_id, bob.user_id], now=NOW), engine.Params(), at
    )

    for position, source in enumerate((ada, bob)):
        alone = engine.evaluate(evidence.of_person(source.user_id, now=NOW), engine.Params(), at)
        assert together.score[position] == alone.score[0]


@pytest.mark.parametrize(
    ("change", "clock_behind_days", "weight"),
    [
        ({}, 0, 1.0),
        ({"read_at": NOW - timedelta(days=3)}, 3, 1.0),
        ({"code": Code.TRANSIENT, "read_at": NOW - timedelta(days=9)}, 9, 1.0),
        ({"code": Code.REVOKED, "code_since": NOW - timedelta(days=14)}, 0, 1.0),
        ({"code": Code.REVOKED, "code_since": NOW - timedelta(days=21)}, 0, 0.5),
        ({"code": Code.REVOKED, "code_since": NOW - timedelta(days=90)}, 0, 0.0),
        ({"paused_at": NOW - timedelta(days=20), "read_at": NOW - timedelta(days=20)}, 20, 1.0),
        ({"paused_at": NOW - timedelta(days=70), "read_at": NOW - timedelta(days=70)}, 60, 1.0),
    ],
)
def test_the_clock_of_a_source_stands_while_it_cannot_be_read(
    change: dict[str, object], clock_behind_days: float, weight: float
) -> None:
    source = linked()
    for name, value in change.items():
        setattr(source, name, value)

    clock = evidence.clock_of(source, NOW)

    assert clock == (NOW - timedelta(days=clock_behind_days), pytest.approx(weight))


def test_a_source_never_read_says_nothing() -> None:
    assert evidence.clock_of(linked(read_at=None), NOW) is None


def test_an_archive_ages_with_the_world() -> None:
    archive = archive_of(linked().user)

    clock = evidence.clock_of(archive, NOW + timedelta(days=30))

    assert clock == (NOW + timedelta(days=30), UNPROVEN)


def test_an_archive_counts_in_full_once_its_account_is_proven() -> None:
    archive = archive_of(linked().user)
    archive.proven_at = NOW

    assert evidence.clock_of(archive, NOW) == (NOW, 1.0)


@given(st.datetimes(timezones=st.just(NOW.tzinfo), min_value=NOW.replace(tzinfo=None, year=2004)))
def test_microseconds_and_back_is_the_same_moment(at: object) -> None:
    assert evidence.moment(evidence.microseconds(at)) == at
