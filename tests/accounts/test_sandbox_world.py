"""The made-up world: the same everywhere, only ever adding, shaped like what was measured."""

import hashlib
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.sandbox import people, world

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MAIN = "maproom-lisbon"
MOMENTS = st.integers(0, 700 * 86_400).map(lambda seconds: NOW - timedelta(seconds=seconds))
ORDINARY = [place.id for place in people.places().values() if place.followers < 50_000]


def half_year(place: str = MAIN, *, now: datetime = NOW) -> list[world.WorldPost]:
    return world.posts(place, since=now - timedelta(days=180), now=now)


def fingerprint(posts: list[world.WorldPost]) -> str:
    return hashlib.sha256(repr(posts).encode()).hexdigest()


@cache
def settled_posts() -> list[world.WorldPost]:
    """Original posts of ordinary places that are old enough to have nearly everything."""
    return [
        post
        for place in ORDINARY[::3]
        for post in world.posts(place, since=NOW - timedelta(days=130), now=NOW)
        if post.kind == "original" and post.at < NOW - timedelta(days=40)
    ]


def test_more_than_two_hundred_people_have_a_name_a_handle_and_a_place() -> None:
    everybody = people.people().values()

    assert len(everybody) >= 200
    assert len({person.handle for person in everybody}) == len(everybody)
    assert all(person.handle.isascii() and person.name.strip() for person in everybody)
    assert all(people.places_of(person.id) for person in everybody)
    assert all(place.owner in people.people() for place in people.places().values())


def test_every_id_fits_the_columns_it_is_kept_in() -> None:
    assert max(len(person.id) for person in people.people().values()) <= 40
    assert max(len(place.id) for place in people.places().values()) <= 60
    assert all(place.id.replace("-", "").isalnum() for place in people.places().values())


def test_nora_has_a_profile_and_three_pages_of_different_role_and_activity() -> None:
    mine = people.places_of("nora")

    recent = {place.id: world.activity(place.id, now=NOW)[0] for place in mine}

    assert [place.kind for place in mine] == ["page", "page", "page", "profile"]
    assert len({place.role for place in mine}) == 4
    assert [place.id for place in mine if not place.readable] == ["kartor-coop"]
    assert max(recent, key=recent.__getitem__) == MAIN
    assert recent["slow-atlas"] < recent[MAIN] / 2


def test_the_quiet_person_has_too_little_to_score_at_any_time() -> None:
    for weeks in range(52):
        posts, last = world.activity("tomas", now=NOW + timedelta(weeks=weeks))

        assert 2 <= posts < 5
        assert last is not None


def test_another_process_sees_the_same_world() -> None:
    code = (
        "from tests.accounts.test_sandbox_world import fingerprint, half_year\n"
        "print(fingerprint(half_year()))"
    )

    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert there.stdout.strip() == fingerprint(half_year())


@settings(max_examples=60)
@given(
    place=st.sampled_from(ORDINARY),
    earlier=MOMENTS,
    hours=st.integers(0, 24 * 60),
)
def test_a_later_look_keeps_all_that_was_seen_and_counts_never_fall(
    place: str, earlier: datetime, hours: int
) -> None:
    later = earlier + timedelta(hours=hours)
    since = earlier - timedelta(days=20)

    before = {post.id: post for post in world.posts(place, since=since, now=earlier)}
    after = {post.id: post for post in world.posts(place, since=since, now=later)}

    assert before.keys() <= after.keys()
    for post_id, post in before.items():
        assert post == after[post_id]
        assert set(post.acts_by(earlier)) <= set(post.acts_by(later))
        counts = post.counts(later)
        assert all(count <= counts[kind] for kind, count in post.counts(earlier).items())


@given(
    since=MOMENTS,
    cut=st.integers(1, 20 * 24),
)
def test_a_stretch_of_time_is_the_sum_of_its_parts(since: datetime, cut: int) -> None:
    end, middle = since + timedelta(days=20), since + timedelta(hours=cut)

    whole = world.posts(MAIN, since=since, now=end)
    first = world.posts(MAIN, since=since, now=middle)
    rest = world.posts(MAIN, since=middle + timedelta(microseconds=1), now=end)

    assert whole == first + rest
    assert all(since <= post.at <= end for post in whole)


def test_counts_hold_known_people_and_strangers_and_reach_their_end() -> None:
    for post in half_year(now=NOW - timedelta(days=60)):
        counts = post.counts(NOW)

        for kind, strangers in zip(world.KINDS, post.strangers, strict=True):
            known = sum(act.kind == kind for act in post.acts_by(NOW))
            assert kind == "mention" or counts[kind] == known + strangers


