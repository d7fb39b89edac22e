"""The sample campaigns: six kinds, made once, and something in them for whoever comes new."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from perks import sample_pictures, samples, standing, stock
from perks.models import Campaign, CampaignPicture
from perks.standing import Group
from perks.views.rows import picture_url
from tests.perks.scenes import claimant

pytestmark = pytest.mark.django_db


def test_they_are_made_once_and_again_when_they_are_over() -> None:
    now = timezone.now()
    takers = [claimant(name).pk for name in ("ahmed", "rosa", "ines", "jun")]

    first = samples.make(now=now, takers=takers)
    again = samples.make(now=now, takers=takers)
    later = samples.make(now=now + samples.OPEN_FOR, takers=())

    assert (len(first), again) == (6, [])
    assert len(later) == 5  # the one that opened later is not over yet
    kinds = Campaign.objects.filter(pk__in=first).values_list("mode", "delivery")
    assert set(kinds) == {
        ("first", "made"),
        ("first", "codes"),
        ("first", "parcel"),
        ("draw", "made"),
    }
    assert len(set(CampaignPicture.objects.values_list("digest", flat=True))) == 6
    gone = Campaign.objects.filter(pk__in=first, brand="Moorside Bees").get()
    assert stock.counts(gone.pk) == (3, 0, 0, 3)


@pytest.mark.one_engine
def test_whoever_comes_new_may_claim_take_part_and_be_nearly_there() -> None:
    now = timezone.now()
    samples.make(now=now, takers=[claimant(name).pk for name in ("ahmed", "rosa", "ines")])
    nora = claimant("nora", 36.5)

    found = standing.listed(nora, now + timedelta(seconds=1))

    groups = {one.campaign.brand: one.group for one in found}
    assert groups == {
        "Hearthside Radio": Group.OPEN,
        "Ovenlight": Group.OPEN,
        "Marginalia Paper": Group.NEARLY,  # points and a topic
        "Paperwharf": Group.NEARLY,  # a country is to be said
        "Moorside Bees": Group.FULL,  # is gone, with a waiting list
        "Spokewright": Group.SOON,
    }


@pytest.mark.one_engine
def test_a_picture_is_sent_once_to_who_keeps_it(client: Client) -> None:
    samples.make(now=timezone.now(), takers=())
    client.force_login(claimant())
    campaign = Campaign.objects.select_related("picture").first()
    assert campaign is not None
    address = picture_url(campaign)

    answer = client.get(address)
    again = client.get(address, headers={"If-None-Match": answer["ETag"]})

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert answer.content == bytes(campaign.picture.data)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.one_engine
def test_there_is_a_picture_for_no_other_name() -> None:
    with pytest.raises(KeyError):
        sample_pictures.draw("nothing")
