"""What stands around a claim: pictures, parcels, stars, reminders, telling, wrong tries."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from PIL import Image

from accounts.models import Notice, Source, User
from perks import campaigns, claims, pictures, replies, settling, shipping, telling, tries, waiting
from perks.acts import CampaignError
from perks.eligibility import Rules
from perks.models import (
    Campaign,
    CampaignEvent,
    CampaignPicture,
    Claim,
    Feedback,
    Told,
)
from perks.refusals import No, Refused
from scoring import jobs
from scoring.ingest import ingest
from scoring.models import Job
from tests.perks.scenes import campaign_of, claimant
from tests.perks.test_claims import claimed, run_jobs
from tests.scoring.builders import NOW
from tests.scoring.readings import busy, linked

pytestmark = pytest.mark.django_db


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "#e8590c").save(file, kind, **options)
    return file.getvalue()


def test_a_picture_is_drawn_anew_without_what_travelled_in_it() -> None:
    campaign = campaign_of()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    data = picture("JPEG", (3000, 1000), exif=exif) + b"<script>"

    kept = pictures.keep(campaign_id=campaign.pk, data=data, alt="A book", actor_id=None, now=NOW)
    pictures.keep(campaign_id=campaign.pk, data=picture(), alt="New", actor_id=None, now=NOW)

    assert (kept.width, kept.height) == (1200, 400)
    assert b"home" not in bytes(kept.data)
    assert b"script" not in bytes(kept.data)
    assert CampaignPicture.objects.get().alt == "New"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no JPEG, PNG or WebP"),
        (b"<svg/>", "no JPEG, PNG or WebP"),
        (picture("GIF"), "no JPEG, PNG or WebP"),
        (picture("JPEG", (400, 400))[:-900], "damaged"),
        (picture("PNG", (7000, 6000)), "40 million"),
        (b"x" * (pictures.MOST_BYTES + 1), "5 MB"),
    ],
)
def test_what_is_no_picture_that_can_be_shown_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(CampaignError, match=words):
        pictures.redrawn(data)


def test_a_parcel_goes_its_way_and_its_address_is_erased_when_it_arrived() -> None:
    nora, campaign = claimant(), campaign_of(1, delivery=Campaign.Delivery.PARCEL)
    mine = claimed(nora, campaign, address="Nora\nRua 1\nLisboa")
    ship = {"claim_id": mine.pk, "actor_id": None, "now": NOW}

    with pytest.raises(CampaignError):
        shipping.ship(to="arrived", **ship)  # type: ignore[arg-type]
    shipping.ship(to="packed", **ship)  # type: ignore[arg-type]
    with pytest.raises(Refused) as caught:
        claims.give_back(user_id=nora.pk, ref=mine.ref, now=NOW)
    sent = shipping.ship(to="sent", tracking=" CTT 42 ", **ship)  # type: ignore[arg-type]
    address = sent.address()
    arrived = shipping.ship(to="arrived", **ship)  # type: ignore[arg-type]

    assert caught.value.no is No.ON_ITS_WAY
    assert (address, sent.tracking) == ("Nora\nRua 1\nLisboa", "CTT 42")
    assert (arrived.address(), arrived.shipment) == ("", Claim.Shipment.ARRIVED)
    assert Notice.objects.get(kind="perk_shipped").user == nora


def test_addresses_of_parcels_that_nobody_said_arrived_are_erased_after_sixty_days() -> None:
    nora, campaign = claimant(), campaign_of(1, delivery=Campaign.Delivery.PARCEL)
    mine = claimed(nora, campaign, address="Nora\nRua 1\nLisboa")
    shipping.ship(claim_id=mine.pk, to="sent", actor_id=None, now=NOW)
    then = NOW + settling.KEEP_ADDRESS

    early = settling.forget_addresses(now=then - timedelta(seconds=1))
    gone = settling.forget_addresses(now=then)

    assert (early, gone) == (0, 1)


def test_stars_are_given_changed_and_withdrawn() -> None:
    nora, campaign = claimant(), campaign_of(1)
    mine = claimed(nora, campaign)

    for stars in (2, 5):
        replies.rate(user_id=nora.pk, ref=mine.ref, stars=stars, words=" Fine ", now=NOW)
    said = Feedback.objects.get()
    with pytest.raises(Refused) as caught:
        replies.rate(user_id=nora.pk, ref=mine.ref, stars=6, words="", now=NOW)
    replies.withdraw(user_id=nora.pk, ref=mine.ref)

    assert (said.stars, said.words, caught.value.no) == (5, "Fine", No.NO_STARS)
    assert not Feedback.objects.exists()


def test_a_reminder_comes_a_day_before_the_end_unless_it_was_taken_back() -> None:
    nora, ahmed, campaign = claimant(), claimant("ahmed"), campaign_of()
    for each in (nora, ahmed):
        replies.remind(user_id=each.pk, campaign_id=campaign.pk, on=True, now=NOW)
    replies.remind(user_id=ahmed.pk, campaign_id=campaign.pk, on=False, now=NOW)

    run_jobs()
    before = len(mail.outbox)
    run_jobs(campaign.closes_at - replies.REMIND_BEFORE)

    assert before == 0
    assert [(one.subject, one.to) for one in mail.outbox] == [
        ("Ends soon: Fieldnote A5 notebook", ["nora@example.org"])
    ]


def test_people_whom_it_fits_are_told_once_when_it_is_published() -> None:
    nora, _poor = claimant(), claimant("ahmed", 20.0)
    campaign = campaign_of(opens_at=NOW + timedelta(days=1), closes_at=NOW + timedelta(days=9))

    run_jobs()
    rosa = claimant("rosa")
    again = telling.tell(campaign_id=campaign.pk, now=NOW)
    never = telling.tell(campaign_id=campaign.pk, now=NOW)

    assert (again, never) == (1, 0)
    assert set(Told.objects.values_list("user", flat=True)) == {nora.pk, rosa.pk}
    assert Notice.objects.filter(kind="perk_fits").count() == 2


def test_whoever_has_their_first_score_is_told_once_of_what_is_open_already() -> None:
    fits, _not = (
        campaign_of(rules=Rules()),
        campaign_of(title="Too far", rules=Rules(score_from=99)),
    )
    over = campaign_of(title="Paused", rules=Rules())
    campaigns.pause(campaign_id=over.pk, actor_id=None, now=NOW)
    run_jobs()
    source = linked()
    ingest(source=source, reading=busy(), now=NOW)
    Source.objects.update(tried_at=NOW)

    for _day in range(2):
        jobs.enqueue(kind=Job.Kind.SCORE, subject=str(source.user_id), now=NOW)
        run_jobs()

    assert [(one.campaign, one.user) for one in Told.objects.all()] == [(fits, source.user)]
    assert Notice.objects.filter(kind="perk_fits").count() == 1
    assert telling.tell(campaign_id=fits.pk, now=NOW) == 0


def test_seeing_and_opening_count_once_a_day_and_person() -> None:
    nora, campaign = claimant(), campaign_of()
    tomorrow = NOW + timedelta(days=1)

    for kind, at in [("seen", NOW), ("seen", NOW), ("opened", NOW), ("seen", tomorrow)]:
        replies.saw(
            user_id=nora.pk, campaign_ids=[campaign.pk], kind=CampaignEvent.Kind(kind), now=at
        )

    assert CampaignEvent.objects.count() == 3


def test_the_twenty_first_wrong_try_of_a_minute_is_one_too_many() -> None:
    nora, ahmed = User.objects.create_user("nora"), User.objects.create_user("ahmed")

    for _try in range(tries.PER_MINUTE):
        tries.after_wrong(nora.pk, NOW)
    with pytest.raises(tries.TooMany) as caught:
        tries.after_wrong(nora.pk, NOW)
    with pytest.raises(tries.TooMany):
        tries.check(nora.pk, NOW)

    assert caught.value.retry_after == 60
    tries.check(ahmed.pk, NOW)
    tries.check(nora.pk, NOW + timedelta(minutes=1))


def test_a_campaign_that_ended_reminds_nobody() -> None:
    nora, campaign = claimant(), campaign_of()
    replies.remind(user_id=nora.pk, campaign_id=campaign.pk, on=True, now=NOW)
    campaigns.end(campaign_id=campaign.pk, actor_id=None, now=NOW)

    run_jobs(campaign.closes_at)

    assert mail.outbox == []


def test_who_did_not_use_theirs_is_told_once_before_it_is_too_late() -> None:
    nora, ahmed = claimant(), claimant("ahmed")
    until = NOW + timedelta(days=9)
    campaign = campaign_of(2, usable_until=until)
    claimed(nora, campaign)
    used = claimed(ahmed, campaign)
    claims.mark_redeemed(user_id=ahmed.pk, ref=used.ref, now=NOW)
    run_jobs()
    mail.outbox.clear()

    early = telling.tell_ends(campaign_id=campaign.pk, now=until - timedelta(days=4))
    told = [
        telling.tell_ends(campaign_id=campaign.pk, now=until - timedelta(days=3)) for _ in range(2)
    ]
    late = telling.tell_ends(campaign_id=campaign.pk, now=until)
    run_jobs(until - timedelta(days=3))

    assert (early, told, late) == (0, [1, 0], 0)
    assert Notice.objects.get(kind="perk_ends_soon").user == nora
    (letter,) = mail.outbox
    assert letter.to == ["nora@example.org"]
    assert "Can be used until 30 November" in letter.subject


def test_whoever_waits_or_takes_part_needs_no_telling_and_who_moves_up_is_told() -> None:
    ahmed, campaign = claimant("ahmed"), campaign_of(1)
    held = claims.hold(user_id=ahmed.pk, campaign_id=campaign.pk, key="1", now=NOW)
    nora, rosa = claimant(), claimant("rosa")
    for each in (nora, rosa):
        waiting.join(user_id=each.pk, campaign_id=campaign.pk, now=NOW)

    claims.give_back(user_id=ahmed.pk, ref=held.ref, now=NOW)
    run_jobs()

    assert not Notice.objects.filter(kind="perk_fits", user__in=[nora, rosa]).exists()
    assert Notice.objects.get(kind="perk_held").user == nora
    assert Notice.objects.get(kind="perk_waiting").user == rosa
    assert waiting.places_of(rosa.pk, most=9) == [(campaign, 1)]
