"""What +K moves: where somebody stands in a topic, by a tenth at most, and never a score."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from scoring import pipeline, plusk, topics
from scoring.engine.plusk import MOST_LIFT, lift
from scoring.models import PlusKTotal, ScoreSnapshot, TopicScore
from scoring.plusk import ledger
from tests.scoring import topic_scenes
from tests.scoring.builders import NOW, person, with_page
from tests.scoring.readings import linked
from tests.scoring.speaking import WEB, posting


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_more_lifts_more_and_never_beyond_a_tenth(one: int, other: int) -> None:
    less, more = sorted((one, other))

    assert 0 <= lift(less) <= lift(more) <= MOST_LIFT
    assert lift(0) == 0


def holds(user: User, weighed: float) -> None:
    """Give somebody a total in Django, of any number of +K."""
    member = ledger.members(user.pk)[user.pk]
    PlusKTotal.objects.create(receiver=member, topic="django", counted=10**9, weighed=weighed)


def places() -> list[str]:
    rows = TopicScore.objects.filter(topic="django", place__isnull=False)
    return [row.user.username for row in rows.order_by("place", "pk").select_related("user")]


@pytest.mark.django_db
def test_places_follow_strength_and_plusk_by_night_and_on_the_page() -> None:
    people = topic_scenes.crowd("django", named=12, now=NOW)  # strengths 40, 39, ... 29
    before = places()
    holds(people[2], 10**6)  # 38 and a tenth: 41.8, above 40 and 39
    holds(people[11], 10**6)  # 29 and a tenth: 31.9, above 31 and 30
    holds(people[4], 0.0)  # none of theirs counts

    topics.rank(now=NOW)

    page = topics.page_of("django", viewer=people[0], now=NOW)
    after = places()
    assert after[:3] == [before[2], before[0], before[1]]
    assert after.index(before[11]) == 9
    assert [one.handle for one in page.people] == after
    assert [one.place for one in page.people] == list(range(1, 13))
    assert page.people[0].plusk == 10**6


@pytest.mark.django_db
def test_with_nothing_given_everybody_stands_where_their_posts_put_them() -> None:
    people = topic_scenes.crowd("django", named=12, now=NOW)

    assert places() == [each.username for each in people]


@pytest.mark.django_db
def test_a_thousand_plusk_move_the_score_and_the_strength_by_nothing() -> None:
    source = linked()
    posting(source, [WEB] * 6)
    pipeline.score_day(user_id=source.user_id, now=NOW)
    topics.rescore(source.user_id)
    before = ScoreSnapshot.objects.get().score, TopicScore.objects.get(topic=WEB).strength
    with_page(source.user)
    plusk.give(giver_id=person("rosa").pk, receiver_id=source.user_id, topic=WEB, now=NOW)
    PlusKTotal.objects.update(counted=1_000, weighed=1_000)

    pipeline.score_day(user_id=source.user_id, now=NOW)
    topics.rescore(source.user_id)

    after = ScoreSnapshot.objects.get().score, TopicScore.objects.get(topic=WEB).strength
    assert before[0] is not None
    assert after == before
