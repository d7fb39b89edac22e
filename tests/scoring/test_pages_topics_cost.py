"""How many queries the pages of topics ask, and that more rows do not mean more of them."""

import pytest

from accounts.models import User
from scoring import topics
from scoring.engine.topics.taxonomy import taxonomy
from scoring.models import Post, TopicScore
from tests.scoring import topic_scenes
from tests.scoring.builders import NOW, with_page
from tests.scoring.pages import at_noon, browser_of
from tests.scoring.test_pages_cost import AssertQueries

__all__ = ["at_noon"]
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
# Session and person are two of them.
COST = {
    "/topics/mine/?add=web": 6,
    "/topics/mine/django/": 10,
    "/topics/": 2,
    "/topics/?q=web": 2,
    "/topics/django/": 11,
}


@pytest.mark.parametrize("size", [1, 10], ids=["a little", "ten times as much"])
def test_the_pages_of_topics_ask_the_same_few_questions_however_much_there_is(
    size: int, django_assert_num_queries: AssertQueries
) -> None:
    client = browser_of(somebody(size))

    for path, cost in COST.items():
        with django_assert_num_queries(cost, info=path):
            response = client.get(path)
        assert response.status_code == 200


def somebody(size: int) -> User:
    """Return somebody with `size` times as many posts, topics, choices and others beside them."""
    nora = topic_scenes.known(now=NOW)
    told = TopicScore.objects.get(user=nora, topic="django")
    told.terms = [*told.terms, *([post.pk, 0.1] for post in _posts(told, size))]
    told.save()
    slugs = [slug for slug, each in taxonomy().topics.items() if each.level == "field"]
    slugs = [slug for slug in slugs if not taxonomy().topics[slug].sensitive]
    scores = slugs[: 4 * size]
    for number, slug in enumerate(scores):
        TopicScore.objects.filter(user=nora, topic=slug).delete()
        told.pk, told.topic, told.passes = None, slug, number % 2 == 0
        told.save()
    for number, slug in enumerate(slugs[40 : 40 + size]):
        topics.add(nora.pk, slug, now=NOW)
        topics.hide(nora.pk, slugs[60 + number], now=NOW)
    topic_scenes.crowd("django", named=10 + size // 5, now=NOW)
    with_page(nora)
    return nora


def _posts(told: TopicScore, size: int) -> list[Post]:
    source = told.user.sources.get()
    texts = [(f"Queryset {number}", "queryset") for number in range(3 * size)]
    return topic_scenes.said(source, "django", texts, now=NOW, people=2, named="more")
