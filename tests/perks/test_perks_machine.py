"""Whatever people and operators do in whatever order: taken and free are all, each goes to one."""

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
from perks import campaigns, claims, replies, settling, stock, waiting
from perks.acts import CampaignError
from perks.models import OPEN, Campaign, Claim, ClaimAccount, Unit, WaitingPlace
from perks.refusals import Refused
from scoring.models import ScoreSnapshot
from tests.perks.scenes import campaign_of, claimant
from tests.scoring.builders import NOW

PEOPLE = 4
WHO = st.integers(0, PEOPLE - 1)
WHICH = st.integers(0, 8)


class Perks(RuleBasedStateMachine):
    """Four people, one campaign of three, a clock that goes on, and every act at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.run = transaction.atomic()  # taken back when the run ends
        self.run.__enter__()
        self.now, self.press, self.promised = NOW, 0, 3

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.run.__exit__(None, None, None)

    @initialize(per_person=st.integers(1, 2))
    def begin(self, per_person: int) -> None:
        self.people: list[User] = [claimant(f"person{number}") for number in range(PEOPLE)]
        self.campaign = campaign_of(3, per_person=per_person).pk

    @rule(who=WHO, again=st.booleans())
    def hold(self, who: int, again: bool) -> None:
        self.press += not again
        act = waiting.hold_or_wait
        self._try(act, user_id=self.people[who].pk, campaign_id=self.campaign, key=str(self.press))

    @rule(who=WHO, which=WHICH, act=st.sampled_from(
        [claims.claim, claims.claim, claims.give_back, claims.show_code, claims.mark_redeemed]
    ))  # fmt: skip
    def answer(self, who: int, which: int, act: Callable[..., object]) -> None:
        refs = list(Claim.objects.order_by("pk").values_list("ref", flat=True))
        if refs:
            self._try(act, user_id=self.people[who].pk, ref=refs[which % len(refs)])

    @rule(who=WHO, which=WHICH, stars=st.integers(0, 6))
    def rate(self, who: int, which: int, stars: int) -> None:
        refs = list(Claim.objects.order_by("pk").values_list("ref", flat=True))
        if refs:
            ref, user_id = refs[which % len(refs)], self.people[who].pk
            self._try(replies.rate, user_id=user_id, ref=ref, stars=stars, words="")

    @rule(who=WHO)
    def leave(self, who: int) -> None:
        self._try(waiting.leave, user_id=self.people[who].pk, campaign_id=self.campaign)

    @rule()
    def settle(self) -> None:
        self._try(settling.settle, campaign_id=self.campaign)

    @rule(number=st.integers(1, 3))
    def restock(self, number: int) -> None:
        if self._try(stock.add, campaign_id=self.campaign, number=number, actor_id=None):
            self.promised += number

    @rule(number=st.integers(1, 4))
    def cut(self, number: int) -> None:
        if self._try(stock.cut, campaign_id=self.campaign, number=number, actor_id=None):
            self.promised -= number

    @rule(act=st.sampled_from([campaigns.pause, campaigns.resume]))
    def stop_and_go(self, act: Callable[..., object]) -> None:
        self._try(act, campaign_id=self.campaign, actor_id=None)

    @rule(who=WHO, score=st.sampled_from([20.0, 50.0]))
    def publish_score(self, who: int, score: float) -> None:
        ScoreSnapshot.objects.filter(user=self.people[who]).update(score=score)

    @rule(step=st.timedeltas(timedelta(), timedelta(hours=30)))
    def wait(self, step: timedelta) -> None:
        self.now += step

    @invariant()
    def taken_and_free_are_all(self) -> None:
        if not hasattr(self, "campaign"):
            return
        found = stock.counts(self.campaign)
        assert found.free + found.held + found.taken == found.total == self.promised
        assert Campaign.objects.get(pk=self.campaign).planned == self.promised

    @invariant()
    def each_unit_goes_to_one(self) -> None:
        open_claims = list(Claim.objects.filter(state__in=OPEN).values_list("unit", "state"))
        of_units = dict(open_claims)
        assert len(of_units) == len(open_claims)
        for pk, state in Unit.objects.values_list("pk", "state"):
            held = {None: "free", "held": "held"}.get(of_units.get(pk), "taken")
            assert state == held

    @invariant()
    def nobody_has_more_than_their_share(self) -> None:
        if not hasattr(self, "campaign"):
            return
        most = Campaign.objects.get(pk=self.campaign).per_person
        people = Counter(Claim.objects.filter(state__in=OPEN).values_list("user", flat=True))
        assert all(number <= most for number in people.values())
        accounts = ClaimAccount.objects.count()
        assert accounts == people.total()
        waits = Counter(WaitingPlace.objects.filter(state="waiting").values_list("user", flat=True))
        assert all(number == 1 for number in waits.values())

    def _try(self, act: Callable[..., object], **fields: object) -> bool:
        with contextlib.suppress(Refused, CampaignError):
            act(**fields, now=self.now)
            return True
        return False


def run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Perks,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.one_engine
@pytest.mark.django_db
def test_in_300_steps_no_order_of_acts_loses_or_doubles_a_unit() -> None:
    run(10, 30)


@pytest.mark.slow
@pytest.mark.one_engine
@pytest.mark.django_db
def test_in_20000_steps_no_order_of_acts_loses_or_doubles_a_unit() -> None:
    run(400, 50)
