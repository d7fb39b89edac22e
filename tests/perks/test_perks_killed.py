"""Killed at any statement from press to mail: the claim and its mail are there, or neither."""

import email
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from perks import claims, settling, stock
from perks.models import Claim, Unit
from scoring.models import Job
from tests.perks.scenes import campaign_of, claimant
from tests.perks.test_claims import hold
from tests.perks.test_perks_race import assert_sound
from tests.processes import environment
from tests.scoring.builders import NOW

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
POINTS = 9  # at least, from press to mail


def words_of(*arguments: str) -> Iterator[str]:
    """Yield how each child of tests.perks.killed_claims ended; the next begins when it is asked."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.perks.killed_claims", *arguments],
        cwd=settings.BASE_DIR,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for line in running.stdout:
            yield line.strip()
            running.stdin.write("\n")
            running.stdin.flush()


def letters(key: str) -> int:
    return Job.objects.filter(kind=Job.Kind.LETTER, subject=key).count()


def test_killed_at_any_statement_claim_and_mail_are_there_or_neither() -> None:
    nora, campaign = claimant(), campaign_of(1)
    held = hold(nora, campaign)
    key, points = f"perk:claimed:{held.pk}", 0

    for word in words_of("claim", str(held.ref), NOW.isoformat(), str(nora.pk)):
        points += word == "killed"
        now = Claim.objects.get(pk=held.pk)
        there = (now.state, Unit.objects.get().state, letters(key))
        assert there in {("held", "held", 0), ("claimed", "taken", 1)}
        assert word == "killed" or there[0] == "claimed"

    assert points >= POINTS


def test_killed_at_any_statement_of_sending_the_mail_is_one(tmp_path: Path) -> None:
    nora, campaign = claimant(), campaign_of(1)
    held = hold(nora, campaign)
    claims.claim(user_id=nora.pk, ref=held.ref, now=NOW)
    points = 0

    for word in words_of("mail", str(tmp_path), NOW.isoformat()):
        points += word == "killed"
        Job.objects.filter(kind=Job.Kind.LETTER).update(attempt=0)  # more kills than tries

    sent = [email.message_from_bytes(one.read_bytes()) for one in tmp_path.iterdir()]
    assert points >= POINTS
    # One that was handed over and not noted is handed over again under the same name.
    assert len({one["Message-ID"] for one in sent}) == 1
    assert {str(one["Subject"]) for one in sent} == {"Yours: Fieldnote A5 notebook"}


def test_with_failures_and_kills_ten_are_sold_and_none_is_stuck() -> None:
    campaign, now, ended = campaign_of(10), NOW, Counter[str]()
    crowd = [str(claimant(f"person{number}").pk) for number in range(30)]

    for _round in range(20):  # whoever fails last leaves a hold, which runs out before the next
        ended.update(words_of("crowd", str(campaign.pk), now.isoformat(), *crowd))
        crowd = crowd[7:] + crowd[:7]  # or the same one would take the last and fail each time
        now += claims.HOLD
        settling.settle(campaign_id=campaign.pk, now=now)
        assert stock.counts(campaign.pk).held == 0
        if stock.counts(campaign.pk).free == 0:
            break

    assert ended["failed"] > 0
    assert ended["killed"] > 0
    assert stock.counts(campaign.pk).taken == 10
    assert_sound(campaign, total=10)
