"""Reading a network that bills: old posts weekly, whoever waited longest first, no score lost."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount

from accounts.connectors.base import Code
from accounts.models import Grant, NetworkSpend, Source, User
from scoring import jobs, tasks, work
from scoring.models import Job, Post, ScoreSnapshot, Tally
from tests.accounts.builders import signed_in
from tests.accounts.fakes.x import TWEETS, WHO, FakeX, Tweet
from tests.accounts.walks import switch_on

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 2, 0, 5, tzinfo=UTC)
DAY = timedelta(days=1)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def x(settings: Any) -> Iterator[FakeX]:
    with FakeX() as fake:
        switch_on(settings, fake)
        fake.tweets = [tweet(1, days=2, likes=30), tweet(2, days=30, likes=30)]
        yield fake


def tweet(number: int, *, days: float, **more: Any) -> Tweet:
    return Tweet(f"16{number:017}", START - timedelta(days=days), **more)


def allow(settings: Any, fake: FakeX, dollars: str) -> None:
    options = (("fields", "tweet.fields"), ("daily_budget", dollars))
    settings.NETWORKS = {**settings.NETWORKS, "x": replace(fake.config(), options=options)}


def linked(fake: FakeX, number: int = 0, *, read_at: datetime | None = None) -> Source:
    """Return a selected source of somebody on X: the fake's person, or one without posts."""
    good = fake.join(number) if number else fake.access()
    user = User.objects.create_user(username=f"person{number}")
    account = SocialAccount.objects.create(user=user, provider="x", uid=good.account_id)
    grant = Grant(account=account, issued_at=START, expires_at=START + 365 * DAY)
    grant.seal(token=good.token, refresh=good.refresh)
    grant.save()
    return Source.objects.create(
        user=user,
        grant=grant,
        network="x",
        external_id=good.account_id,
        kind="profile",
        title=f"Person {number}",
        selected=True,
        selected_at=START,
        read_at=read_at,
        deep_read_at=read_at,
        tried_at=read_at,
    )


def run_all(clock: Clock) -> None:
    while jobs.run_next(clock=clock, handlers=work.HANDLERS):
        pass


def read_now(source: Source, clock: Clock) -> Source:
    """Read a source as somebody who asked for it; return it as it is then."""
    jobs.enqueue(kind=Job.Kind.COLLECT, subject=str(source.pk), now=clock.now)
    run_all(clock)
    return Source.objects.get(pk=source.pk)


def asked_back_to(fake: FakeX) -> list[timedelta]:
    """Return how far back each question for posts went, in whole days."""
    return [
        datetime.fromisoformat(asked.query["start_time"]) - START
        for asked in fake.server.asked(TWEETS)
    ]


def test_young_posts_are_read_daily_and_old_ones_weekly(x: FakeX, clock: Clock) -> None:
    source = linked(x)

    for day in range(9):
        clock.now = START + day * DAY
        source = read_now(source, clock)

    back = [day * DAY - since for day, since in enumerate(asked_back_to(x))]
    assert [span.days for span in back] == [90, 7, 7, 7, 7, 7, 7, 90, 7]
    assert source.deep_read_at == START + 7 * DAY
    assert source.code == Code.OK


def test_a_post_that_is_not_read_again_keeps_its_counts(x: FakeX, clock: Clock) -> None:
    source = read_now(linked(x), clock)
    clock.now += DAY

    read_now(source, clock)

    assert Post.objects.count() == 2
    assert sum(Tally.objects.values_list("delta", flat=True)) == 60


def test_what_an_old_post_gained_in_a_week_is_dated_by_its_last_reading(
    x: FakeX, clock: Clock
) -> None:
    source = read_now(linked(x), clock)
    clock.now += 6 * DAY
    source = read_now(source, clock)
    x.tweets[1].likes = 45
    clock.now += DAY

    read_now(source, clock)

    gained = Tally.objects.get(post__external_id=x.tweets[1].id, delta=15)
    assert gained.at == START


