"""Every named constraint of perks is hit: what no act writes, the database refuses."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from accounts.models import GivenFacts
from perks.models import (
    Answer,
    Campaign,
    CampaignEvent,
    Claim,
    ClaimAccount,
    Entry,
    Feedback,
    NamedPost,
    Question,
    Reminder,
    Told,
    Unit,
    WaitingPlace,
)
from tests.perks.scenes import campaign_of, claimant
from tests.perks.test_claims import claimed, hold
from tests.scoring.builders import NOW, post_of, source_of

pytestmark = pytest.mark.django_db


class Scene:
    """Nora claimed, Ahmed holds, of three units."""

    def __init__(self) -> None:
        self.nora, self.ahmed = claimant(), claimant("ahmed")
        self.campaign = campaign_of(3, per_person=2)
        self.mine, self.theirs = claimed(self.nora, self.campaign), hold(self.ahmed, self.campaign)
        self.free = Unit.objects.get(state=Unit.State.FREE)

    def claim(self, **fields: object) -> Claim:
        values = {
            "campaign": self.campaign,
            "user": self.nora,
            "unit": self.free,
            "key": uuid4().hex,
            "slot": 2,
            "state": "held",
            "held_at": NOW,
            "held_until": NOW,
        }
        return Claim.objects.create(**(values | fields))

    def set(self, **fields: object) -> int:
        return Campaign.objects.filter(pk=self.campaign.pk).update(**fields)


def twice(act: Callable[[], object]) -> None:
    act()
    act()


BREAKS: dict[str, Callable[[Scene], object]] = {
    "perk_slug_once": lambda s: Campaign.objects.filter(pk=campaign_of().pk).update(
        slug=s.campaign.slug
    ),
    "perk_window_runs_forward": lambda s: s.set(closes_at=s.campaign.opens_at),
    "perk_so_many_a_person": lambda s: s.set(per_person=0),
    "perk_draw_is_committed": lambda s: s.set(mode="draw"),
    "perk_seed_is_told": lambda s: s.set(drawn_at=NOW),
    "perk_ended_was_published": lambda s: s.set(published_at=None, ended_at=NOW),
    "perk_question_once": lambda s: twice(
        lambda: Question.objects.create(campaign=s.campaign, position=1, text="?")
    ),
    "perk_unit_once": lambda s: Unit.objects.create(campaign=s.campaign, number=1),
    "perk_code_once": lambda s: Unit.objects.create(
        campaign=s.campaign, number=9, sealed_code="v1.x.y", digest=s.free.digest
    ),
    "perk_code_is_sealed": lambda s: Unit.objects.filter(pk=s.free.pk).update(sealed_code=""),
    "perk_unit_state": lambda s: Unit.objects.filter(pk=s.free.pk).update(state="lost"),
    "perk_ref_once": lambda s: s.claim(ref=s.mine.ref),
    "perk_press_once": lambda s: s.claim(key=s.mine.key),
    "perk_unit_goes_to_one": lambda s: s.claim(unit=s.mine.unit),
    "perk_claim_once": lambda s: s.claim(slot=1),
    "perk_claim_slot": lambda s: s.claim(slot=11),
    "perk_claim_has_unit": lambda s: s.claim(unit=None),
    "perk_hold_ends": lambda s: s.claim(held_until=None),
    "perk_claim_has_time": lambda s: s.claim(state="claimed"),
    "perk_once_per_account": lambda s: ClaimAccount.objects.create(
        campaign=s.campaign,
        claim=s.theirs,
        digest=s.mine.accounts.get().digest,
    ),
    "perk_one_place_a_person": lambda s: twice(
        lambda: WaitingPlace.objects.create(campaign=s.campaign, user=s.nora, at=NOW)
    ),
    "perk_one_entry_a_person": lambda s: twice(
        lambda: Entry.objects.create(campaign=s.campaign, user=s.nora, name=uuid4().hex, at=NOW)
    ),
    "perk_entry_name_once": lambda s: [
        Entry.objects.create(campaign=s.campaign, user=each, name="same", at=NOW)
        for each in (s.nora, s.ahmed)
    ],
    "perk_lot_once": lambda s: [
        Entry.objects.create(campaign=s.campaign, user=each, name=each.username, at=NOW, place=1)
        for each in (s.nora, s.ahmed)
    ],
    "perk_answer_once": lambda s: Answer.objects.bulk_create(
        [
            Answer(claim=s.mine, question=question, text=text)
            for question in [Question.objects.create(campaign=s.campaign, position=1, text="?")]
            for text in "ab"
        ]
    ),
    "perk_stars_in_range": lambda s: Feedback.objects.create(claim=s.mine, stars=6, at=NOW),
    "perk_event_once_a_day": lambda s: twice(
        lambda: CampaignEvent.objects.create(
            campaign=s.campaign, user=s.nora, kind="seen", day=NOW.date()
        )
    ),
    "perk_one_reminder": lambda s: twice(
        lambda: Reminder.objects.create(
            campaign=s.campaign, user=s.nora, remind_at=NOW + timedelta(days=1)
        )
    ),
    "perk_told_once": lambda s: twice(
        lambda: Told.objects.create(campaign=s.campaign, user=s.nora, at=NOW)
    ),
    "perk_report_secret_once": lambda s: [
        Campaign.objects.filter(pk=pk).update(report_secret="one of two")
        for pk in (s.campaign.pk, campaign_of().pk)
    ],
    "perk_post_once": lambda s: [
        NamedPost.objects.create(claim=s.mine, post=post, at=NOW)
        for post in [post_of(source_of(s.nora))] * 2
    ],
    "given_birth_year": lambda s: GivenFacts.objects.create(user=s.nora, birth_year=12),
}


def test_every_named_constraint_is_hit() -> None:
    scene, missed = Scene(), []
    named = {
        constraint.name: model._meta.db_table
        for model in [*apps.get_app_config("perks").get_models(), GivenFacts]
        for constraint in model._meta.constraints
    }

    for name, break_it in BREAKS.items():
        try:
            with transaction.atomic():
                break_it(scene)
                missed.append(f"{name}: nothing refused it")
        except IntegrityError as error:
            # SQLite names the columns of a unique constraint, and no constraint.
            if name not in str(error) and "UNIQUE" not in str(error):
                missed.append(f"{name}: {error}")
        assert connection.in_atomic_block

    assert BREAKS.keys() == named.keys()
    assert missed == []
