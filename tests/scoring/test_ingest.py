"""What a reading turns into, and what is not believed."""

from datetime import timedelta

import pytest
from django.db.models import Sum

from accounts.connectors.base import Kind
from scoring.ingest import ImplausibleDrop, actor_key, ingest
from scoring.models import Actor, Interaction, Post, Tally
from tests.scoring.readings import NOW, act, archive_of, busy, linked, post, reading

pytestmark = pytest.mark.django_db


def test_a_reading_becomes_posts_tallies_actors_and_interactions() -> None:
    source = linked()

    done = ingest(
        source=source,
        reading=reading(post(1, like=10), acts=(act("bob", actor_followers=7),)),
        now=NOW,
    )

    assert (done.posts, done.reactions) == (1, 11)
    assert Tally.objects.get().at == Post.objects.get().created_at
    assert Actor.objects.get().followers == 7
    assert Interaction.objects.get().post == Post.objects.get()


def test_reading_twice_changes_nothing() -> None:
    source = linked()
    ingest(source=source, reading=busy(), now=NOW)
    counts = [model.objects.count() for model in (Post, Tally, Actor, Interaction)]

    done = ingest(source=source, reading=busy(), now=NOW + timedelta(hours=1))

    assert done.reactions == 0
    assert [model.objects.count() for model in (Post, Tally, Actor, Interaction)] == counts


def test_a_growing_count_is_stored_as_an_increment_of_the_day_it_was_seen() -> None:
    source = linked()
    ingest(source=source, reading=reading(post(1, like=10)), now=NOW)
    later = NOW + timedelta(days=1)

    ingest(source=source, reading=reading(post(1, like=14)), now=later)

    assert list(Tally.objects.order_by("at").values_list("delta", "at")) == [
        (10, NOW - timedelta(days=1)),
        (4, later),
    ]


def test_a_falling_count_in_a_complete_reading_is_a_negative_increment() -> None:
    source = linked()
    ingest(source=source, reading=reading(post(1, like=10)), now=NOW)

    ingest(source=source, reading=reading(post(1, like=7)), now=NOW + timedelta(days=1))

    assert Tally.objects.aggregate(total=Sum("delta"))["total"] == 7


def test_not_told_is_not_zero() -> None:
    source = linked()
    ingest(source=source, reading=reading(post(1, like=10)), now=NOW)

    ingest(source=source, reading=reading(post(1, like=None)), now=NOW + timedelta(days=1))

    assert Tally.objects.get().delta == 10


def test_an_audience_once_told_is_not_forgotten() -> None:
    source = linked()
    ingest(source=source, reading=reading(post(1), acts=(act("bob", actor_followers=7),)), now=NOW)

    ingest(source=source, reading=reading(post(1), acts=(act("bob"),)), now=NOW)

    assert Actor.objects.get().followers == 7


@pytest.mark.parametrize(
    ("reason", "broken"),
    [
        ("future", reading(post(1, days_ago=-1, like=3))),
        ("bad_count", reading(post(1, like=-1))),
        ("bad_count", reading(post(1, like=10**13))),
        ("too_old", reading(post(1, days_ago=20_000, like=3))),
        ("future", reading(post(1), acts=(act("bob", days_ago=-1),))),
        ("unknown_post", reading(post(1), acts=(act("bob", on=2),))),
        ("bad_id", reading(post(1), acts=(act("bo\0b"),))),
        ("bad_id", reading(post(1), acts=(act("b" * 200),))),
    ],
)
def test_nonsense_is_left_out_and_counted_by_its_reason(reason: str, broken: object) -> None:
    source = linked()

    done = ingest(source=source, reading=broken, now=NOW)

    assert done.refused == {reason: 1}
    assert not Tally.objects.exists()
    assert not Interaction.objects.exists()


def test_a_clock_one_minute_ahead_is_forgiven() -> None:
    source = linked()

    done = ingest(source=source, reading=reading(post(1, days_ago=-1 / 1440, like=3)), now=NOW)

    assert not done.refused


def test_own_reactions_are_no_evidence() -> None:
    source = linked("ada", page="map-room")
    acts = (act("ada"), act("map-room"), act("bob"))

    ingest(source=source, reading=reading(post(1), acts=acts), now=NOW)

    assert Interaction.objects.get().actor.key == actor_key("sandbox", "bob")


def test_a_post_taken_down_goes_with_its_evidence() -> None:
    source = linked()
    ingest(source=source, reading=reading(*(post(n, like=1) for n in range(6))), now=NOW)

    done = ingest(source=source, reading=reading(*(post(n, like=1) for n in range(4))), now=NOW)

    assert done.removed == 2
    assert Tally.objects.count() == 4


