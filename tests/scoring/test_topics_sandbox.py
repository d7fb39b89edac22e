"""The made-up people write about what they are said to care for, in words that the site knows."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from accounts.sandbox import world
from accounts.sandbox.words import INTERESTS
from scoring.engine.topics.assign import assign

pytestmark = pytest.mark.one_engine

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def about(place: str) -> tuple[list[str], float]:
    """Return the three most frequent topics of half a year, and the share of posts with a topic."""
    posts = world.posts(place, since=NOW - timedelta(days=180), now=NOW)
    found = assign([post.text for post in posts], [""] * len(posts))
    counts = Counter(one.slug for topics in found for one in topics)
    return [slug for slug, _ in counts.most_common(3)], sum(map(bool, found)) / len(posts)


@pytest.mark.parametrize(
    ("place", "topic"),
    [
        ("maproom-lisbon", "maps-and-gis"),
        ("nora", "maps-and-gis"),
        ("slow-atlas", "cycling-cities"),
        ("jun", "coffee"),
        ("skip-to-content", "accessible-technology"),
        ("priya", "accessible-technology"),
        ("amara-kitchen-school", "cooking"),
    ],
)
def test_featured_people_are_known_for_what_they_are_about(place: str, topic: str) -> None:
    first, share = about(place)

    assert topic in first
    assert share > 0.4


def test_every_interest_has_words_that_tell_its_topic() -> None:
    for name, interest in INTERESTS.items():
        texts = [f"A note on {thing} for everybody who likes it." for thing in interest.things]

        told = sum(map(bool, assign(texts, ["en"] * len(texts))))

        assert told >= 4, name
