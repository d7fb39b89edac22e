"""A network that is only shown: no points, a card of its own, and nothing kept too long."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts import choosing, connectors, linking
from accounts.connectors.setup import Config
from accounts.models import Source, User
from scoring import evidence, ingest, keeping, pipeline, tasks
from scoring.models import Job, LedgerLine, Post, ScoreSnapshot, Tally
from tests.accounts.builders import signed_in
from tests.scoring.readings import NOW, linked, post, reading

pytestmark = pytest.mark.django_db


def youtube(*, in_score: str) -> Config:
    """Return YouTube's set-up with real addresses: nothing is asked here."""
    return Config(
        "youtube",
        client_id="ours",
        client_secret="canary-secret",
        addresses=(("web", "https://w.example"), ("token", "https://t.example"),
                   ("api", "https://a.example")),
        options=(("in_score", in_score), ("daily_quota", "10000")),
    )  # fmt: skip


@pytest.fixture
def apart(settings: Any) -> None:
    """YouTube is on and only shown."""
    settings.NETWORKS = {**settings.NETWORKS, "youtube": youtube(in_score="off")}


@pytest.fixture
def in_score(settings: Any) -> None:
    """YouTube is on and counts."""
    settings.NETWORKS = {**settings.NETWORKS, "youtube": youtube(in_score="on")}


def channel(*, name: str = "ada", read_at: datetime = NOW, posts: int = 8) -> Source:
    """Return a chosen channel that was read then, with a video every ten days before."""
    source = linked(name, read_at=read_at)
    source.network, source.kind, source.followers = "youtube", "channel", 1_070
    source.posts_90d = 5
    source.save()
    shown = [post(number, days_ago=10 * number, like=40, reply=9) for number in range(1, posts + 1)]
    whole = reading(*shown)
    ingest.ingest(source=source, reading=whole, now=NOW)
    return source


def mastodon_of(user: User) -> Source:
    """Return a second source of the person, of a network that counts, with posts."""
    source = linked("second")
    Source.objects.filter(pk=source.pk).update(user=user)
    source.refresh_from_db()
    shown = [post(number, days_ago=number, like=30, repost=5) for number in range(1, 9)]
    ingest.ingest(source=source, reading=reading(*shown), now=NOW)
    return source


def titles_of_ledger(user: User) -> set[str]:
    return set(LedgerLine.objects.filter(user=user).values_list("post_title", flat=True)) - {""}


def named_in_scores(source: Source) -> set[str]:
    """Score two days between which every video gained likes; return whose titles are told."""
    later = NOW + timedelta(hours=1)
    pipeline.score_day(user_id=source.user_id, now=NOW - timedelta(days=1))
    gained = [post(number, days_ago=10 * number, like=90, reply=9) for number in range(1, 13)]
    ingest.ingest(source=source, reading=reading(*gained), now=later)
    Source.objects.filter(pk=source.pk).update(read_at=later)
    pipeline.score_day(user_id=source.user_id, now=later)
    return titles_of_ledger(source.user)


# Out of the score


@pytest.mark.usefixtures("apart")
def test_what_is_only_shown_is_no_evidence() -> None:
    source = channel()

    held = evidence.of_person(source.user_id, now=NOW)
    taken_in = evidence.of_person(source.user_id, now=NOW, also=[source.pk])

    assert len(held.t_count) == len(held.source_id) == 0
    assert len(taken_in.t_count) == 0


@pytest.mark.usefixtures("in_score")
def test_what_the_operator_lets_count_is_evidence() -> None:
    source = channel()

    held = evidence.of_person(source.user_id, now=NOW)

    assert held.source_id.tolist() == [source.pk]
    assert len(held.t_count) > 0


def test_a_network_that_is_off_is_only_shown_too() -> None:
    source = channel()

    assert not connectors.is_scored("youtube")
    assert len(evidence.of_person(source.user_id, now=NOW).t_count) == 0


@pytest.mark.usefixtures("apart")
def test_a_channel_beside_another_source_changes_the_score_by_nothing() -> None:
    source = channel()
    user = source.user
    mastodon_of(user)
    with_channel = pipeline.score_day(user_id=user.pk, now=NOW).score
    source.delete()

    without = pipeline.score_day(user_id=user.pk, now=NOW).score

    assert with_channel is not None
    assert with_channel == without


@pytest.mark.usefixtures("apart")
def test_somebody_with_a_channel_alone_has_no_score_planned() -> None:
    channel()

    assert tasks.plan_scores(now=NOW) == 0


@pytest.mark.usefixtures("apart")
def test_a_score_is_made_of_what_counts_only() -> None:
    source = channel()
    mastodon_of(source.user)

    snapshot = pipeline.score_day(user_id=source.user_id, now=NOW)

    assert [each["network"] for each in snapshot.made_of["source"]] == ["sandbox"]