def test_a_post_older_than_the_reading_is_not_taken_down() -> None:
    source = linked()
    ingest(source=source, reading=reading(post(1, days_ago=100, like=1)), now=NOW)

    done = ingest(source=source, reading=reading(days=90), now=NOW)

    assert done.removed == 0
    assert Post.objects.exists()


def test_most_posts_gone_at_once_is_not_believed_and_changes_nothing() -> None:
    source = linked()
    ingest(source=source, reading=reading(*(post(n, like=1) for n in range(10))), now=NOW)
    half = reading(*(post(n, like=1) for n in range(5)))

    with pytest.raises(ImplausibleDrop, match="leaves out 5 of 10 posts"):
        ingest(source=source, reading=half, now=NOW)

    assert Post.objects.count() == 10
    assert ingest(source=source, reading=half, now=NOW, believe_drop=True).removed == 5


@pytest.mark.parametrize("held", [1, 4, 10])
def test_a_list_without_anything_is_never_believed(held: int) -> None:
    source = linked()
    ingest(source=source, reading=reading(*(post(n, like=1) for n in range(held))), now=NOW)

    with pytest.raises(ImplausibleDrop, match=f"all {held} posts.*unlink this and link it again"):
        ingest(source=source, reading=reading(), now=NOW, believe_drop=True)

    assert Post.objects.count() == held


def test_an_archive_is_what_its_person_says_it_is() -> None:
    archive = archive_of(linked().user)
    ingest(source=archive, reading=reading(*(post(n, like=100) for n in range(8))), now=NOW)

    done = ingest(source=archive, reading=reading(post(0, like=1)), now=NOW + timedelta(hours=1))

    assert done.removed == 7
    assert Tally.objects.aggregate(total=Sum("delta"))["total"] == 1


def test_most_counts_gone_at_once_is_not_believed() -> None:
    source = linked()
    ingest(source=source, reading=reading(*(post(n, like=1000) for n in range(8))), now=NOW)

    with pytest.raises(ImplausibleDrop, match="leaves out 8,000 of 8,000 reactions"):
        ingest(source=source, reading=reading(*(post(n, like=0) for n in range(8))), now=NOW)

    assert Tally.objects.count() == 8


def test_a_count_that_dips_and_returns_keeps_its_age() -> None:
    source = linked()
    for hours, likes in enumerate((100, 95, 97, 101)):
        now = NOW + timedelta(hours=hours)
        ingest(source=source, reading=reading(post(1, days_ago=60, like=likes)), now=now)

    held = Tally.objects.order_by("seen_at").values_list("delta", "seen_at")

    assert list(held) == [(100, NOW), (1, NOW + timedelta(hours=3))]


def test_what_comes_after_a_first_reading_of_nothing_is_new() -> None:
    source = linked()
    ingest(source=source, reading=reading(post(1, days_ago=60, repost=0)), now=NOW)
    later = NOW + timedelta(hours=20)

    ingest(source=source, reading=reading(post(1, days_ago=60, repost=50)), now=later)

    assert Tally.objects.get(delta=50).at == later


def test_what_grew_during_an_outage_is_not_dated_by_its_end() -> None:
    source = linked()
    young = timedelta(hours=1) / timedelta(days=1)
    ingest(source=source, reading=reading(post(1, days_ago=young, like=10)), now=NOW)

    what = reading(post(1, days_ago=young, like=1000))
    ingest(source=source, reading=what, now=NOW + timedelta(days=30))

    assert Tally.objects.get(delta=990).at == NOW + timedelta(hours=13)


def test_a_beginning_once_told_is_not_forgotten() -> None:
    source = linked()
    known = act("bob", actor_since=NOW - timedelta(days=3), actor_followers=5)
    ingest(source=source, reading=reading(post(1), acts=(known,)), now=NOW)

    ingest(source=source, reading=reading(post(1), acts=(act("bob", actor_followers=9),)), now=NOW)

    bob = Actor.objects.get()
    assert (bob.followers, bob.since) == (9, NOW - timedelta(days=3))


def test_two_likes_by_one_person_on_one_post_are_one() -> None:
    source = linked()

    ingest(source=source, reading=reading(post(1), acts=(act("bob"), act("bob"))), now=NOW)

    assert Interaction.objects.count() == 1


def test_two_replies_by_one_person_are_two() -> None:
    source = linked()
    acts = tuple(act("bob", Kind.REPLY, external_id=f"r{n}") for n in range(2))

    ingest(source=source, reading=reading(post(1), acts=acts), now=NOW)

    assert Interaction.objects.count() == 2


def test_hostile_text_is_stored_without_what_databases_refuse() -> None:
    source = linked()
    hostile = post(1)
    object.__setattr__(hostile, "text", "a\0b\ud800c")

    ingest(source=source, reading=reading(hostile), now=NOW)

    assert Post.objects.get().excerpt == "abc"
