"""How many queries the score pages ask, and that more rows do not mean more of them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from scoring import sums
from scoring.models import Job, ScoreSnapshot
from tests.scoring.builders import (
    TODAY,
    history,
    job,
    line,
    person,
    post_of,
    source_of,
    unsaved_snapshot,
)
from tests.scoring.pages import at_noon, browser_of

__all__ = ["at_noon"]
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
DAY = timedelta(days=1)
# Session and person are two of them.
COST = {
    "/home/": 12,  # two about topics, two about +K, one about perks
    "/score/": 4,
    "/score/?range=all&show=parts": 5,
    "/score/why/": 7,
    f"/score/why/?from={TODAY - 5 * DAY}&to={TODAY}": 7,
    f"/score/why/?from={TODAY - 5 * DAY}&to={TODAY - DAY}": 8,
    "/start/scoring/": 6,
}
AssertQueries = Callable[[int], AbstractContextManager[Any]]


def somebody(size: int) -> Any:
    """Return somebody with `size` sources, ten times as many posts and days, and their lines."""
    nora = person()
    sources = [source_of(nora, f"Page {number}") for number in range(size)]
    for source in sources:
        job(nora, Job.Kind.COLLECT, subject=source.pk, state=Job.State.DONE)
    ScoreSnapshot.objects.bulk_create(
        [unsaved_snapshot(nora, 50.0 + ago / 10, day=TODAY - ago * DAY) for ago in range(10 * size)]
    )
    for shot in nora.snapshots.all():
        for number in range(10):
            post = post_of(sources[0], f"Post {shot.day} {number}")
            line(shot, 0.1, source=sources[number % size], post=post, kind="repost")
    return nora


@pytest.fixture(params=[1, 10], ids=["a little", "ten times as much"])
def size(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.mark.parametrize("path", COST)
def test_a_page_asks_the_same_few_questions_however_much_there_is(
    path: str, size: int, django_assert_num_queries: AssertQueries
) -> None:
    client = browser_of(somebody(size))

    with django_assert_num_queries(COST[path]):
        response = client.get(path)

    assert response.status_code == 200


@pytest.mark.parametrize(("candidates", "cost"), [(400, 9), (1, 11)], ids=["right", "wrong"])
def test_many_lines_cost_a_few_questions_even_where_the_first_guess_is_wrong(
    candidates: int,
    cost: int,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: AssertQueries,
) -> None:
    monkeypatch.setattr(sums, "FEW", 0)
    monkeypatch.setattr(sums, "CANDIDATES", candidates)
    client = browser_of(somebody(10))

    with django_assert_num_queries(cost):
        response = client.get("/score/why/")

    assert response.status_code == 200


def test_a_day_that_was_counted_first_costs_as_little(
    django_assert_num_queries: AssertQueries,
) -> None:
    nora = person()
    history(nora, [50.4])
    client = browser_of(nora)

    with django_assert_num_queries(5):
        response = client.get("/score/why/")

    assert response.status_code == 200