@pytest.mark.usefixtures("apart")
def test_unlinking_a_channel_says_that_the_score_does_not_change() -> None:
    source = channel()
    mastodon_of(source.user)
    pipeline.score_day(user_id=source.user_id, now=NOW)
    assert linking.effects_of_unlinking is not None

    said = linking.effects_of_unlinking(source.user_id, [source.pk], NOW)

    assert "Without it your score stays at" in said[source.pk]


@pytest.mark.usefixtures("apart")
def test_choosing_a_channel_says_where_it_is_shown() -> None:
    source = channel()
    Source.objects.filter(pk=source.pk).update(selected=False)
    assert source.grant is not None

    said = choosing.effect(user=source.user, grant=source.grant, source_ids=[source.pk], now=NOW)

    assert said == "“Ada” is shown on a card of its own and changes your score by nothing."


# A card of its own


@pytest.mark.usefixtures("apart")
def test_home_shows_the_channel_with_youtubes_own_numbers_and_why_it_stands_apart() -> None:
    source = channel()

    page = signed_in(source.user).get(reverse("home")).content.decode()

    assert "Not in your score" in page
    assert escape("YouTube's rules do not let") in page
    assert "1,070 followers" in page
    assert "40 likes, 9 replies" in page
    assert page.count("Post number") == 5


@pytest.mark.usefixtures("in_score")
def test_a_channel_that_counts_has_no_card_of_its_own() -> None:
    source = channel()

    page = signed_in(source.user).get(reverse("home")).content.decode()

    assert "Not in your score" not in page


@pytest.mark.usefixtures("apart")
def test_somebody_without_a_channel_sees_no_card() -> None:
    source = linked()

    page = signed_in(source.user).get(reverse("home")).content.decode()

    assert "Not in your score" not in page


# Thirty days


@pytest.mark.usefixtures("apart")
def test_what_was_not_read_again_for_thirty_days_is_deleted() -> None:
    source = channel(read_at=NOW)

    early = keeping.forget_unread(now=NOW + timedelta(days=30))
    kept = Post.objects.filter(source=source).count()
    late = keeping.forget_unread(now=NOW + timedelta(days=30, seconds=1))

    source.refresh_from_db()
    assert (early, kept, late) == (0, 8, 8)
    assert not Post.objects.exists()
    assert not Tally.objects.exists()
    assert (source.followers, source.posts_90d, source.last_post_at) == (None, None, None)
    assert (source.read_at, source.complete_since) == (None, None)
    assert source.selected


@pytest.mark.usefixtures("apart")
def test_what_a_read_no_longer_reaches_is_deleted_at_once() -> None:
    source = channel(posts=12)

    gone = keeping.forget_unread(now=NOW + timedelta(days=1))

    left = Post.objects.filter(source=source).values_list("created_at", flat=True)
    assert gone == 3
    assert min(left) == NOW - timedelta(days=90)
    assert Source.objects.get().followers == 1_070


@pytest.mark.usefixtures("apart")
def test_what_was_listed_and_never_chosen_is_not_kept_longer() -> None:
    source = channel(posts=0)
    Source.objects.update(selected=False, read_at=None)

    keeping.forget_unread(now=NOW + timedelta(days=30))
    still = Source.objects.get().followers
    keeping.forget_unread(now=NOW + timedelta(days=31))

    assert still == 1_070
    assert Source.objects.get(pk=source.pk).followers is None


@pytest.mark.usefixtures("apart")
def test_other_networks_keep_what_they_showed() -> None:
    source = mastodon_of(channel().user)

    keeping.forget_unread(now=NOW + timedelta(days=300))

    assert Post.objects.filter(source=source).count() == 8


@pytest.mark.usefixtures("in_score")
def test_what_is_deleted_is_no_longer_named_in_any_score_and_the_score_is_counted_anew() -> None:
    source = channel(posts=12)
    named = named_in_scores(source)

    gone = keeping.forget_unread(now=NOW + timedelta(days=31))

    assert named
    assert gone == 12
    assert not titles_of_ledger(source.user)
    assert not [each for row in ScoreSnapshot.objects.all() for each in row.made_of["post"]]
    assert Job.objects.filter(kind=Job.Kind.SCORE, subject=str(source.user_id)).exists()


@pytest.mark.usefixtures("in_score")
def test_what_is_kept_keeps_its_name_in_scores() -> None:
    source = channel(posts=12)
    named = named_in_scores(source)

    gone = keeping.forget_unread(now=NOW + timedelta(days=1))

    kept = {f"Post number {number} about paper maps" for number in range(1, 9)}
    assert gone == 4
    assert kept < named
    assert titles_of_ledger(source.user) == kept


@pytest.mark.usefixtures("apart")
def test_the_daily_clean_up_does_it() -> None:
    channel(read_at=NOW)
    Source.objects.update(read_at=timezone.now() - timedelta(days=31))

    tasks.prune()

    assert not Post.objects.exists()
