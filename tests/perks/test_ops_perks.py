"""Operators write, publish and run campaigns in pages of their own."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from perks.models import Campaign, Question, Unit
from tests.perks.scenes import campaign_of, claimant
from tests.scoring.builders import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def operator() -> Client:
    """Return the browser of somebody who runs the site."""
    client = Client()
    client.force_login(User.objects.create_user("otto", display_name="Otto", is_staff=True))
    return client


def typed(**fields: Any) -> dict[str, Any]:
    """Return a form as somebody fills it in: a week from tomorrow, in Lisbon."""
    return {
        "title": "Fieldnote A5 notebook",
        "brand": "Fieldnote",
        "gets": "A notebook of 96 dotted pages",
        "opens_at": "2026-11-22T12:00",
        "closes_at": "2026-11-29T12:00",
        "time_zone": "Europe/Lisbon",
        "mode": "first",
        "delivery": "codes",
        "planned": "2",
        "per_person": "1",
        "waiting_list": "on",
        "score_from": "40",
        "question_1": "Which paper?",
        "choices_1": "Dotted\n\nLined\n",
        "required_1": "on",
        "learns": ["name", "answers"],
    } | fields


def draft_by(client: Client, **fields: Any) -> Campaign:
    """Write a draft through the page, and return it."""
    response = client.post(reverse("ops_perk_new"), typed(**fields))
    assert response.status_code == 302, response.content.decode()
    return Campaign.objects.get()


def press(client: Client, campaign: Campaign, act: str, **data: str) -> str:
    """Press a button of a campaign, and return the page that comes."""
    address = reverse("ops_perk_act", args=[campaign.pk, act])
    return client.post(address, data, follow=True).content.decode()


def upload(client: Client, campaign: Campaign, lines: bytes, **data: str) -> Any:
    """Send codes as a file."""
    file = SimpleUploadedFile("codes.csv", lines)
    return client.post(
        reverse("ops_perk_codes", args=[campaign.pk]), {"file": file, **data}, follow=True
    )


def test_nobody_but_staff_finds_these_pages(client: Client) -> None:
    client.force_login(User.objects.create_user("bob"))
    campaign = campaign_of()
    pages = ["ops_perk", "ops_perk_edit", "ops_perk_codes", "ops_perk_picture"]

    answers = [
        client.get(reverse("ops_perks")),
        client.get(reverse("ops_perk_new")),
        *(client.get(reverse(page, args=[campaign.pk])) for page in pages),
        client.post(reverse("ops_perk_reach")),
        client.post(reverse("ops_perk_act", args=[campaign.pk, "end"])),
        client.post(reverse("ops_perk_codes_made", args=[campaign.pk])),
    ]

    campaign.refresh_from_db()
    assert {answer.status_code for answer in answers} == {404}
    assert campaign.ended_at is None


def test_a_campaign_goes_from_a_draft_with_codes_to_its_end_and_says_who_did_it() -> None:
    client = operator()

    campaign = draft_by(client)
    page = client.get(reverse("ops_perk", args=[campaign.pk])).content.decode()
    assert "Upload 2 codes." in page
    assert "Its rules fit nobody here today." in page
    assert "It has no picture yet." in page
    assert (
        "Kept. There are 2 codes now."
        in upload(client, campaign, b"code\nABCD-1\nABCD-2\n", length="6").content.decode()
    )
    assert "Published." in press(client, campaign, "publish")
    assert "Paused." in press(client, campaign, "pause")
    assert "It goes on." in press(client, campaign, "resume")
    assert "There are fewer of them now." in press(client, campaign, "fewer", number="1")
    page = press(client, campaign, "end")

    campaign.refresh_from_db()
    question = Question.objects.get()
    assert campaign.opens_at.isoformat() == "2026-11-22T12:00:00+00:00"
    assert campaign.learns == ["answers", "name"]
    assert (question.text, question.choices, question.required) == (
        "Which paper?",
        ["Dotted", "Lined"],
        True,
    )
    for said in (
        "Otto made the draft.",
        "Otto uploaded codes: 2.",
        "Otto published it.",
        "Otto paused it.",
        "Otto let it go on.",
        "Otto made the stock smaller by 1.",
        "Otto ended it.",
    ):
        assert said in page


def test_times_are_those_of_the_chosen_zone_and_stay_as_they_were_when_nobody_touches_them() -> (
    None
):
    client = operator()
    campaign = draft_by(client, time_zone="Asia/Tokyo")
    opens = campaign.opens_at

    shown = client.get(reverse("ops_perk_edit", args=[campaign.pk])).content.decode()
    changed = client.post(
        reverse("ops_perk_edit", args=[campaign.pk]),
        typed(time_zone="Asia/Tokyo", title="Another title"),
    )

    campaign.refresh_from_db()
    assert opens.isoformat() == "2026-11-22T03:00:00+00:00"
    assert 'value="2026-11-22T12:00"' in shown
    assert changed.status_code == 302
    assert (campaign.title, campaign.opens_at) == ("Another title", opens)


def test_a_live_campaign_can_be_changed_though_its_seconds_are_not_shown() -> None:
    client = operator()
    campaign = campaign_of(opens_at=NOW - timedelta(days=1, seconds=33))
    page = client.get(reverse("ops_perk_edit", args=[campaign.pk]))
    fields = {
        name: value
        for name in page.context["form"].fields
        if (value := page.context["form"][name].value()) not in (None, "", False)
    }
    times = {name: f"{fields[name]:%Y-%m-%dT%H:%M}" for name in ("opens_at", "closes_at")}

    response = client.post(
        reverse("ops_perk_edit", args=[campaign.pk]), fields | times | {"gets": "Two notebooks"}
    )

    before = campaign.opens_at
    campaign.refresh_from_db()
    assert response.status_code == 302
    assert (campaign.gets, campaign.opens_at) == ("Two notebooks", before)


BAD = [
    ({"title": " "}, "This field is required"),
    ({"closes_at": "2026-11-22T10:00"}, "It closes before it opens."),
    ({"closes_at": "2026-11-23T12:00"}, "Open for less than 72 hours"),
    ({"opens_at": "soon"}, "Enter a valid date/time"),
    ({"time_zone": "../../etc/passwd"}, "There is no such time zone"),
    ({"score_from": "60", "score_to": "50"}, "nobody fits both"),
    ({"score_from": "nan"}, "Enter a number"),
    ({"topic": "no such topic anywhere"}, "There is no topic of exactly this name"),
    ({"place": "10"}, "A place needs a topic"),
    ({"planned": "0"}, "greater than or equal to 1"),
    ({"learns": ["score"]}, "Select a valid choice"),
    ({"countries": ["XX"]}, "Select a valid choice"),
    ({"choices_1": "x" * 201}, "Up to 5 questions"),
]


@pytest.mark.one_engine
@pytest.mark.parametrize(("fields", "sentence"), BAD)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    fields: dict[str, Any], sentence: str
) -> None:
    response = operator().post(reverse("ops_perk_new"), typed(**fields))

    page = response.content.decode()
    assert response.status_code == 400
    assert sentence in page
    assert "A notebook of 96 dotted pages" in page
    assert "Which paper?" in page
    assert not Campaign.objects.exists()


def test_the_rules_are_counted_as_they_are_typed_and_by_a_button_too() -> None:
    client = operator()
    claimant("nora", 50.4)
    claimant("bea", 30.0)

    part = client.post(reverse("ops_perk_reach"), typed(title="", brand=""))
    page = client.post(reverse("ops_perk_new"), typed(title="", score_from="20", count="1"))
    odd = client.post(reverse("ops_perk_reach"), typed(score_from="a lot"))

    assert "Reaches 1 person today." in part.content.decode()
    assert "<html" not in part.content.decode()
    assert page.status_code == 200
    assert "Reaches 2 people today." in page.content.decode()
    assert "A notebook of 96 dotted pages" in page.content.decode()
    assert "Not counted: look at “Score from”." in odd.content.decode()
    assert not Campaign.objects.exists()


def test_a_draw_shows_what_it_is_committed_to_once_it_is_published() -> None:
    client = operator()
    campaign = draft_by(client, mode="draw", delivery="made")

    page = press(client, campaign, "publish")

    campaign.refresh_from_db()
    assert campaign.commitment
    assert campaign.commitment in page
    assert campaign.sealed_seed not in page


def test_stock_goes_up_and_never_below_what_people_have() -> None:
    client = operator()
    campaign = campaign_of(units=3)
    Unit.objects.filter(number__lte=2).update(state=Unit.State.TAKEN)

    more = press(client, campaign, "more", number="2")
    fewer = press(client, campaign, "fewer", number="4")
    odd = press(client, campaign, "more", number="many")

    assert "There are more of them now." in more
    assert "3 units are free. What is held or taken stays with its person." in fewer
    assert "From 1 to" in odd
    assert Unit.objects.count() == 5


CODES = [
    (b"AAAA\nAAAA\n", "1 code stands in the file twice. Rows: 2"),
    (b"AAAA\n\nBBBB\n", "1 row is blank. Rows: 2"),
    (b"AAAA\nB\n", "1 code does not have 4 to 64 characters. Rows: 2"),
    (b"AAAA\n", "2 are promised; with this file there are codes for 1."),
    (b"AAAA\n\xff\xfe\n", "This row is not text (UTF-8). Save the file as CSV. Rows: 2"),
    (b"A" * 5_000, "This row is far too long for a code. Rows: 1"),
]


@pytest.mark.one_engine
@pytest.mark.parametrize(("lines", "sentence"), CODES)
def test_codes_with_anything_wrong_are_refused_with_their_rows(lines: bytes, sentence: str) -> None:
    client = operator()
    campaign = draft_by(client)

    response = upload(client, campaign, lines)

    page = " ".join(response.content.decode().split())
    assert response.status_code == 400
    assert sentence in page
    assert not Unit.objects.exists()


def test_codes_can_be_typed_and_stay_typed_when_they_are_refused() -> None:
    client = operator()
    campaign = draft_by(client)
    address = reverse("ops_perk_codes", args=[campaign.pk])

    refused = client.post(address, {"lines": "KEEP-ME-1\nKEEP-ME-1", "length": "4x"})
    kept = client.post(address, {"lines": "KEEP-ME-1\nKEEP-ME-2"}, follow=True)

    assert refused.status_code == 400
    assert "KEEP-ME-1" in refused.content.decode()
    assert "A code has from 4 to 64 characters." in refused.content.decode()
    assert "KEEP-ME-1" not in kept.content.decode()
    assert Unit.objects.count() == 2


@pytest.mark.one_engine
def test_five_million_codes_are_read_past_and_refused_in_a_sentence(
    settings: Any, tmp_path: Any
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    client = operator()
    campaign = draft_by(client)

    response = upload(client, campaign, b"CODE\n" * 5_000_000)

    assert response.status_code == 400
    assert "The file is larger than 8 MB" in response.content.decode()
    assert not list(tmp_path.iterdir())
    assert not Unit.objects.exists()


@pytest.mark.one_engine
def test_too_many_rows_of_a_file_that_is_small_enough_are_refused_too() -> None:
    client = operator()
    campaign = draft_by(client)

    response = upload(client, campaign, b"CODE\n" * 100_002)

    assert "The file has more than 100,000 rows. Send it in parts." in response.content.decode()


def a_picture() -> bytes:
    """Return a picture of one colour, as PNG."""
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(file, "PNG")
    return file.getvalue()


@pytest.mark.one_engine
def test_a_picture_is_drawn_anew_and_what_is_none_is_refused() -> None:
    client = operator()
    campaign = draft_by(client)
    address = reverse("ops_perk_picture", args=[campaign.pk])

    def send(data: bytes, alt: str = "A notebook") -> str:
        file = SimpleUploadedFile("picture.png", data)
        return client.post(address, {"picture": file, "alt": alt}, follow=True).content.decode()

    assert (
        "Choose a picture first."
        in client.post(address, {"alt": "x"}, follow=True).content.decode()
    )
    assert "This is no JPEG, PNG or WebP picture." in send(b"<svg onload=alert(1)>")
    assert "Say in up to 200 characters what the picture shows." in send(a_picture(), alt=" ")
    assert "more than 5 MB" in send(b"x" * 7_000_000)
    assert client.get(address).status_code == 404
    page = send(a_picture())
    assert "The picture is kept." in page
    assert 'alt="A notebook"' in page
    kept = client.get(address)
    assert kept["Content-Type"] == "image/webp"
    assert kept.content.startswith(b"RIFF")


def test_codes_that_we_made_are_given_by_a_press_that_is_written_down() -> None:
    client = operator()
    campaign = campaign_of(units=2)
    address = reverse("ops_perk_codes_made", args=[campaign.pk])

    asked = client.get(address)
    given = client.post(address)

    lines = b"".join(given).decode().splitlines()  # type: ignore[call-overload]
    page = client.get(reverse("ops_perk", args=[campaign.pk])).content.decode()
    assert asked["Location"] == reverse("ops_perk", args=[campaign.pk])
    assert lines[0] == "number,code"
    assert len(lines) == 3
    assert "Otto took the codes that we made." in page
    assert lines[1].split(",")[1] not in page


def test_two_campaigns_of_a_brand_in_the_same_days_are_pointed_out() -> None:
    client = operator()
    first = campaign_of(title="The first one")
    campaign_of(title="The second one", brand="Another brand")
    campaign_of(title="The third one")

    page = client.get(reverse("ops_perk", args=[first.pk])).content.decode()

    assert "“The third one” of the same brand runs in the same days." in page
    assert "The second one" not in page


def test_lists_ask_as_much_of_the_database_however_many_campaigns_there_are(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = operator()
    campaigns = [campaign_of(title=f"Number {number}") for number in range(3)]

    with django_assert_num_queries(9):
        page = client.get(reverse("ops_perks")).content.decode()
    with django_assert_num_queries(12):
        client.get(reverse("ops_perk", args=[campaigns[0].pk]))

    assert page.count("10 of 10") == 3
