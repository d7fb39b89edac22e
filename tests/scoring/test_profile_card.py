"""The card of a profile: a picture of what a stranger may see, with names in any letters."""

import io

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, features

from accounts.models import Audience, Profile, User
from scoring import picture
from scoring.picture import Told
from tests.scoring.pages import at_noon
from tests.scoring.test_pages_cost import AssertQueries
from tests.scoring.test_pages_profile import ALL, known

__all__ = ["at_noon"]
CARD = "/@nora/card.png"


def ink(png: bytes) -> int:
    """Return how many colours a picture has: those of letters are many."""
    return len(Image.open(io.BytesIO(png)).getcolors(maxcolors=100_000) or [])


@pytest.mark.one_engine
@pytest.mark.parametrize("name", ["Łukasz Żółć", "Ζωή", "Фёдор", "日本 花子", "김철수", "Nora 🎉"])
def test_names_in_many_letters_can_be_drawn(name: str) -> None:
    assert picture.can_say(name)


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "name", ["محمد علي", "דוד כהן", "अनिल कुमार", "মিতালী", "தமிழ்", "తెలుగు", "សុខា", "สมชาย"]
)
def test_letters_that_join_or_stack_are_drawn_where_the_machine_can_set_them(name: str) -> None:
    assert picture.can_say(name) is features.check("raqm")


@pytest.mark.one_engine
@pytest.mark.parametrize("name", ["", " ", "🎉", "ᚠᚢᚦ", "Nora ᚠ"])
def test_of_a_name_in_other_letters_the_handle_stands_alone(name: str) -> None:
    assert not picture.can_say(name)
    assert picture.draw(Told(name, "nora")) == picture.draw(Told("", "nora"))


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("Sara سارة Hill", "Sara |سارة<| Hill"),
        ("Ana (محمد)", "Ana (|محمد<|)"),
        ("Dana (דנה) Levy 李", "Dana (|דנה<|) Levy |李"),
        ("سارة (Sara) 12", "12 |)<|Sara|(<| |سارة<"),
        ("שָׁלוֹם «נורה»", "נורה»<|«<| |שָׁלוֹם<"),
    ],
)
def test_a_line_that_runs_both_ways_is_ordered_as_a_whole(name: str, seen: str) -> None:
    if not features.check("raqm"):
        pytest.skip("letters that run to the left are not drawn on this machine")

    runs = picture.in_order(name)

    assert "|".join(f"{run.text}{'<' if run.way else ''}" for run in runs) == seen


@pytest.mark.one_engine
@pytest.mark.parametrize("name", ["Nora 🎉 Hill", "👩\u200d💻 Nora ✈\ufe0f\u200d🎉 Hill 🎉"])
def test_emoji_leave_no_gap(name: str) -> None:
    assert picture.draw(Told(name, "nora")) == picture.draw(Told("Nora Hill", "nora"))


@pytest.mark.one_engine
def test_two_names_are_two_pictures_and_a_score_is_seen() -> None:
    plain = picture.draw(Told("Nora", "nora"))

    assert plain.startswith(b"\x89PNG")
    assert Image.open(io.BytesIO(plain)).size == (1200, 630)
    assert plain != picture.draw(Told("Nore", "nora"))
    assert plain != picture.draw(Told("Nora", "nora", score="50.4"))
    assert ink(plain) > 10


@pytest.mark.one_engine
def test_the_day_below_the_score_stays_inside_the_picture() -> None:
    told = Told("Nora", "nora", score="50.4", about="de 100 el 28 de septiembre de 2026")

    edge = Image.open(io.BytesIO(picture.draw(told))).crop((1196, 17, 1200, 630))

    assert len(edge.getcolors() or []) == 1


@pytest.mark.one_engine
@given(name=st.text(max_size=90), topic=st.text(max_size=90))
@settings(max_examples=15)
def test_any_text_can_be_asked_for(name: str, topic: str) -> None:
    png = picture.draw(Told(name, "x" * 30, "100.0", "of 100", (topic,) * 5))

    assert Image.open(io.BytesIO(png)).size == (1200, 630)


@pytest.mark.django_db
def test_the_card_is_drawn_once_kept_and_changes_with_what_is_shown(
    client: Client, django_assert_num_queries: AssertQueries
) -> None:
    nora = known(**ALL)

    with django_assert_num_queries(4):  # who, snapshot, topics and choices
        first = client.get(CARD)
    again = client.get(CARD, headers={"if-none-match": first["ETag"]})
    Profile.objects.update(score=Audience.MEMBERS)
    without = client.get(CARD, headers={"if-none-match": first["ETag"]})
    User.objects.filter(pk=nora.pk).update(display_name="Somebody else")
    renamed = client.get(CARD)

    assert first["Content-Type"] == "image/png"
    assert first["Cache-Control"] == "public, no-cache, stale-if-error=86400"
    assert first["X-Robots-Tag"] == "noindex"
    assert (again.status_code, again.content) == (304, b"")
    assert without.status_code == 200
    assert len({first.content, without.content, renamed.content}) == 3
    assert not client.cookies


@pytest.mark.django_db
def test_the_card_of_a_page_for_members_is_that_of_nobody(client: Client) -> None:
    known(page=Audience.MEMBERS, score=Audience.EVERYONE)

    response, unknown = client.get(CARD), client.get("/@never_was/card.png")

    assert response.status_code == unknown.status_code == 404
    assert response.content == unknown.content


@pytest.mark.django_db
def test_the_page_names_its_card(client: Client) -> None:
    known(**ALL)

    page = client.get("/@nora").content.decode()

    assert f'<meta property="og:image" content="http://testserver{CARD}">' in page


@pytest.mark.django_db
@pytest.mark.one_engine
def test_the_card_is_drawn_for_readers_of_a_decimal_comma(client: Client) -> None:
    known(**ALL)

    card = client.get(CARD, headers={"accept-language": "de"})

    assert (card.status_code, card.headers["Content-Type"]) == (200, "image/png")
