"""Holding, claiming, giving back: what each writes, what it refuses, and that twice is once."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Case
from perks import campaigns, claims, replies, settling, waiting, words
from perks.eligibility import Kind, Rules
from perks.models import Campaign, Claim, Feedback, Unit, WaitingPlace
from perks.refusals import No, Refused
from perks.work import HANDLERS
from scoring import jobs
from scoring.models import Job, ScoreSnapshot
from tests.perks.scenes import campaign_of, claimant, taken
from tests.scoring.builders import NOW, person

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def hold(user: object, campaign: Campaign, key: str = "one press", **fields: object) -> Claim:
    values = {"now": NOW} | fields
    return claims.hold(user_id=user.pk, campaign_id=campaign.pk, key=key, **values)  # type: ignore[attr-defined, arg-type]


def claimed(user: object, campaign: Campaign, **fields: object) -> Claim:
    held = hold(user, campaign)
    values = {"now": NOW} | fields
    return claims.claim(user_id=user.pk, ref=held.ref, **values)  # type: ignore[attr-defined, arg-type]


def refused(act: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value


def run_jobs(now=NOW) -> None:  # type: ignore[no-untyped-def]
    while jobs.run_next(clock=lambda: now, handlers=HANDLERS):
        pass


def test_a_claim_goes_from_hold_to_code_with_a_mail_that_does_not_hold_it() -> None:
    nora, campaign = claimant(), campaign_of(2)

    mine = claimed(nora, campaign)
    run_jobs()
    code = claims.show_code(user_id=nora.pk, ref=mine.ref, now=NOW)

    assert (mine.state, mine.claimed_at) == (Claim.State.CLAIMED, NOW)
    assert mine.snapshot_id == ScoreSnapshot.objects.get(user=nora).pk
    assert mine.facts["score_from"] == {"needed": 40, "you": 50.4}
    assert len(code.replace("-", "")) == 27
    (letter,) = mail.outbox
    assert letter.subject == "Yours: Fieldnote A5 notebook"
    assert f"/perks/mine/{mine.ref}/" in letter.body
    assert code not in letter.body + str(letter.alternatives)


def test_the_same_press_twice_is_one_claim_and_so_is_another_press() -> None:
    nora, campaign = claimant(), campaign_of(2)

    first = hold(nora, campaign)
    again, another = hold(nora, campaign), hold(nora, campaign, "another press")
    claimed(nora, campaign)
    after = hold(nora, campaign, "a third")

    assert {first.pk, again.pk, another.pk, after.pk} == {first.pk}
    assert taken(campaign) == 1


def test_what_a_campaign_grants_a_person_is_its_limit() -> None:
    nora, campaign = claimant(), campaign_of(5, per_person=2)

    for press in "abc":
        one = hold(nora, campaign, press)
        claims.claim(user_id=nora.pk, ref=one.ref, now=NOW)

    assert taken(campaign) == 2


def test_a_hold_runs_out_and_its_unit_goes_to_the_next() -> None:
    nora, ahmed, campaign = claimant(), claimant("ahmed"), campaign_of(1)
    held = hold(nora, campaign)
    place = waiting.hold_or_wait(user_id=ahmed.pk, campaign_id=campaign.pk, key="k", now=NOW)
    late = NOW + claims.HOLD

    settling.settle(campaign_id=campaign.pk, now=late)
    run_jobs(late)

    assert isinstance(place, WaitingPlace)
    assert refused(lambda: claims.claim(user_id=nora.pk, ref=held.ref, now=late)).no is No.RAN_OUT
    offer = Claim.objects.get(user=ahmed)
    assert (offer.state, offer.offered) == (Claim.State.HELD, True)
    assert offer.held_until == late + waiting.OFFER
    assert [letter.subject for letter in mail.outbox] == ["Held for you: Fieldnote A5 notebook"]


def test_what_came_back_is_not_taken_from_those_who_wait() -> None:
    nora, ahmed, rosa = claimant(), claimant("ahmed"), claimant("rosa")
    campaign = campaign_of(1)
    mine = claimed(nora, campaign)
    waiting.hold_or_wait(user_id=ahmed.pk, campaign_id=campaign.pk, key="k", now=NOW)

    claims.give_back(user_id=nora.pk, ref=mine.ref, now=NOW)
    error = refused(lambda: hold(rosa, campaign))
    run_jobs()

    assert error.no is No.GONE
    assert Claim.objects.get(state=Claim.State.HELD).user == ahmed


def test_a_score_that_fell_between_page_and_press_is_refused_with_the_rule() -> None:
    nora, campaign = claimant(), campaign_of(rules=Rules(score_from=50))
    held = hold(nora, campaign)
    ScoreSnapshot.objects.update(score=49.9)

    error = refused(lambda: claims.claim(user_id=nora.pk, ref=held.ref, now=NOW))

    assert error.no is No.NOT_FOR_YOU
    (missing,) = [reason for reason in error.reasons if not reason.fits]
    assert (missing.kind, missing.needed, missing.you) == (Kind.SCORE_FROM, 50, 49.9)
    assert missing.missing == pytest.approx(0.1)


def test_each_wrong_moment_has_its_own_sentence() -> None:
    nora = claimant()
    early = campaign_of(opens_at=NOW + timedelta(days=1), closes_at=NOW + timedelta(days=9))
    over = campaign_of(opens_at=NOW - timedelta(days=9), closes_at=NOW + timedelta(days=1))
    paused, ended = campaign_of(), campaign_of()
    campaigns.pause(campaign_id=paused.pk, actor_id=None, now=NOW)
    campaigns.end(campaign_id=ended.pk, actor_id=None, now=NOW)
    late = NOW + timedelta(days=1)

    found = [
        refused(lambda: hold(nora, early)).no,
        refused(lambda: hold(nora, over, now=late)).no,
        refused(lambda: hold(nora, paused)).no,
        refused(lambda: hold(nora, ended)).no,
        refused(lambda: claims.hold(user_id=nora.pk, campaign_id=0, key="k", now=NOW)).no,
    ]

    assert found == [No.TOO_EARLY, No.ENDED, No.PAUSED, No.ENDED, No.UNKNOWN]


def test_a_pause_keeps_what_is_held_and_the_time_begins_anew_after_it() -> None:
    nora, campaign = claimant(), campaign_of(1)
    held = hold(nora, campaign)
    campaigns.pause(campaign_id=campaign.pk, actor_id=None, now=NOW + MINUTE)
    later = NOW + timedelta(hours=2)

    settling.settle(campaign_id=campaign.pk, now=later)
    error = refused(lambda: claims.claim(user_id=nora.pk, ref=held.ref, now=later))
    campaigns.resume(campaign_id=campaign.pk, actor_id=None, now=later)
    mine = claims.claim(user_id=nora.pk, ref=held.ref, now=later + 14 * MINUTE)

    assert error.no is No.PAUSED
    assert mine.state == Claim.State.CLAIMED


def test_what_is_held_at_the_closing_time_may_be_claimed() -> None:
    nora, campaign = claimant(), campaign_of(1, closes_at=NOW + timedelta(days=6))
    just_before = campaign.closes_at - MINUTE
    held = hold(nora, campaign, now=just_before)

    mine = claims.claim(user_id=nora.pk, ref=held.ref, now=campaign.closes_at + MINUTE)

    assert mine.state == Claim.State.CLAIMED


def test_an_account_that_moved_to_a_second_profile_is_used_up() -> None:
    nora, ahmed, campaign = claimant(), claimant("ahmed"), campaign_of(3)
    mine = claimed(nora, campaign)
    nora.socialaccount_set.update(user=ahmed)

    error = refused(lambda: hold(ahmed, campaign))
    claims.give_back(user_id=nora.pk, ref=mine.ref, now=NOW)
    after = hold(ahmed, campaign)

    assert error.no is No.ACCOUNT_USED
    assert after.state == Claim.State.HELD


@pytest.mark.one_engine
def test_of_fifty_profiles_with_one_account_one_claims() -> None:
    campaign, claimants = campaign_of(50), [person(f"person{number}") for number in range(49)]
    nora = claimant()

    found = [refused(lambda each=each: hold(each, campaign)).no for each in claimants]  # type: ignore[misc]
    hold(nora, campaign)

    assert set(found) == {No.NOT_FOR_YOU}
    assert taken(campaign) == 1


def test_a_code_that_was_seen_cannot_go_to_somebody_else() -> None:
    nora, campaign = claimant(), campaign_of(1)
    mine = claimed(nora, campaign)
    claims.show_code(user_id=nora.pk, ref=mine.ref, now=NOW)

    error = refused(lambda: claims.give_back(user_id=nora.pk, ref=mine.ref, now=NOW))

    assert error.no is No.CODE_SEEN


def test_a_claim_of_another_looks_like_none() -> None:
    nora, ahmed, campaign = claimant(), claimant("ahmed"), campaign_of(1)
    mine = claimed(nora, campaign)
    acts = [claims.claim, claims.give_back, claims.show_code, claims.mark_redeemed]

    for act in acts:
        for ref in (mine.ref, uuid4()):
            error = refused(lambda act=act, ref=ref: act(user_id=ahmed.pk, ref=ref, now=NOW))  # type: ignore[misc]
            assert error.no is No.NOT_YOURS


def test_a_parcel_needs_an_address_of_any_script_and_keeps_it_sealed() -> None:
    nora, campaign = claimant(), campaign_of(2, delivery=Campaign.Delivery.PARCEL)
    held = hold(nora, campaign)
    address = " 李小龍\n\n九龍 彌敦道 1\x00號 \nHong Kong"

    error = refused(lambda: claims.claim(user_id=nora.pk, ref=held.ref, now=NOW, address=" \n "))
    mine = claims.claim(user_id=nora.pk, ref=held.ref, now=NOW, address=address)

    assert error.no is No.NO_ADDRESS
    assert mine.address() == "李小龍\n九龍 彌敦道 1號\nHong Kong"
    assert "彌敦道" not in mine.sealed_address
    assert mine.shipment == Claim.Shipment.WAITING


def test_a_parcel_that_lies_with_us_is_neither_used_nor_rated() -> None:
    nora, campaign = claimant(), campaign_of(1, delivery=Campaign.Delivery.PARCEL)
    held = hold(nora, campaign)
    mine = claims.claim(user_id=nora.pk, ref=held.ref, now=NOW, address="Nora, Bica 3, Lisboa")
    about = {"user_id": nora.pk, "ref": mine.ref, "now": NOW}

    early = [
        refused(lambda: claims.mark_redeemed(**about)).no,
        refused(lambda: replies.rate(**about, stars=5, words="Fine")).no,
    ]
    Claim.objects.update(shipment=Claim.Shipment.SENT)

    assert early == [No.WRONG_STATE] * 2
    assert claims.mark_redeemed(**about).state == Claim.State.REDEEMED
    assert replies.rate(**about, stars=5, words="Fine").stars == 5


def test_who_is_refused_for_what_they_did_not_say_is_told_that() -> None:
    nora, campaign = claimant(), campaign_of(rules=Rules(countries=("PT",)))

    error = refused(lambda: hold(nora, campaign))

    assert error.no is No.NOT_FOR_YOU
    assert str(error) == words.unknown(error.reasons)
    assert "country" in str(error)


def test_redeemed_is_noted_and_taken_back_and_a_problem_opens_one_case() -> None:
    nora, campaign = claimant(), campaign_of(1)
    mine = claimed(nora, campaign)

    used = claims.mark_redeemed(user_id=nora.pk, ref=mine.ref, now=NOW)
    for text in ("The shop refused it.", "And again."):
        with_case = claims.report_problem(user_id=nora.pk, ref=mine.ref, text=text, now=NOW)
    unused = claims.mark_redeemed(user_id=nora.pk, ref=mine.ref, now=NOW, redeemed=False)

    assert used.redeemed_at == NOW
    assert (unused.state, unused.redeemed_at) == (Claim.State.CLAIMED, None)
    case = Case.objects.get()
    assert case.messages.count() == 2
    assert with_case.case == case
    assert "50.4" not in case.report


def test_who_leaves_the_site_frees_what_is_held_and_leaves_no_trace_on_what_is_taken() -> None:
    nora, ahmed, campaign = claimant(), claimant("ahmed"), campaign_of(2)
    mine = claimed(nora, campaign)
    replies.rate(user_id=nora.pk, ref=mine.ref, stars=5, words="I am Nora of Bica", now=NOW)
    hold(ahmed, campaign)

    nora.delete()
    ahmed.delete()

    states = set(Unit.objects.values_list("state", flat=True))
    assert states == {Unit.State.FREE, Unit.State.TAKEN}
    kept = Claim.objects.get(state=Claim.State.CLAIMED)
    assert (kept.user, kept.facts, kept.snapshot) == (None, {}, None)
    assert kept.key != mine.key
    assert not Feedback.objects.exists()


def test_what_was_held_for_who_leaves_goes_to_the_next_who_waits() -> None:
    now = timezone.now()  # leaving has no clock of its own
    nora, ahmed = claimant(), claimant("ahmed")
    campaign = campaign_of(1, now=now, opens_at=now - MINUTE, closes_at=now + timedelta(days=6))
    hold(nora, campaign, now=now)
    waiting.join(user_id=ahmed.pk, campaign_id=campaign.pk, now=now)
    run_jobs(now)

    nora.delete()
    run_jobs(timezone.now())

    assert Claim.objects.get(user=ahmed).offered


def test_passing_somebody_by_ends_no_turn_of_the_waiting_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting, "AT_ONCE", 1)
    nora, ahmed, mia = claimant(), claimant("ahmed"), claimant("mia")
    campaign = campaign_of(1)
    held = hold(nora, campaign)
    for one in (ahmed, mia):
        waiting.join(user_id=one.pk, campaign_id=campaign.pk, now=NOW)
    ScoreSnapshot.objects.filter(user=ahmed).update(score=None, low=None, high=None)

    claims.give_back(user_id=nora.pk, ref=held.ref, now=NOW)
    run_jobs()

    assert Claim.objects.get(user=mia).offered
    assert not Claim.objects.filter(user=ahmed).exists()


def test_the_beat_finds_what_ran_out_and_who_waits_for_something_free_and_nothing_else() -> None:
    nora, campaign, other = claimant(), campaign_of(1), campaign_of(1)
    hold(nora, campaign)
    WaitingPlace.objects.create(campaign=campaign, user=claimant("ahmed"), at=NOW)
    owing, paused = campaign_of(1), campaign_of(1)
    for one in (owing, paused):  # as after a unit came back at the moment at which somebody joined
        WaitingPlace.objects.create(campaign=one, user=nora, at=NOW)
    campaigns.pause(campaign_id=paused.pk, actor_id=None, now=NOW)
    Job.objects.all().delete()

    early = settling.due(now=NOW + claims.HOLD - MINUTE)
    found = settling.due(now=NOW + claims.HOLD)

    assert early == [owing.pk]
    assert found == [campaign.pk, owing.pk]
    assert other.pk not in found
