"""From posts to what a person is known for, and what the person says about it."""

import csv
import io
import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts import unlinking
from accounts.models import Case, Source, User
from scoring import pipeline, topics
from scoring.engine.topics.taxonomy import taxonomy
from scoring.models import Job, Post, PostTopic, TopicDoubt, TopicScore
from tests.scoring.readings import NOW
from tests.scoring.speaking import (
    PHOTOS,
    TECHNOLOGY,
    WEB,
    choice_of,
    known_for,
    posting,
    rescored,
    told,
)

pytestmark = pytest.mark.django_db
AssertQueries = Callable[[int], AbstractContextManager[Any]]
DAY = timedelta(days=1)
FIVE = [WEB] * 3 + [PHOTOS] * 2


def test_posts_that_people_react_to_make_a_topic_and_two_of_another_do_not() -> None:
    user = known_for("ada", *FIVE)

    shown = topics.of_person(user.pk)

    assert [one.slug for one in shown] == [WEB]
    score = shown[0].score
    assert score is not None
    assert (score.posts, score.days, score.people, score.reactions) == (3, 3, 6, 18)
    assert (score.first_post_at, score.last_post_at) == (NOW - 3 * DAY, NOW - DAY)
    assert score.passed_on == NOW.date()
    assert 0 < score.share < 1


def test_each_topic_opens_to_posts_whose_terms_add_up() -> None:
    user = known_for("ada", *FIVE)

    found = topics.evidence_of(user.pk, TECHNOLOGY)

    assert found is not None
    assert math.fsum([*(one.term for one in found.posts), found.rest]) == found.score.strength
    assert found.rest_posts == 0
    assert [one.post.external_id for one in found.posts] == ["p1", "p2", "p3"]
    assert [one.because for one in found.posts] == [{WEB: "map"}] * 3
    assert [one.reactions for one in found.posts] == [{"like": 6}] * 3
    assert topics.evidence_of(user.pk, "golf") is None


def test_of_many_posts_the_largest_are_kept_and_the_rest_is_one_number() -> None:
    user = known_for("ada", *[WEB] * 45)
    Post.objects.filter(external_id="p1").delete()

    found = topics.evidence_of(user.pk, WEB)

    assert found is not None
    assert len(found.posts) == 39
    assert found.rest_posts == 6
    shown = math.fsum(one.term for one in found.posts)
    assert shown + found.rest == pytest.approx(found.score.strength, abs=1e-9)


def test_a_rescore_of_the_same_evidence_changes_nothing() -> None:
    user = known_for("ada", *FIVE)
    before = list(TopicScore.objects.order_by("topic").values())

    topics.rescore(user.pk)

    assert list(TopicScore.objects.order_by("topic").values()) == before


def test_an_outage_leaves_every_strength_as_it_is() -> None:
    user = known_for("ada", *FIVE)
    before = dict(TopicScore.objects.values_list("topic", "strength"))

    later = rescored(user, now=NOW + 20 * DAY)

    assert {slug: row.strength for slug, row in later.items()} == before


def test_strength_fades_with_its_reactions_and_the_topic_goes_with_the_last() -> None:
    user = known_for("ada", *FIVE)
    before = TopicScore.objects.get(topic=WEB).strength

    Source.objects.update(read_at=NOW + 30 * DAY)
    after = rescored(user, now=NOW + 30 * DAY)[WEB].strength
    Source.objects.update(read_at=NOW + 99 * DAY)

    assert 0 < after < before
    assert rescored(user, now=NOW + 99 * DAY) == {}
    assert told(user) == []


def test_the_day_a_topic_left_is_kept_until_it_comes_back() -> None:
    user = known_for("ada", *FIVE)
    third = PostTopic.objects.get(post__external_id="p3")
    third.delete()

    left = rescored(user, now=NOW + DAY)
    later = rescored(user, now=NOW + 2 * DAY)
    PostTopic.objects.create(post=third.post, topic=WEB, share=0.8, because="map")
    back = rescored(user, now=NOW + 3 * DAY)

    day = NOW.date() + DAY
    assert (left[WEB].passes, left[WEB].passed_on, left[WEB].left_on) == (False, None, day)
    assert (later[WEB].passes, later[WEB].passed_on, later[WEB].left_on) == (False, None, day)
    assert (back[WEB].passes, back[WEB].passed_on, back[WEB].left_on) == (True, day + 2 * DAY, None)
    assert {rows[PHOTOS].left_on for rows in (left, later, back)} == {None}


