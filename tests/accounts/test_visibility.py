"""Who sees what of a person: nobody anything, until the person says so."""

import itertools
from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Audience, Profile, User
from accounts.visibility import MEMBER, NOTHING, STRANGER, Viewer, open_to, reach, shown

ITEMS = ("score", "topics", "badges", "style", "moments", "networks")
TELLING = {"history": "score", "plusk": "topics"}  # of another item, so seen with it alone
OWN = Viewer(signed_in=True, own=True)
BLOCKED = Viewer(signed_in=True, blocked=True)
WIDER = {Audience.NOBODY: 0, Audience.MEMBERS: 1, Audience.EVERYONE: 2}
pytestmark = pytest.mark.one_engine


def profile(page: str = Audience.EVERYONE, *, active: bool = True, **items: str) -> Profile:
    """Return a profile that is in no database."""
    return Profile(user=User(username="nora", is_active=active), page=page, **items)


@pytest.mark.parametrize("viewer", [STRANGER, MEMBER, BLOCKED])
def test_a_new_profile_shows_nothing_to_anybody_else(viewer: Viewer) -> None:
    assert shown(Profile(user=User(username="nora")), viewer) == NOTHING
    assert shown(None, viewer) == NOTHING


def test_an_open_page_with_nothing_opened_shows_the_page_alone() -> None:
    seen = shown(profile(), STRANGER)

    assert seen.page
    assert not any(astuple(seen)[1:])


@pytest.mark.parametrize("item", ITEMS)
@pytest.mark.parametrize(("page", "own"), [*itertools.product(Audience.values, repeat=2)])
def test_an_item_is_seen_by_whom_both_the_page_and_the_item_name(
    item: str, page: str, own: str
) -> None:
    whom = profile(page, **{item: own})
    narrower = min(WIDER[Audience(page)], WIDER[Audience(own)])

    assert getattr(shown(whom, STRANGER), item) is (narrower == 2)
    assert getattr(shown(whom, MEMBER), item) is (narrower >= 1)


def test_people_see_their_own_page_as_a_member_would() -> None:
    seen = shown(profile(Audience.NOBODY, score=Audience.MEMBERS), OWN)

    assert (seen.page, seen.score, seen.topics) == (True, True, False)


def test_whoever_is_blocked_or_looks_at_somebody_closed_down_sees_nothing() -> None:
    everything = dict.fromkeys((*ITEMS, *TELLING), Audience.EVERYONE)

    assert shown(profile(**everything), BLOCKED) == NOTHING
    assert shown(profile(active=False, **everything), STRANGER) == NOTHING


def test_a_feed_needs_both_the_score_and_how_it_went() -> None:
    assert not shown(profile(score=Audience.EVERYONE), STRANGER).feed
    assert not shown(profile(history=Audience.EVERYONE), STRANGER).feed
    assert shown(profile(score=Audience.EVERYONE, history=Audience.EVERYONE), STRANGER).feed


def test_search_engines_list_only_what_everyone_may_open() -> None:
    members, everyone = profile(Audience.MEMBERS), profile(Audience.EVERYONE)
    members.indexed = everyone.indexed = True

    assert not shown(members, MEMBER).indexed
    assert shown(everyone, STRANGER).indexed
    assert not shown(profile(Audience.EVERYONE), STRANGER).indexed


@pytest.mark.parametrize(("item", "other"), TELLING.items())
@pytest.mark.parametrize("viewer", [STRANGER, MEMBER, OWN])
def test_what_tells_of_another_item_is_seen_with_that_alone(
    item: str, other: str, viewer: Viewer
) -> None:
    both = {item: Audience.EVERYONE, other: Audience.EVERYONE}

    assert not getattr(shown(profile(**{item: Audience.EVERYONE}), viewer), item)
    assert not getattr(shown(profile(**{other: Audience.EVERYONE}), viewer), item)
    assert getattr(shown(profile(**both), viewer), item)


@pytest.mark.parametrize(
    ("item", "circle"),
    [*zip((Audience.NOBODY, Audience.MEMBERS, Audience.EVERYONE), Audience.values, strict=True)],
)
def test_the_widest_circle_that_sees_an_item_is_told(item: str, circle: str) -> None:
    assert reach(profile(topics=item), "topics") == circle
    assert reach(None, "topics") == Audience.NOBODY


@pytest.mark.django_db
def test_many_rows_are_judged_as_one_is() -> None:
    said = itertools.product(Audience.values, Audience.values, Audience.values, [True, False])
    for number, (page, topics, plusk, active) in enumerate(said):
        user = User.objects.create(username=f"person{number}", is_active=active)
        Profile.objects.create(user=user, page=page, topics=topics, plusk=plusk)
    User.objects.create(username="without-profile")
    member = User.objects.create(username="member")

    for viewer, asked in ((None, STRANGER), (member, MEMBER)):
        for items in ((), ("topics",), ("plusk",), ("topics", "plusk")):
            one_by_one = {
                each.user_id
                for each in Profile.objects.select_related("user")
                if shown(each, asked).page
                and all(getattr(shown(each, asked), one) for one in items)
            }
            rows = Profile.objects.filter(open_to(viewer, *items))
            assert set(rows.values_list("user", flat=True)) == one_by_one


audiences = st.sampled_from(Audience.values)


@given(
    page=audiences,
    items=st.fixed_dictionaries(dict.fromkeys((*ITEMS, *TELLING), audiences)),
)
def test_strangers_never_see_more_than_members_and_members_never_more_than_the_person(
    page: str, items: dict[str, str]
) -> None:
    whom = profile(page, **items)

    told = [astuple(shown(whom, viewer)) for viewer in (STRANGER, MEMBER, OWN)]

    assert all(few <= more <= most for few, more, most in zip(*told, strict=True))
