"""How topics come about: at each score, only for new posts, and once a night for everybody."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Audience, Profile, Source, User
from scoring import jobs, tasks, topics, work
from scoring.engine.topics.assign import algorithm, assign
from scoring.ingest import ingest
from scoring.jobs import Lease
from scoring.models import Job, Post, PostTopic, TopicHere, TopicScore
from scoring.topics import assigning, rescoring
from tests.scoring.builders import with_page
from tests.scoring.readings import NOW, linked, post, reading
from tests.scoring.speaking import PHOTOS, TECHNOLOGY, WEB, acts_on, known_for, rescored

pytestmark = pytest.mark.django_db
AssertQueries = Callable[[int], AbstractContextManager[Any]]
DAY = timedelta(days=1)
TEXTS = [
    "Screen readers and what they say about a web page",
    "A pinhole camera, a darkroom and a roll of film",
    "Hm.",
]


def says(source: Source, *texts: str, days_ago: float = 1) -> None:
    """Ingest posts with these texts, the first as post 1, each liked by six people."""
    posts = [post(n, days_ago=days_ago) for n in range(1, len(texts) + 1)]
    for one, text in zip(posts, texts, strict=True):
        object.__setattr__(one, "text", text)
    acts = [one for n in range(1, len(texts) + 1) for one in acts_on(n, 6)]
    ingest(source=source, reading=reading(*posts, acts=tuple(acts)), now=NOW)


def found() -> list[tuple[str, str, str]]:
    rows = PostTopic.objects.order_by("post__external_id", "-share", "topic")
    return list(rows.values_list("post__external_id", "topic", "because"))


def expected(*texts: str) -> list[tuple[str, str, str]]:
    found = assign(texts, [""] * len(texts))
    return [(f"p{n}", one.slug, one.because) for n, some in enumerate(found, 1) for one in some]


def run_all() -> None:
    while jobs.run_next(clock=lambda: NOW, handlers=work.HANDLERS):
        pass


def test_every_post_is_looked_at_once() -> None:
    source = linked()
    says(source, *TEXTS)

    first = topics.assign_new(source.user_id, now=NOW)
    again = topics.assign_new(source.user_id, now=NOW)

    assert (first, again) == (3, 0)
    assert found() == expected(*TEXTS) != []
    assert set(Post.objects.values_list("topics_by", flat=True)) == {algorithm()}


def test_a_post_that_says_something_else_now_is_looked_at_again_and_no_other() -> None:
    source = linked()
    says(source, *TEXTS)
    topics.assign_new(source.user_id, now=NOW)

    says(source, TEXTS[1], *TEXTS[1:])

    assert topics.assign_new(source.user_id, now=NOW) == 1
    assert found() == expected(TEXTS[1], *TEXTS[1:])


def test_another_way_of_assigning_looks_at_every_post_again() -> None:
    source = linked()
    says(source, *TEXTS)
    topics.assign_new(source.user_id, now=NOW)
    PostTopic.objects.update(topic="gone-since")
    Post.objects.update(topics_by="topics-0")

    assert topics.assign_new(source.user_id, now=NOW) == 3
    assert found() == expected(*TEXTS)


def test_posts_of_half_a_year_ago_and_of_sources_that_do_not_count_are_left_alone() -> None:
    old, other = linked("ada"), linked("bob")
    says(old, *TEXTS, days_ago=181)
    says(other, *TEXTS)
    Source.objects.filter(pk=other.pk).update(selected=False)

    assert topics.assign_new(old.user_id, now=NOW) == 0
    assert topics.assign_new(other.user_id, now=NOW) == 0


def test_what_was_stopped_between_two_batches_goes_on_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = linked()
    says(source, *TEXTS)
    monkeypatch.setattr(assigning, "BATCH", 2)
    steps = iter([None])

    with pytest.raises(StopIteration):
        topics.assign_new(source.user_id, now=NOW, progress=lambda: next(steps))

    assert topics.assign_new(source.user_id, now=NOW) == 1
    assert found() == expected(*TEXTS)


def test_a_post_that_changed_or_went_while_it_was_looked_at_is_not_written() -> None:
    source = linked()
    says(source, *TEXTS)

    def meanwhile() -> None:
        Post.objects.filter(external_id="p1").update(excerpt="Something else")
        Post.objects.filter(external_id="p2").delete()

    topics.assign_new(source.user_id, now=NOW, progress=meanwhile)

    assert not PostTopic.objects.filter(post__external_id="p1").exists()
    assert Post.objects.get(external_id="p1").topics_by == ""


def test_each_score_comes_with_topics() -> None:
    source = linked()
    says(source, *[TEXTS[0]] * 3)
    Post.objects.filter(external_id="p2").update(created_at=NOW - 2 * DAY)
    work_of = jobs.enqueue(
        kind=Job.Kind.SCORE, subject=str(source.user_id), user_id=source.user_id, now=NOW
    )

    run_all()

    work_of.refresh_from_db()
    assert work_of.state == Job.State.DONE
    told = [one.slug for one in topics.of_person(source.user_id)]
    assert told == [expected(TEXTS[0])[0][1]]


def test_a_night_ranks_people_from_ten_on_and_what_is_hidden_takes_no_part() -> None:
    people = [known_for(f"person{n}", WEB, WEB, WEB, people=6 + n // 2) for n in range(11)]
    topics.hide(people[10].pk, WEB, now=NOW)
    known_for("photographer", PHOTOS, PHOTOS, PHOTOS)

    topics.rank(now=NOW)

    rows = TopicScore.objects.filter(topic=WEB).order_by("user_id")
    assert list(rows.values_list("place", "population")) == [
        *[(9, 10)] * 2, *[(7, 10)] * 2, *[(5, 10)] * 2, *[(3, 10)] * 2, *[(1, 10)] * 2,
        (None, None),
    ]  # fmt: skip
    assert not TopicScore.objects.filter(topic=PHOTOS, place__isnull=False).exists()
    assert TopicHere.objects.get(topic=WEB).people == 10


def test_ranking_again_takes_back_places_that_are_no_more() -> None:
    people = [known_for(f"person{n}", WEB, WEB, WEB) for n in range(10)]
    topics.rank(now=NOW)
    topics.hide(people[0].pk, WEB, now=NOW)

    topics.rank(now=NOW)

    assert not TopicScore.objects.filter(place__isnull=False).exists()


def test_a_rescore_keeps_the_place_of_last_night_until_the_topic_is_gone() -> None:
    people = [known_for(f"person{n}", WEB, WEB, WEB) for n in range(10)]
    topics.rank(now=NOW)

    kept = rescored(people[0])[WEB].place
    PostTopic.objects.filter(post__source__user=people[0], post__external_id="p1").delete()
    gone = rescored(people[0])[WEB]

    assert kept == 1
    assert (gone.passes, gone.place, gone.population) == (False, None, None)


def test_what_everybody_speaks_of_must_be_more_with_somebody_to_be_theirs() -> None:
    for n in range(9):
        known_for(f"p{n}", WEB, WEB, WEB)
    little = known_for("little", *[WEB] * 3, *[PHOTOS] * 9, *["golf"] * 8)
    before = [one.slug for one in topics.of_person(little.pk)]

    topics.rank(now=NOW)
    rescored(little)

    assert before == [PHOTOS, "golf", WEB]
    assert [one.slug for one in topics.of_person(little.pk)] == [PHOTOS, "golf"]


def test_the_night_is_planned_once_a_day_after_the_scores_and_not_without_topics() -> None:
    midnight = NOW.replace(hour=0)
    tasks.plan_places(now=midnight)
    assert not Job.objects.exists()
    known_for("ada", WEB)

    for minutes in (0, 10, 600):
        tasks.plan_places(now=midnight + timedelta(minutes=minutes))

    job = Job.objects.get()
    assert (job.kind, job.due_at) == (Job.Kind.PLACES, midnight + timedelta(hours=2))
    job.due_at = NOW
    job.save()
    run_all()
    assert TopicHere.objects.filter(topic=WEB).exists()
    job.refresh_from_db()
    assert job.state == Job.State.DONE


def test_only_who_wants_to_be_is_named_on_a_topics_page() -> None:
    ada, bob = known_for("ada", WEB, WEB, WEB), known_for("bob", WEB, WEB, WEB)
    with_page(ada)

    page = topics.page_of(WEB, viewer=bob, now=NOW)

    assert [(one.user_id, one.place) for one in page.people] == [(ada.pk, None)]
    assert [one.user_id for one in page.newcomers] == [ada.pk]
    assert (page.ranked, page.population) == (False, None)
    assert page.mine is not None
    assert page.mine.user == bob
    assert {one.by.user_id for one in page.posts} == {ada.pk}
    assert len(page.posts) == 2
    assert TECHNOLOGY in page.related
    topics.hide(ada.pk, WEB, now=NOW)
    assert topics.page_of(WEB, viewer=bob, now=NOW).people == []
    topics.restore(ada.pk, WEB, now=NOW)
    Profile.objects.update(topics=Audience.NOBODY)
    assert topics.page_of(WEB, viewer=bob, now=NOW).people == []


def test_a_page_ranks_ten_who_are_named_and_shows_no_post_that_is_not_public() -> None:
    people = [known_for(f"person{n}", WEB, WEB, WEB, people=6 + n) for n in range(10)]
    for user in people:
        with_page(user)
    Post.objects.filter(source__user=people[9]).update(visibility="private")
    topics.rank(now=NOW)

    page = topics.page_of(WEB, viewer=people[0], now=NOW)

    assert [one.user_id for one in page.people] == [each.pk for each in people[::-1]]
    assert [one.place for one in page.people] == list(range(1, 11))
    assert (page.ranked, page.population) == (True, 10)
    assert people[9].pk not in {one.by.user_id for one in page.posts}


def test_what_only_a_file_says_or_what_counts_no_more_is_shown_to_nobody_else() -> None:
    ada, bob = known_for("ada", WEB, WEB, WEB), known_for("bob", WEB, WEB, WEB)
    for user in (ada, bob):
        with_page(user)
    Source.objects.filter(user=ada).update(grant=None, kind="archive", network="csv")
    Source.objects.filter(user=bob).update(selected=False)

    page = topics.page_of(WEB, viewer=bob, now=NOW)

    assert [one.user_id for one in page.people] == [ada.pk, bob.pk]
    assert page.posts == []


def test_others_learn_of_no_topic_beyond_those_that_the_person_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rescoring, "MOST_SHOWN", 1)
    ada = known_for("ada", *[WEB] * 4, *[PHOTOS] * 3)
    with_page(ada)

    before = topics.page_of(PHOTOS, viewer=ada, now=NOW).people
    topics.hide(ada.pk, WEB, now=NOW)
    rescored(ada)
    after = topics.page_of(PHOTOS, viewer=ada, now=NOW).people

    assert before == []
    assert [one.user_id for one in after] == [ada.pk]
    assert topics.page_of(WEB, viewer=ada, now=NOW).people == []
    assert TopicScore.objects.get(user=ada, topic=WEB).passes


def test_whoever_cannot_sign_in_any_more_is_named_nowhere() -> None:
    ada, bob = known_for("ada", WEB, WEB, WEB), known_for("bob", WEB, WEB, WEB)
    with_page(ada)
    User.objects.filter(pk=ada.pk).update(is_active=False)

    page = topics.page_of(WEB, viewer=bob, now=NOW)

    assert (page.people, page.newcomers, page.posts) == ([], [], [])


def test_looking_at_posts_and_a_topics_page_ask_the_database_little(
    django_assert_num_queries: AssertQueries,
) -> None:
    few, many = linked("few"), linked("many")
    says(few, *TEXTS)
    says(many, *TEXTS * 9)

    for source in (few, many):
        with django_assert_num_queries(11):
            topics.assign_new(source.user_id, now=NOW)
    people = [known_for(f"person{n}", WEB, WEB, WEB) for n in range(10)]
    for user in people:
        with_page(user)
    with django_assert_num_queries(7):
        topics.page_of(WEB, viewer=people[0], now=NOW)


def test_nobody_is_named_on_the_page_of_a_sensitive_topic() -> None:
    ada = known_for("ada", WEB, WEB, WEB)
    with_page(ada)
    topics.add(ada.pk, "belief", now=NOW)
    TopicScore.objects.filter(topic=WEB).update(topic="belief")

    page = topics.page_of("belief", viewer=ada, now=NOW)

    assert (page.people, page.newcomers, page.posts) == ([], [], [])


def taken_twice() -> tuple[Lease, Lease, datetime]:
    """Have a worker take the job, fall silent, and another take it; say when that is known."""
    slow = jobs.take(now=NOW, kinds=list(Job.Kind))
    assert slow is not None
    later = NOW + 2 * jobs.LEASE
    jobs.sweep(now=later)
    quick = jobs.take(now=later + timedelta(hours=1), kinds=list(Job.Kind))
    assert quick is not None
    return slow, quick, later


def test_a_worker_that_lost_the_night_to_another_writes_no_more() -> None:
    for n in range(10):
        known_for(f"p{n}", WEB, WEB, WEB)
    jobs.enqueue(kind=Job.Kind.PLACES, subject="everybody", now=NOW)
    slow, quick, later = taken_twice()

    with pytest.raises(jobs.LostLease):
        work.places(slow, lambda: later)
    assert not TopicScore.objects.filter(place__isnull=False).exists()
    work.places(quick, lambda: later)
    assert TopicScore.objects.filter(topic=WEB, place=1).count() == 10


def test_a_score_whose_worker_lost_it_leaves_topics_to_the_other() -> None:
    source = linked()
    says(source, *TEXTS)
    jobs.enqueue(kind=Job.Kind.SCORE, subject=str(source.user_id), user_id=source.user_id, now=NOW)
    slow, quick, later = taken_twice()

    with pytest.raises(jobs.LostLease):
        work.score(slow, lambda: later)
    assert not TopicScore.objects.exists()
    work.score(quick, lambda: later)
    assert found() == expected(*TEXTS)
    assert TopicScore.objects.exists()