def test_what_left_in_thirty_days_is_told_apart_from_what_is_on_its_way() -> None:
    user = known_for("ada", *FIVE)
    fields = [one.slug for one in taxonomy().topics.values() if one.level == "field"]
    slugs = [slug for slug in fields if not taxonomy().topics[slug].sensitive][:8]
    kept = TopicScore.objects.get(topic=PHOTOS)
    TopicScore.objects.all().delete()
    for ago, slug in zip([0, 30, 31, 2, 3, 4, 5, 6], slugs, strict=True):
        kept.pk, kept.topic, kept.left_on = None, slug, NOW.date() - ago * DAY
        kept.save()
    topics.hide(user.pk, slugs[3], now=NOW)
    topics.add(user.pk, slugs[4], now=NOW)

    few = topics.glance(user.pk, now=NOW)
    topics.restore(user.pk, slugs[3], now=NOW)
    many = topics.glance(user.pk, now=NOW)

    assert [one.slug for one in few.left] == [slugs[at] for at in (0, 5, 6, 7, 1)]
    assert [one.on for one in few.left] == [NOW.date() - ago * DAY for ago in (0, 4, 5, 6, 30)]
    assert [one.slug for one in few.nearly] == [slugs[2]]
    assert [one.slug for one in many.left] == [slugs[at] for at in (0, 3, 5, 6, 7)]
    assert {one.slug for one in many.nearly} == {slugs[1], slugs[2]}


def test_a_hidden_topic_keeps_no_weaker_one_from_being_told() -> None:
    user = known_for("ada", *[WEB] * 5, *[PHOTOS] * 5)
    PostTopic.objects.filter(topic=PHOTOS).update(share=0.1)
    rescored(user)
    before = told(user)

    topics.hide(user.pk, WEB, now=NOW)
    after = rescored(user, now=NOW + DAY)

    assert before == [WEB]
    assert told(user) == [PHOTOS]
    assert after[WEB].passes


def test_topics_are_told_below_what_a_score_needs() -> None:
    user = known_for("ada", WEB, WEB, WEB)

    assert not user.snapshots.filter(score__isnull=False).exists()
    assert told(user) == [WEB]


def test_what_is_missing_is_said_in_numbers() -> None:
    user = known_for("ada", WEB, WEB, PHOTOS, people=3)

    web, photos = topics.glance(user.pk, now=NOW).nearly

    assert (web.slug, web.posts, web.days, web.people, web.faint) == (WEB, 1, 0, 2, False)
    assert (photos.slug, photos.posts, photos.days, photos.people) == (PHOTOS, 2, 1, 2)


def test_a_topic_that_is_a_small_part_of_the_posts_is_faint() -> None:
    user = known_for("ada", *[PHOTOS] * 9)
    PostTopic.objects.filter(post__external_id__in=["p1", "p2", "p3"]).update(topic=WEB, share=0.02)

    rescored(user)

    assert told(user) == [PHOTOS]
    assert [(one.slug, one.faint) for one in topics.glance(user.pk, now=NOW).nearly] == [
        (WEB, True)
    ]


def test_sensitive_topics_are_never_inferred_and_may_be_added() -> None:
    user = known_for("ada", *["belief"] * 5)

    assert told(user) == []
    assert topics.glance(user.pk, now=NOW).nearly == []
    topics.add(user.pk, "belief", now=NOW)
    shown = topics.of_person(user.pk)
    assert [(one.slug, one.kind, one.sensitive, one.score) for one in shown] == [
        ("belief", "interest", True, None)
    ]


def test_a_hidden_topic_stays_hidden_through_rescores_models_unlinking_and_linking_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = known_for("ada", *FIVE)
    topics.hide(user.pk, WEB, now=NOW)

    rescored(user, now=NOW + DAY)
    assert told(user) == []
    monkeypatch.setattr("scoring.engine.ALGORITHM", "2027.1")
    rescored(user, now=NOW + 2 * DAY)
    assert told(user) == []
    unlinking.unlink(source=user.sources.get())
    rescored(user, now=NOW + 3 * DAY)
    again = Source.objects.create(
        user=user, network="csv", external_id="9", kind="archive", title="A", selected=True,
        read_at=NOW, proven_at=NOW,
    )  # fmt: skip
    posting(again, FIVE)
    assert rescored(user, now=NOW + 4 * DAY)[WEB].passes
    assert told(user) == []
    assert topics.hidden(user.pk) == [WEB]


