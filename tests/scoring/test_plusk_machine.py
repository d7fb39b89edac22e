"""Whatever people do with +K in whatever order: totals follow the ledger, and no rule is broken."""

import contextlib
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from scoring import plusk
from scoring.engine.plusk import AGAIN_AFTER, PER_DAY, UNDO_FOR, Act, state
from scoring.models import PlusK, PlusKAct, PlusKMember, PlusKTotal
from scoring.plusk import ledger
from tests.scoring.builders import NOW
from tests.scoring.plusk_scenes import SHOWN, showing

PEOPLE, TOPICS = 3, (*SHOWN, "cycling")
WHO = st.integers(0, PEOPLE - 1)


class Ledger(RuleBasedStateMachine):
    """Three people, four topics, a clock that mostly goes on, and every act at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.run = transaction.atomic()  # taken back when the run ends
        self.run.__enter__()
        self.now = NOW

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.run.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        self.people: list[User] = [showing(f"person{number}") for number in range(PEOPLE)]

    @rule(who=WHO, whom=WHO, topic=st.sampled_from(TOPICS))
    def give(self, who: int, whom: int, topic: str) -> None:
        self._try(
            plusk.give,
            giver_id=self.people[who].pk,
            receiver_id=self.people[whom].pk,
            topic=topic,
        )

    @rule(who=WHO, which=st.integers(0, 30), act=st.sampled_from(
        [plusk.undo, plusk.accept, plusk.hide, plusk.thank, plusk.report]
    ))  # fmt: skip
    def answer(self, who: int, which: int, act: Callable[..., object]) -> None:
        rows = list(PlusK.objects.order_by("pk").values_list("pk", flat=True))
        if rows:
            user_id = self.people[who].pk
            self._try(act, user_id=user_id, plusk_id=rows[which % len(rows)])

    @rule(which=st.integers(0, 30), void=st.booleans())
    def judge(self, which: int, void: bool) -> None:
        rows = list(PlusK.objects.order_by("pk").values_list("pk", flat=True))
        if rows:
            plusk.rule(plusk_id=rows[which % len(rows)], void=void, now=self.now)

    @rule(which=st.integers(0, 30))
    def vouch(self, which: int) -> None:
        rows = list(PlusK.objects.order_by("pk").values_list("pk", flat=True))
        if rows:
            plusk.vouch(plusk_id=rows[which % len(rows)], now=self.now)

    @rule()
    def night(self) -> None:
        plusk.weigh(plusk.EVERYBODY, now=self.now)

    @rule(step=st.timedeltas(timedelta(hours=-2), timedelta(days=4)))
    def wait(self, step: timedelta) -> None:
        self.now += step

    @invariant()
    def totals_follow_the_ledger(self) -> None:
        assert plusk.drifted() == []
        acts: dict[int, list[str]] = {}
        for given, kind in PlusKAct.objects.order_by("pk").values_list("plusk_id", "kind"):
            acts.setdefault(given, []).append(kind)
        true: Counter[tuple[int, str]] = Counter()
        for one in PlusK.objects.select_related("receiver"):
            counts = state(one.offered, acts.get(one.pk, [])).counts
            true[one.receiver.user_id or 0, one.topic] += counts
        less = ledger.lessened(list(PlusKMember.objects.values_list("pk", flat=True)))
        for total in PlusKTotal.objects.select_related("receiver"):
            assert total.counted == true[total.receiver.user_id or 0, total.topic]
            taken = less.get((total.receiver_id, total.topic), 0.0)
            assert abs(total.counted - taken - total.weighed) < 1e-9

    @invariant()
    def no_rule_is_broken(self) -> None:
        undone = set(PlusKAct.objects.filter(kind=Act.UNDO).values_list("plusk_id", flat=True))
        rows = [one for one in PlusK.objects.order_by("at", "pk") if one.pk not in undone]
        a_day = Counter((one.giver_id, one.day) for one in rows)
        assert all(number <= PER_DAY for number in a_day.values())
        last = {}
        for one in rows:
            key = (one.giver_id, one.receiver_id, one.topic)
            assert one.giver_id != one.receiver_id
            assert key not in last or one.at - last[key] >= AGAIN_AFTER
            last[key] = one.at
        for act in PlusKAct.objects.filter(kind=Act.UNDO).select_related("plusk"):
            assert act.at < act.plusk.at + UNDO_FOR

    def _try(self, act: Callable[..., object], **fields: object) -> None:
        with contextlib.suppress(plusk.PlusKError):
            act(**fields, now=self.now)


@pytest.mark.django_db
def test_no_order_of_acts_breaks_a_rule_or_makes_a_total_drift() -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
