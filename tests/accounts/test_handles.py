"""Handles: one spelling, nobody's twice, nobody's look-alike, and the old one leads on."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import blocking, handles
from accounts.handles import HandleError
from accounts.models import Audience, Handle, Profile, User
from tests.accounts.builders import NOW, person
from tests.scoring.test_pages_cost import AssertQueries

DAY = timedelta(days=1)


def open_page(user: User, handle: str, page: str = Audience.EVERYONE) -> User:
    """Give somebody a handle and a page for everyone."""
    handles.take(user, handle, now=NOW)
    Profile.objects.create(user=user, page=page)
    return user


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("nora", "nora"),
        ("ali", "ali"),
        ("@Nora", "nora"),
        (" NORA_L \n", "nora_l"),
        ("n0ra", "n0ra"),
    ],
)
def test_a_handle_has_one_spelling(text: str, name: str) -> None:
    assert handles.checked(text) == name


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "3 to 30"),
        ("ab", "3 to 30"),
        ("a" * 31, "3 to 30"),
        ("nora.l", "digits and _"),
        ("no ra", "digits and _"),
        ("nora%2F", "digits and _"),
        ("1nora", "a letter first"),
        ("n\N{CYRILLIC SMALL LETTER O}ra", "look like them"),
        ("\N{FULLWIDTH LATIN SMALL LETTER N}ora", "look like them"),
        ("nora\N{PARTY POPPER}", "look like them"),
        ("admin", "speak for the site"),
        ("4dmin", "a letter first"),
        ("klout5ite", "speak for the site"),
        ("rn0d", "speak for the site"),
        ("off1cial", "speak for the site"),
        ("adrnln", "speak for the site"),
        ("mastod0n", "speak for the site"),
    ],
)
def test_what_cannot_be_a_handle_is_told_why(text: str, why: str) -> None:
    with pytest.raises(HandleError, match=why):
        handles.checked(text)


@pytest.mark.one_engine
@given(st.text(max_size=40))
def test_any_text_is_a_handle_of_plain_letters_or_is_refused(text: str) -> None:
    try:
        name = handles.checked(text)
    except HandleError:
        return

    assert name.isascii()
    assert name == name.lower()
    assert handles.checked(name) == name


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["nora", "NORA", "n0ra", "no_ra", "nora_"])
def test_a_name_that_somebody_has_or_that_looks_like_it_is_taken(text: str) -> None:
    open_page(person("ada"), "nora")

    with pytest.raises(HandleError, match="or one that looks like it"):
        handles.take(person("bob"), text, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["pr1ya_b", "prlya_b", "Prlyab"])
def test_i_l_and_1_are_read_as_one(text: str) -> None:
    open_page(person("priya"), "priya_b")

    with pytest.raises(HandleError, match="or one that looks like it"):
        handles.take(person("bob"), text, now=NOW)


@pytest.mark.django_db
def test_a_handle_changes_once_in_thirty_days_and_the_old_one_leads_on_for_ninety() -> None:
    nora = open_page(person("nora"), "nora")

    with pytest.raises(HandleError, match="less than 30 days ago"):
        handles.take(nora, "lindqvist", now=NOW + 29 * DAY)
    changed = NOW + 30 * DAY
    handles.take(nora, "lindqvist", now=changed)

    assert handles.current(nora) == "lindqvist"
    assert handles.find("nora", viewer=None, now=changed + 90 * DAY).name == "lindqvist"
    assert handles.find("nora", viewer=None, now=changed + 91 * DAY).profile is None


@pytest.mark.django_db
def test_an_old_handle_is_for_its_person_alone_also_when_they_have_left() -> None:
    nora, bob = open_page(person("nora"), "nora"), person("bob")
    handles.take(nora, "lindqvist", now=NOW + 30 * DAY)

    with pytest.raises(HandleError, match="looks like it"):
        handles.take(bob, "nora", now=NOW + 400 * DAY)
    handles.take(nora, "nora", now=NOW + 60 * DAY)
    assert handles.current(nora) == "nora"
    nora.delete()

    with pytest.raises(HandleError, match="looks like it"):
        handles.take(bob, "nora", now=NOW + 400 * DAY)
    assert handles.find("nora", viewer=None, now=NOW + 400 * DAY).profile is None


@pytest.mark.django_db
def test_a_spelling_of_their_own_name_can_be_taken_by_its_person() -> None:
    nora = open_page(person("nora"), "nora")

    handles.take(nora, "no_ra", now=NOW + 30 * DAY)

    assert list(Handle.objects.values_list("name", flat=True)) == ["no_ra"]


@pytest.mark.django_db
def test_finding_asks_one_query_whatever_is_there(
    django_assert_num_queries: AssertQueries,
) -> None:
    open_page(person("nora"), "nora")
    handles.take(person("bob"), "bobby", now=NOW)  # no profile
    open_page(person("ada"), "ada_l", Audience.NOBODY)
    viewer = person("eve")

    for text in ("nora", "bobby", "ada_l", "nobody_here", "", "\0", "%", "a.b", "é", "x" * 900):
        for who in (None, viewer):
            with django_assert_num_queries(1, info=repr(text)):
                found = handles.find(text, viewer=who, now=NOW)
            assert (found.profile is not None) is (text == "nora")


@pytest.mark.django_db
def test_whoever_is_blocked_finds_nobody_until_the_block_is_taken_back() -> None:
    nora, eve = open_page(person("nora"), "nora"), person("eve")

    blocking.block(by=nora, whom=eve, now=NOW)
    blocking.block(by=nora, whom=eve, now=NOW)

    assert blocking.is_blocked(by_id=nora.pk, whom_id=eve.pk)
    assert handles.find("nora", viewer=eve, now=NOW).profile is None
    assert handles.find("nora", viewer=nora, now=NOW).profile is not None
    blocking.unblock(by=nora, whom_id=eve.pk)
    assert handles.find("nora", viewer=eve, now=NOW).profile is not None


@pytest.mark.django_db
def test_nobody_blocks_themselves() -> None:
    nora = person("nora")

    with pytest.raises(ValueError, match="themselves"):
        blocking.block(by=nora, whom=nora, now=NOW)