def test_a_hidden_topic_can_be_restored() -> None:
    user = known_for("ada", *FIVE)
    topics.hide(user.pk, WEB, now=NOW)

    topics.restore(user.pk, WEB, now=NOW)

    assert told(user) == [WEB]
    assert topics.hidden(user.pk) == []


def test_an_added_topic_is_an_interest_until_posts_prove_it() -> None:
    user = known_for("ada", *[""] * 5)
    topics.add(user.pk, WEB, now=NOW)
    topics.set_kind(user.pk, WEB, "expertise", now=NOW)

    before = topics.of_person(user.pk)
    for post in Post.objects.all()[:3]:
        PostTopic.objects.create(post=post, topic=WEB, share=1.0, because="map")
    rescored(user)
    after = topics.of_person(user.pk)

    assert [(one.slug, one.kind, one.added) for one in before] == [(WEB, "interest", True)]
    assert [(one.slug, one.kind, one.added) for one in after] == [(WEB, "expertise", True)]
    assert after[0].score is not None


def test_the_persons_order_comes_first_and_ends_stay_ends() -> None:
    user = known_for("ada", *[WEB] * 4, *[PHOTOS] * 3)
    topics.add(user.pk, "golf", now=NOW)

    assert told(user) == [WEB, PHOTOS, "golf"]
    topics.move(user.pk, "golf", by=-2, now=NOW)
    assert told(user) == ["golf", WEB, PHOTOS]
    topics.move(user.pk, "golf", by=-1, now=NOW)
    assert told(user) == ["golf", WEB, PHOTOS]
    topics.move(user.pk, WEB, by=1, now=NOW)
    rescored(user, now=NOW + DAY)
    assert told(user) == ["golf", PHOTOS, WEB]