def test_nobody_reacts_to_their_own_places_or_before_the_post() -> None:
    for place in people.places_of("nora"):
        for post in half_year(place.id):
            assert all(act.actor != "nora" and act.at > post.at for act in post.acts)


def test_the_main_page_has_a_hundred_odd_posts_and_thousands_of_reactions_in_half_a_year() -> None:
    posts = half_year()

    acts = sum(len(post.acts_by(NOW)) for post in posts)

    assert 100 <= len(posts) <= 150
    assert 3_000 <= acts <= 5_000
    assert {act.kind for post in posts for act in post.acts} == set(world.KINDS)


def test_two_years_of_posts_are_there() -> None:
    posts = world.posts(MAIN, since=NOW - timedelta(days=730), now=NOW)

    months = {(post.at.year, post.at.month) for post in posts}

    assert len(months) >= 24


def test_engagement_is_log_normal_with_a_heavy_tail() -> None:
    totals = np.array([sum(post.strangers) + len(post.acts) for post in settled_posts()])

    logs = np.log(totals[totals > 0])
    skew = float(np.mean(((logs - logs.mean()) / logs.std()) ** 3))
    largest = np.sort(totals)[::-1][: len(totals) // 100]

    assert len(totals) > 2_000
    assert 1.5 < logs.std() < 2.1  # measured on real pages: 1.9
    assert abs(skew) < 0.6  # of logarithms; small whole numbers tilt it a little
    assert 0.2 < largest.sum() / totals.sum() < 0.5  # measured: a third


def test_reactions_come_within_hours_with_a_tail_of_days() -> None:
    delays = [
        (act.at - post.at).total_seconds() / 3600 for post in settled_posts() for act in post.acts
    ]

    median, ninth, last = np.quantile(delays, [0.5, 0.9, 0.999])

    assert 0.9 <= median <= 1.5
    assert 11 <= ninth <= 16
    assert last > 5 * 24


def test_followers_are_heavy_tailed_and_never_shrink() -> None:
    followers = np.array([p.followers for p in people.people().values() if not p.line])
    place = people.places()[MAIN]

    years = [world.followers(place, now=NOW + timedelta(days=365 * year)) for year in range(-4, 4)]

    assert np.mean(followers) > 2.5 * np.median(followers)
    assert years == sorted(years)
    assert years[-1] <= place.followers


def test_pages_rest_at_weekends_and_some_weeks_are_bursts() -> None:
    zone = ZoneInfo("Europe/Lisbon")
    posts = world.posts(MAIN, since=NOW - timedelta(days=730), now=NOW)
    weekend = sum(post.at.astimezone(zone).weekday() >= 5 for post in posts)
    weeks = np.zeros(105)
    for post in posts:
        weeks[(NOW - post.at).days // 7] += sum(post.strangers) + len(post.acts)

    assert weekend / len(posts) < 0.2  # two days of seven would be 0.29
    assert weeks.max() > 4 * np.median(weeks)


def test_texts_are_short_varied_and_about_the_interests_of_the_place() -> None:
    texts = [post.text for post in world.posts(MAIN, since=NOW - timedelta(days=365), now=NOW)]

    assert max(map(len, texts)) < 200
    assert len(set(texts)) > 0.85 * len(texts)
    assert sum("map" in text.lower() or "chart" in text.lower() for text in texts) > 30
    assert not any("{" in text or "!" in text for text in texts)


@pytest.mark.parametrize(
    "post_id",
    ["", "nora", "nora~", "nora~x~0", "nora~99999999~0", "nobody~739000~0", f"{MAIN}~739000~99"],
)
def test_an_id_that_names_no_post_finds_none(post_id: str) -> None:
    assert world.post(post_id, now=NOW) is None


def test_a_post_is_found_by_its_id_once_it_was_written() -> None:
    newest = half_year()[-1]

    assert world.post(newest.id, now=NOW) == newest
    assert world.post(newest.id, now=newest.at - timedelta(seconds=1)) is None


def test_half_a_year_of_a_page_is_made_in_a_blink() -> None:
    world.posts("slow-atlas", since=NOW - timedelta(days=1), now=NOW)  # the people themselves
    began = time.process_time()

    world.posts(MAIN, since=datetime(2024, 1, 1, tzinfo=UTC), now=datetime(2024, 6, 29, tzinfo=UTC))

    assert time.process_time() - began < 0.3