def test_the_only_post_of_the_week_may_be_taken_down(x: FakeX, clock: Clock) -> None:
    source = read_now(linked(x), clock)
    del x.tweets[0]
    clock.now += DAY

    source = read_now(source, clock)
    clock.now += timedelta(seconds=2)
    run_all(clock)

    source.refresh_from_db()
    assert (source.code, Post.objects.count()) == (Code.OK, 1)
    assert [span.days for span in asked_back_to(x)] == [-90, -6, -89]


def test_a_used_up_budget_waits_for_the_next_day_and_costs_no_score(
    x: FakeX, clock: Clock, settings: Any
) -> None:
    source = read_now(linked(x), clock)
    before = ScoreSnapshot.objects.latest("day").score
    allow(settings, x, "0.01")
    clock.now += DAY
    asked = len(x.server.asked(TWEETS))

    source = read_now(source, clock)

    job = Job.objects.get(kind=Job.Kind.COLLECT, state=Job.State.QUEUED)
    midnight = (clock.now + DAY).replace(hour=0, minute=0)
    assert (source.code, source.retry_at) == (Code.QUOTA_EXHAUSTED, midnight)
    assert source.state_at(clock.now) == Source.State.SLOW
    assert midnight <= job.due_at <= midnight + work.QUEUE
    assert len(x.server.asked(TWEETS)) == asked
    assert ScoreSnapshot.objects.latest("day").score == before
    assert Post.objects.count() == 2


def test_the_page_says_why_and_when_it_is_read_again(
    x: FakeX, clock: Clock, settings: Any, time_machine: Any
) -> None:
    source = read_now(linked(x), clock)
    allow(settings, x, "0.00")
    clock.now += DAY
    source = read_now(source, clock)
    time_machine.move_to(clock.now)

    page = signed_in(source.user).get(f"/links/{source.pk}/").content.decode()

    assert "X costs money for each post read, and this site spends a fixed sum on it a day." in page
    assert "00:00 tomorrow" in page
    assert "Your score keeps its last value." in page


def test_a_first_read_that_the_day_cuts_short_goes_on_the_next_day(
    x: FakeX, clock: Clock, settings: Any
) -> None:
    x.tweets = [tweet(number, days=number) for number in range(1, 31)]
    allow(settings, x, "0.10")
    source = read_now(linked(x), clock)
    first, limited = Post.objects.count(), source.limited
    allow(settings, x, "5.00")
    clock.now += DAY

    source = read_now(source, clock)

    assert (first, Post.objects.count()) == (18, 30)
    assert "The rest is read another day." in limited[0]
    assert (source.limited, source.deep_read_at) == ([], clock.now)


def test_whoever_was_read_longest_ago_is_read_first(x: FakeX, clock: Clock, settings: Any) -> None:
    allow(settings, x, "0.055")  # three profiles a day, with the least that posts are held for
    ages = {number: START - (number * 7 % 11 + 1) * DAY for number in range(1, 12)}
    sources = {number: linked(x, number, read_at=at) for number, at in ages.items()}
    oldest_first = sorted(ages, key=lambda number: ages[number])
    served: list[int] = []

    for _ in range(4):
        before = len(x.server.asked(WHO))
        spend_a_day(clock)
        tokens = [asked.headers["authorization"] for asked in x.server.asked(WHO)[before:]]
        served += [
            next(n for n in sources if tokens_of(x, n) == token.removeprefix("Bearer "))
            for token in tokens
        ]

    assert served[:11] == oldest_first
    assert all(day.used <= 55_000 for day in NetworkSpend.objects.all())


def spend_a_day(clock: Clock) -> None:
    """Plan every hour, and run what that made due, until the first beat of the next day."""
    ends = (clock.now + DAY).replace(hour=0, minute=5)
    while clock.now < ends:
        tasks.plan_reads(now=clock.now)
        clock.now += work.QUEUE
        run_collects(clock)
        clock.now += timedelta(minutes=59)
    clock.now = ends


def run_collects(clock: Clock) -> None:
    """Read what is due; scores are not under test here."""
    only: dict[Job.Kind, Callable[..., None]] = {Job.Kind.COLLECT: work.collect}
    while jobs.run_next(clock=clock, handlers=only):
        pass


def tokens_of(fake: FakeX, number: int) -> str:
    """Return the token of somebody who joined."""
    return next(token for token in fake.others if token.endswith(f"9{number:017}"))