@pytest.mark.parametrize(
    "change",
    [
        lambda user: topics.hide(user.pk, "no-such-topic", now=NOW),
        lambda user: topics.add(user.pk, "no-such-topic", now=NOW),
        lambda user: topics.set_kind(user.pk, WEB, "mastery", now=NOW),
        lambda user: topics.move(user.pk, "golf", by=1, now=NOW),
        lambda user: topics.doubt(user.pk, WEB, post_id=0, now=NOW),
        lambda user: topics.doubt(user.pk, WEB, instead="no-such-topic", now=NOW),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence_and_changes_nothing(
    change: Callable[[User], object],
) -> None:
    user = known_for("ada", *FIVE)

    with pytest.raises(topics.TopicError, match=r"^[A-Z].*\.$"):
        change(user)

    assert told(user) == [WEB]
    assert not TopicDoubt.objects.exists()


def test_no_more_than_twenty_topics_can_be_added() -> None:
    user = User.objects.create_user(username="ada")
    for slug in list(taxonomy().topics)[:20]:
        topics.add(user.pk, slug, now=NOW)

    topics.add(user.pk, told(user)[0], now=NOW)
    with pytest.raises(topics.TopicError, match="20 topics"):
        topics.add(user.pk, "golf", now=NOW)


def test_a_topic_that_is_wrong_is_hidden_and_an_operator_is_asked() -> None:
    user = known_for("ada", *FIVE)

    case = topics.doubt(user.pk, WEB, words="I only build bridges.", instead="golf", now=NOW)

    assert told(user) == []
    assert case.subject == "The topic “Web development”"
    assert "Posts: 3 on 3 days, up to 6 people" in case.report
    assert "I only build bridges." in case.messages.get().text
    doubt = TopicDoubt.objects.get()
    assert (doubt.topic, doubt.instead, doubt.post, doubt.case) == (WEB, "golf", None, case)


def test_a_post_that_is_not_about_a_topic_counts_for_it_no_more_nor_for_what_is_above() -> None:
    user = known_for("ada", *[WEB] * 3, *[PHOTOS] * 3)
    post = Post.objects.get(external_id="p2")

    topics.doubt(user.pk, WEB, post_id=post.pk, now=NOW)
    after = rescored(user)

    assert after[WEB].posts == after[TECHNOLOGY].posts == 2
    assert told(user) == [PHOTOS]
    assert TopicDoubt.objects.get().because == "map"
    assert Job.objects.filter(kind=Job.Kind.SCORE, subject=str(user.pk)).exists()


def test_a_post_that_is_doubted_stays_out_when_its_account_is_unlinked_and_linked_again() -> None:
    user = known_for("ada", *FIVE)
    source = user.sources.get()
    post = Post.objects.get(external_id="p2")
    topics.doubt(user.pk, WEB, post_id=post.pk, now=NOW)

    unlinking.unlink(source=source)
    again = Source.objects.create(
        user=user, network=source.network, external_id="9", kind="archive", title="A",
        selected=True, read_at=NOW, proven_at=NOW,
    )  # fmt: skip
    posting(again, FIVE)

    assert Post.objects.get(external_id="p2").pk != post.pk
    assert rescored(user, now=NOW + DAY)[WEB].posts == 2


def test_what_is_doubted_of_a_field_takes_the_post_from_its_topics_too() -> None:
    user = known_for("ada", *[WEB] * 3)
    post = Post.objects.get(external_id="p2")

    topics.doubt(user.pk, TECHNOLOGY, post_id=post.pk, now=NOW)

    assert rescored(user)[WEB].posts == 2


def test_a_second_doubt_joins_the_case_that_is_open() -> None:
    user = known_for("ada", *FIVE)
    first = topics.doubt(user.pk, WEB, now=NOW)

    second = topics.doubt(user.pk, PHOTOS, now=NOW + DAY)
    Case.objects.update(closed_at=timezone.now())
    third = topics.doubt(user.pk, TECHNOLOGY, now=NOW + 2 * DAY)

    assert second == first
    assert first.messages.count() == 2
    assert third != first


def test_a_topic_that_left_the_taxonomy_is_not_inferred_and_stays_as_it_was_chosen() -> None:
    user = known_for("ada", *FIVE)
    PostTopic.objects.filter(topic=WEB).update(topic="gone-since")
    TopicScore.objects.filter(topic=WEB).update(topic="gone-since")
    topics.hide(user.pk, "gone-since", now=NOW)

    assert "gone-since" not in rescored(user)
    assert choice_of(user, "gone-since").state == "hidden"


def test_reading_topics_asks_the_database_little(
    django_assert_num_queries: AssertQueries,
) -> None:
    user = known_for("ada", *[WEB] * 12, *[PHOTOS] * 12)

    with django_assert_num_queries(2):
        topics.of_person(user.pk)
    with django_assert_num_queries(2):
        topics.glance(user.pk, now=NOW)
    with django_assert_num_queries(5):
        topics.evidence_of(user.pk, WEB)


def test_writing_topics_asks_the_database_as_much_for_few_posts_as_for_many(
    django_assert_num_queries: AssertQueries,
) -> None:
    few, many = known_for("ada", *FIVE), known_for("bob", *[WEB] * 30, *[PHOTOS] * 30)

    for user in (few, many):
        pipeline.score_day(user_id=user.pk, now=NOW)
        with django_assert_num_queries(12):
            topics.rescore(user.pk)


def test_the_confusion_list_counts_what_was_wrong_and_what_it_was_instead(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("ada", "bob"):
        user = known_for(name, *FIVE)
        topics.doubt(user.pk, WEB, instead=PHOTOS, now=NOW)
        topics.doubt(user.pk, PHOTOS, post_id=Post.objects.latest("pk").pk, now=NOW)

    call_command("topic_doubts")

    assert capsys.readouterr().out.splitlines() == [
        "topic, instead, because of, doubts, people",
        "photography, -, map, 2, 2",
        "web-development, photography, -, 2, 2",
    ]


def test_everything_kept_of_topics_can_be_taken_along_as_files(client: Client) -> None:
    user = known_for("ada", *FIVE)
    topics.hide(user.pk, WEB, now=NOW)
    topics.add(user.pk, "golf", now=NOW)
    known_for("bob", PHOTOS, PHOTOS, PHOTOS)
    client.force_login(user)

    lines = list(csv.DictReader(io.StringIO(client.get("/topics/mine.csv").getvalue().decode())))
    told = client.get("/topics/mine.json").json()

    rows = {row["topic"]: row for row in lines}
    assert rows.keys() == {WEB, TECHNOLOGY, PHOTOS, "arts", "golf"}
    assert (rows[WEB]["said"], rows[WEB]["told"], rows[WEB]["posts"]) == ("hidden", "False", "3")
    assert (rows["golf"]["said"], rows["golf"]["told"], rows["golf"]["strength"]) == (
        "added", "True", "",
    )  # fmt: skip
    assert float(rows[WEB]["strength"]) == TopicScore.objects.get(user=user, topic=WEB).strength
    assert [row["topic"] for row in told["topics"]] == sorted(rows)
    assert told["shown_to"] == "nobody"
