"""Whoever meets whom at which statement, no unit is sold twice or lost, and none lies idle.

Of two acts every order is played in which one makes way for the other at most twice where it need
not; of three acts five orders each, chosen by dice that always fall alike.
"""

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from perks import claims, stock, waiting
from perks.acts import CampaignError
from perks.models import Campaign, Claim, Unit, WaitingPlace
from perks.refusals import Refused
from tests.meeting import Act
from tests.perks.scenes import campaign_of, claimant
from tests.perks.taking_turns import Played, Switch, orders, stage
from tests.perks.test_perks_race import (
    assert_sound,
    taking_without_a_lock,
    without_the_last_wall,
)
from tests.scoring.builders import NOW

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
LATE = NOW + claims.HOLD
Play = Callable[[Sequence[Switch]], Played]


class Scenes:
    """Nora holds the only unit, whose time is over; Ahmed waits for it, Rosa and Mia want one.

    Or it is free, and nobody waits yet. The first is made as people make it; all others are copies
    of its rows, for there are hundreds.
    """

    def __init__(self) -> None:
        self.nora, self.ahmed, self.rosa, self.mia = (
            claimant(name) for name in ("nora", "ahmed", "rosa", "mia")
        )
        self.campaign = campaign_of(1, delivery=Campaign.Delivery.PARCEL)
        pk, person = self.campaign.pk, self.nora.pk
        self.held = claims.hold(user_id=person, campaign_id=pk, key="k", now=NOW)
        self.place = waiting.join(user_id=self.ahmed.pk, campaign_id=pk, now=NOW)

    def another(self, *, free: bool) -> tuple[Campaign, UUID]:
        """Return a campaign, and the name of what Nora holds of it."""
        campaign, ref = _copy(self.campaign, slug=uuid4().hex), uuid4()
        state = Unit.State.FREE if free else Unit.State.HELD
        unit = _copy(self.held.unit, pk=uuid4(), campaign=campaign, state=state)
        if not free:
            held = _copy(self.held, ref=ref, campaign=campaign, unit=unit)
            for account in self.held.accounts.all():
                _copy(account, campaign=campaign, claim=held)
            _copy(self.place, campaign=campaign)
        return campaign, ref

    def acts(self, campaign: Campaign, ref: UUID) -> dict[str, Act]:
        """Return all that people, operators and time may do there."""
        just = LATE - timedelta(seconds=1)
        here = {"campaign_id": campaign.pk, "now": just}
        hers = {"user_id": self.nora.pk, "ref": ref, "now": just}
        return {
            "claim": partial(claims.claim, **hers, address="Rua da Bica 1"),
            "expire": partial(settled, campaign),
            "give back": partial(claims.give_back, **hers),
            "restock": partial(stock.add, **here, number=1, actor_id=None),
            "cut": partial(stock.cut, **here, number=1, actor_id=None),
            "wait": partial(waiting.join, **here, user_id=self.ahmed.pk),
            "withdraw": partial(waiting.leave, **here, user_id=self.ahmed.pk),
            "hold": partial(claims.hold, **here, user_id=self.rosa.pk, key="k"),
            "again": partial(claims.hold, **here, user_id=self.rosa.pk, key="another tab"),
            "press": partial(waiting.hold_or_wait, **here, user_id=self.mia.pk, key="k"),
        }


def _copy(row: Any, **changes: Any) -> Any:
    """Return a new row that is as this one but for the changes."""
    new = copy(row)
    new.pk = None
    for name, value in changes.items():
        setattr(new, name, value)
    new.save(force_insert=True)
    return new


def settled(campaign: Campaign) -> None:
    """See to holds that ran out and to who waits, as the campaign's job does."""
    claims.expire(campaign_id=campaign.pk, now=LATE)
    waiting.offer(campaign_id=campaign.pk, now=LATE)


def assert_nothing_odd(campaign: Campaign, played: Played) -> None:
    """Whatever happened: all there are are free or somebody's, and nobody waits for nothing."""
    assert [one for one in played.failed if not isinstance(one, (Refused, CampaignError))] == []
    total = Campaign.objects.get(pk=campaign.pk).planned
    assert_sound(campaign, total=total)
    settled(campaign)
    assert_sound(campaign, total=total)
    free = Unit.objects.filter(campaign=campaign, state=Unit.State.FREE)
    waits = WaitingPlace.objects.filter(campaign=campaign, state=WaitingPlace.State.WAITING)
    assert not (free.exists() and waits.exists())


@pytest.fixture
def play() -> Iterator[Callable[..., Play]]:
    """Return what plays acts in a scene that is made anew each time, and looks at it afterwards."""
    scenes = Scenes()
    with stage(3) as here:

        def of(*names: str, free: bool = False) -> Play:
            def once(switches: Sequence[Switch]) -> Played:
                campaign, ref = scenes.another(free=free)
                acts = scenes.acts(campaign, ref)
                played = here.play([acts[name] for name in names], switches)
                assert_nothing_odd(campaign, played)
                return played

            return once

        yield of


ACTS = ("claim", "expire", "give back", "restock", "cut", "withdraw", "hold", "press")
WHEN_FREE = ("hold", "again", "press", "wait", "cut", "expire")


def test_wherever_claiming_meets_the_end_of_its_time_nothing_is_sold_twice_or_lost(
    play: Callable[..., Play],
) -> None:
    assert orders(play("claim", "expire"), switches=1) >= 20


@pytest.mark.slow
@pytest.mark.parametrize(("acts", "free"), [(ACTS, False), (WHEN_FREE, True)])
def test_wherever_two_acts_meet_nothing_is_sold_twice_or_lost(
    play: Callable[..., Play], acts: tuple[str, ...], free: bool
) -> None:
    for pair in itertools.combinations(acts, 2):
        assert orders(play(*pair, free=free), switches=2) >= 5, pair


@pytest.mark.slow
@pytest.mark.parametrize("first", ACTS[:-2])
def test_wherever_three_acts_meet_nothing_is_sold_twice_or_lost(
    play: Callable[..., Play], first: str
) -> None:
    dice = random.Random(first)

    for others in itertools.combinations(ACTS[ACTS.index(first) + 1 :], 2):
        once = play(first, *others)
        for _order in range(5):
            steps = sorted(dice.sample(range(30), 5))
            once([(step, dice.randrange(3)) for step in steps])


@pytest.mark.slow
def test_control_without_lock_and_constraint_many_orders_sell_one_unit_twice() -> None:
    nora, ahmed = claimant(), claimant("ahmed")
    sold = list[int]()

    with stage(2) as here, without_the_last_wall():

        def once(switches: Sequence[Switch]) -> Played:
            campaign = campaign_of(1)
            acts = [taking_without_a_lock(one, campaign) for one in (nora, ahmed)]
            played = here.play(acts, switches)
            sold.append(Claim.objects.filter(campaign=campaign).count())
            return played

        orders(once, switches=1)

    assert set(sold) == {1, 2}  # one after the other there is no harm
    assert sold.count(2) >= len(sold) // 2
