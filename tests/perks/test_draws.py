"""Draws: committed before, reproducible after, fair, and everybody is told."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core import mail
from scipy import stats

from accounts.models import Notice
from perks import claims, entries, lots, settling, waiting
from perks.models import Campaign, Claim, Entry, WaitingPlace
from perks.refusals import No, Refused
from tests.perks.scenes import campaign_of, claimant
from tests.perks.test_claims import run_jobs
from tests.scoring.builders import NOW

DRAW = Campaign.Mode.DRAW


def test_the_order_follows_from_seed_and_list_alone() -> None:
    names = [f"{number:032x}" for number in range(50)]

    once, again = lots.order("seed", names), lots.order("seed", reversed(names))

    assert once == again
    assert lots.order("another", names) != once
    assert lots.commitment("seed") == (
        "19b25856e1c150ca834cffc8b59b23adbd0ec0389e58eb22b3b64768098d002b"
    )


def test_of_2000_entrants_everybody_wins_equally_often_in_500_draws() -> None:
    names, won = [f"{number:032x}" for number in range(2_000)], Counter[str]()
    groups = {name: at // 100 for at, name in enumerate(names)}

    for number in range(500):
        won.update(lots.order(f"seed {number}", names)[:10])
    of_groups = Counter(dict.fromkeys(range(20), 0))
    for name, times in won.items():
        of_groups[groups[name]] += times

    assert sum(won.values()) == 5_000
    assert stats.chisquare(list(of_groups.values())).pvalue > 0.01


@pytest.mark.django_db
def test_a_draw_is_committed_drawn_once_and_offered_in_its_order() -> None:
    campaign = campaign_of(2, mode=DRAW)
    people = [claimant(f"p{number}") for number in range(5)]
    for each in people:
        entries.enter(user_id=each.pk, campaign_id=campaign.pk, now=NOW)
        entries.enter(user_id=each.pk, campaign_id=campaign.pk, now=NOW)
    with pytest.raises(Refused) as caught:
        claims.hold(user_id=people[0].pk, campaign_id=campaign.pk, key="k", now=NOW)
    late = campaign.closes_at

    early = entries.draw(campaign_id=campaign.pk, now=late - timedelta(seconds=1))
    settling.settle(campaign_id=campaign.pk, now=late)
    again = entries.draw(campaign_id=campaign.pk, now=late)
    run_jobs(late)

    assert (caught.value.no, early, again) == (No.BY_LOT, False, False)
    assert campaign.seed == ""
    drawn = Campaign.objects.get()
    assert lots.commitment(drawn.seed) == campaign.commitment
    rows = list(Entry.objects.order_by("place"))
    assert [row.name for row in rows] == lots.order(drawn.seed, [row.name for row in rows])
    held = Claim.objects.filter(state=Claim.State.HELD)
    assert {one.user_id for one in held} == {rows[0].user_id, rows[1].user_id}
    assert {one.held_until for one in held} == {late + waiting.WON}
    subjects = Counter(letter.subject.partition(":")[0] for letter in mail.outbox)
    assert subjects == {"Held for you": 2, "Not chosen this time": 3}
    kinds = Counter(Notice.objects.values_list("kind", flat=True))
    assert kinds == {"perk_drawn": 2, "perk_not_drawn": 3}


@pytest.mark.django_db
def test_what_a_winner_leaves_goes_to_the_next_lot() -> None:
    campaign = campaign_of(1, mode=DRAW)
    for number in range(3):
        user = claimant(f"p{number}")
        entries.enter(user_id=user.pk, campaign_id=campaign.pk, now=NOW)
    settling.settle(campaign_id=campaign.pk, now=campaign.closes_at)
    later = campaign.closes_at + waiting.WON

    settling.settle(campaign_id=campaign.pk, now=later)

    order = list(Entry.objects.order_by("place").values_list("user_id", flat=True))
    assert Claim.objects.get(state=Claim.State.HELD).user_id == order[1]
    assert waiting.place_of(user_id=order[2] or 0, campaign_id=campaign.pk) == 1
    assert WaitingPlace.objects.filter(state=WaitingPlace.State.OFFERED).count() == 2
