"""Two workers at one person's topics at once, on PostgreSQL, with a control that goes wrong."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Source
from scoring import pipeline, topics
from scoring.engine.topics.assign import algorithm, assign
from scoring.models import Post, PostTopic, TopicScore
from tests.meeting import Act, meeting
from tests.scoring.readings import NOW, linked
from tests.scoring.speaking import WEB, posting
from tests.scoring.test_links_race import collecting, scoring, unlinking_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

TEXT = "Screen readers and what they say about a web page"


def unread(source: Source) -> Source:
    """Give a source five posts of which nobody knows what they are about."""
    posting(source, [""] * 5)
    Post.objects.update(excerpt=TEXT)
    return source


def assigning_to(source: Source) -> Act:
    return lambda: topics.assign_new(source.user_id, now=NOW)


def writing_without_the_lock(source: Source) -> Act:
    """Return what a worker does that looks whether posts are done before it waits for nobody."""
    posts = list(Post.objects.filter(source=source, topics_by=""))

    def act() -> None:
        with transaction.atomic():
            PostTopic.objects.filter(post__in=posts).delete()
            PostTopic.objects.bulk_create(
                PostTopic(post=post, topic=one.slug, share=one.share, because=one.because)
                for post in posts
                for one in assign([post.excerpt], [post.language])[0]
            )
            Post.objects.filter(pk__in=[post.pk for post in posts]).update(topics_by=algorithm())

    return act


def test_two_workers_that_look_at_the_same_posts_write_each_topic_once() -> None:
    source = unread(linked())

    failed = meeting(assigning_to(source), assigning_to(source))

    assert failed == []
    topic = assign([TEXT], [""])[0][0]
    assert set(PostTopic.objects.values_list("topic", "share")) == {(topic.slug, topic.share)}
    assert PostTopic.objects.count() == 5
    assert not Post.objects.filter(topics_by="").exists()


def test_control_without_the_sources_locked_the_second_of_two_workers_fails() -> None:
    source = unread(linked())

    failed = meeting(writing_without_the_lock(source), writing_without_the_lock(source))

    assert [type(error) for error in failed] == [IntegrityError]


def test_two_rescores_of_one_person_wait_for_each_other_and_write_the_same() -> None:
    source = linked()
    posting(source, [WEB] * 3)
    pipeline.score_day(user_id=source.user_id, now=NOW)

    failed = meeting(lambda: topics.rescore(source.user_id), lambda: topics.rescore(source.user_id))

    assert failed == []
    assert TopicScore.objects.get(user=source.user, topic=WEB).passes


@pytest.mark.parametrize("change", [collecting, unlinking_of])
def test_looking_at_posts_and_a_change_of_a_link_wait_for_each_other_and_both_end(
    change: Callable[[Source], Act],
) -> None:
    source = unread(linked())

    failed = meeting(assigning_to(source), change(source))

    assert failed == []


def test_a_doubt_and_a_rescore_wait_for_each_other_and_both_end() -> None:
    source = linked()
    posts = posting(source, [WEB] * 3)
    pipeline.score_day(user_id=source.user_id, now=NOW - timedelta(days=1))

    failed = meeting(
        scoring(source.user_id),
        lambda: topics.doubt(source.user_id, WEB, post_id=posts[0].pk, now=NOW),
    )

    assert failed == []


def test_ranking_everybody_and_a_rescore_wait_for_each_other_and_both_end() -> None:
    source = linked()
    posting(source, [WEB] * 3)
    pipeline.score_day(user_id=source.user_id, now=NOW)
    topics.rescore(source.user_id)

    failed = meeting(lambda: topics.rescore(source.user_id), lambda: topics.rank(now=NOW))

    assert failed == []
