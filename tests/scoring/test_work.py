"""The handlers, through real jobs: what is read, stored, retried and told."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from accounts import connectors, linking, operating
from accounts.breakers import Resting
from accounts.connectors.base import (
    Access,
    Code,
    ConnectorError,
    Interaction,
    Post,
    Progress,
    Reading,
    Target,
)
from accounts.connectors.common import Common
from accounts.connectors.setup import Config
from accounts.models import Notice, Source, SyncRun
from accounts.signals import Change, source_changed
from scoring import jobs, work
from scoring.models import BadgeAward, Job, LedgerLine, ScoreSnapshot, Style
from scoring.models import Interaction as InteractionRow
from tests.scoring.readings import NOW, archive_of, busy, linked, post, reading

pytestmark = pytest.mark.django_db


class Network(Common):
    """A network in memory behind the connector's protocol: the handlers are under test here.

    How connectors talk to servers is tested with real servers in tests/accounts.
    """

    network, name = "sandbox", "Sandbox"
    reads = cannot_read = ("",)
    consent_lasts = ""

    def __init__(self) -> None:
        super().__init__(Config("sandbox"))
        self.shows: Reading | ConnectorError = busy()
        self.revoked: list[str] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def targets(self, access: Access, *, now: datetime) -> tuple[Target, ...]:
        return (Target(external_id=access.account_id, kind="profile", title="Ada"),)

    def read(
        self, access: Access, target_id: str, *, since: datetime, now: datetime, progress: Progress
    ) -> Reading:
        progress("Reading page 1")
        self.meanwhile()
        if isinstance(self.shows, ConnectorError):
            raise self.shows
        return self.shows

    def revoke(self, access: Access) -> None:
        if isinstance(self.shows, ConnectorError):
            raise self.shows
        self.revoked.append(access.token)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    fake = Network()
    monkeypatch.setattr(connectors, "get", lambda _name, **_via: fake)
    return fake


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def run_all(clock: Clock) -> None:
    while jobs.run_next(clock=clock, handlers=work.HANDLERS):
        pass


def collect(source: Source, clock: Clock) -> Job:
    job = jobs.enqueue(
        kind=Job.Kind.COLLECT, subject=str(source.pk), user_id=source.user_id, now=clock.now
    )
    run_all(clock)
    job.refresh_from_db()
    return job


def test_collecting_reads_scores_and_works_out_the_past(network: Network) -> None:
    source = linked(read_at=None)

    job = collect(source, Clock())

    assert job.state == Job.State.DONE
    source.refresh_from_db()
    assert (source.state_at(NOW), source.read_at) == (Source.State.HEALTHY, NOW)
    assert SyncRun.objects.get().posts == 8
    assert ScoreSnapshot.objects.filter(reconstructed=False).get().score > 1
    assert ScoreSnapshot.objects.filter(reconstructed=True).exists()
    assert BadgeAward.objects.filter(user=source.user_id, badge="early").exists()
    assert Style.objects.get(user=source.user_id).numbers["posts"] > 0


@pytest.mark.parametrize(
    "fails",
    [
        None,
        ConnectorError(Code.ROLE_LOST, "Your role does not let us read it."),
        Resting("It has given nobody an answer.", retry_at=NOW + timedelta(hours=1), asked=False),
        "paused",
    ],
    ids=["it is read", "it cannot be read", "its server is left alone", "its network is paused"],
)
def test_the_score_is_told_and_its_past_worked_out_once_all_that_was_chosen_has_been_tried(
    network: Network, fails: ConnectorError | str | None
) -> None:
    clock = Clock()
    one = linked(read_at=None)
    other = Source.objects.create(
        user=one.user, grant=one.grant, network="sandbox", external_id="page", kind="page",
        title="A page", selected=True, selected_at=NOW,
    )  # fmt: skip

    collect(one, clock)
    told = Notice.objects.filter(kind="first_score")
    early = ScoreSnapshot.objects.filter(reconstructed=True).exists() or told.exists()
    if fails == "paused":
        operating.pause(network="sandbox", why="It answers nonsense.", by=one.user, now=NOW)
    elif isinstance(fails, ConnectorError):
        network.shows = fails
    collect(other, clock)

    assert not early
    assert ScoreSnapshot.objects.filter(reconstructed=True).exists()
    score = ScoreSnapshot.objects.get(day=NOW.date()).score
    assert told.get().values == {"score": round(score or 0.0, 1)}
    today = LedgerLine.objects.filter(day=NOW.date(), reason=LedgerLine.Reason.LINKED)
    assert not today.exists()


def test_something_chosen_that_nobody_reads_does_not_keep_the_past_away(network: Network) -> None:
    clock = Clock()
    one = linked(read_at=None)
    Source.objects.create(
        user=one.user, grant=one.grant, network="sandbox", external_id="page", kind="page",
        title="A page", selected=True, selected_at=NOW - timedelta(minutes=10),
    )  # fmt: skip

    collect(one, clock)

    assert ScoreSnapshot.objects.filter(reconstructed=True).exists()


def test_collecting_twice_doubles_nothing(network: Network) -> None:
    source, clock = linked(read_at=None), Clock()
    collect(source, clock)
    rows = (InteractionRow.objects.count(), ScoreSnapshot.objects.count())

    collect(source, clock)

    assert (InteractionRow.objects.count(), ScoreSnapshot.objects.count()) == rows


@pytest.mark.parametrize("code", [Code.TRANSIENT, Code.RATE_LIMITED, Code.CONTRACT, Code.REVOKED])
def test_a_failed_read_changes_no_evidence_and_no_score(network: Network, code: Code) -> None:
    source, clock = linked(read_at=None), Clock()
    collect(source, clock)
    before = ScoreSnapshot.objects.get(day=NOW.date()).score
    network.shows = ConnectorError(code, "It did not answer.", raw="503")
    clock.now += timedelta(days=1)

    collect(source, clock)

    today = ScoreSnapshot.objects.get(day=clock.now.date())
    assert today.score == before
    assert not today.lines.exists()
    assert SyncRun.objects.filter(code=code, words="503").exists()


def test_a_network_that_asks_us_to_wait_is_asked_again_when_it_said(network: Network) -> None:
    source, clock = linked(), Clock()
    later = NOW + timedelta(minutes=7)
    network.shows = ConnectorError(Code.RATE_LIMITED, "Wait until 12:07.", retry_at=later)

    job = collect(source, clock)

    assert (job.state, job.due_at) == (Job.State.QUEUED, later)
    source.refresh_from_db()
    assert source.state_at(NOW) == Source.State.SLOW
    network.shows = busy()
    clock.now = later
    run_all(clock)
    job.refresh_from_db()
    assert job.state == Job.State.DONE


def test_an_empty_answer_does_not_wipe_a_score(network: Network) -> None:
    source, clock = linked(read_at=None), Clock()
    collect(source, clock)
    network.shows = reading()
    clock.now += timedelta(days=1)

    collect(source, clock)

    source.refresh_from_db()
    assert source.code == Code.CONTRACT
    assert InteractionRow.objects.exists()


def test_a_network_that_says_the_same_for_three_days_is_believed(network: Network) -> None:
    source, clock = linked(read_at=None), Clock()
    collect(source, clock)
    fewer = busy()
    network.shows = Reading(since=fewer.since, posts=fewer.posts[:3])
    for _ in range(5):
        clock.now += timedelta(days=1)
        collect(source, clock)

    source.refresh_from_db()
    assert source.code == Code.OK
    assert InteractionRow.objects.values("post").distinct().count() == 3


def test_days_of_answers_that_were_none_make_a_drop_no_more_believable(network: Network) -> None:
    source, clock = linked(read_at=None), Clock()
    collect(source, clock)
    held = InteractionRow.objects.count()
    network.shows = ConnectorError(Code.CONTRACT, "That was no answer we know.")
    for _ in range(5):
        clock.now += timedelta(days=1)
        collect(source, clock)
    fewer = busy()
    network.shows = Reading(since=fewer.since, posts=fewer.posts[:3])

    collect(source, clock)

    source.refresh_from_db()
    assert (source.code, source.doubted_since) == (Code.CONTRACT, clock.now)
    assert InteractionRow.objects.count() == held


def test_a_whole_reading_ends_the_doubt(network: Network) -> None:
    source, clock = linked(read_at=None), Clock()
    collect(source, clock)
    whole = network.shows
    network.shows = Reading(since=whole.since, posts=whole.posts[:3])
    collect(source, clock)
    network.shows = whole

    collect(source, clock)

    source.refresh_from_db()
    assert (source.code, source.doubted_since) == (Code.OK, None)


def test_a_source_that_is_unlinked_while_it_is_read_ends_quietly(network: Network) -> None:
    source = linked(read_at=None)
    network.meanwhile = lambda: source.grant.account.delete()

    job = collect(source, Clock())

    assert (job.state, job.error) == (Job.State.DONE, "")


def test_an_empty_list_is_not_believed_however_long_it_lasts(network: Network) -> None:
    source, clock = linked(read_at=None), Clock()
    collect(source, clock)
    before = ScoreSnapshot.objects.get(day=NOW.date()).score
    network.shows = reading()
    for _ in range(30):
        clock.now += timedelta(days=1)
        collect(source, clock)

    assert ScoreSnapshot.objects.latest("day").score == before
    assert "unlink this and link it again" in SyncRun.objects.latest("pk").words


def test_nothing_is_written_after_the_source_stopped_counting(network: Network) -> None:
    source = linked(read_at=None)
    Source.objects.update(selected=False)

    collect(source, Clock())

    assert not SyncRun.objects.exists()


def test_a_worker_whose_lease_was_taken_writes_nothing(network: Network) -> None:
    source, clock = linked(read_at=None), Clock()

    def another_worker_takes_over() -> None:
        Job.objects.update(fence=99)

    network.meanwhile = another_worker_takes_over

    collect(source, clock)

    assert not InteractionRow.objects.exists()
    assert not SyncRun.objects.exists()


def test_an_archive_is_scored_at_once_and_ages_with_the_world(network: Network) -> None:
    source = archive_of(linked().user)
    Source.objects.exclude(pk=source.pk).delete()
    clock = Clock()
    source_changed.send(
        Source, source=source, user_id=source.user_id, change=Change.ARCHIVE, reading=busy()
    )
    run_all(clock)
    clock.now += timedelta(days=20)
    jobs.enqueue(kind=Job.Kind.SCORE, subject=str(source.user_id), now=clock.now)
    run_all(clock)

    reasons = LedgerLine.objects.filter(day=clock.now.date()).values_list("reason", flat=True)
    assert set(reasons) == {LedgerLine.Reason.FADED}


def test_unlinking_asks_the_network_to_forget_the_access(network: Network) -> None:
    source = linked()
    source.grant.account.delete()
    clock = Clock()
    clock.now = datetime.now(tz=NOW.tzinfo) + timedelta(seconds=1)

    run_all(clock)

    assert network.revoked == ["token-of-ada"]


def unlinked(network: Network) -> tuple[Job, Clock]:
    """Unlink a source while the network is down; return the job that ends the access."""
    network.shows = ConnectorError(Code.TRANSIENT, "It does not answer.")
    linked().grant.account.delete()
    clock = Clock()
    clock.now = datetime.now(tz=NOW.tzinfo) + timedelta(seconds=1)
    return Job.objects.get(kind=Job.Kind.REVOKE), clock


def run_for_days(clock: Clock, days: int) -> None:
    """Let half an hour after half an hour pass."""
    for _ in range(48 * days):
        run_all(clock)
        clock.now += timedelta(minutes=30)


def test_ending_an_access_is_given_up_with_words_when_the_network_stays_away(
    network: Network,
) -> None:
    job, clock = unlinked(network)

    run_for_days(clock, 1)

    job.refresh_from_db()
    assert (job.state, job.fence) == (Job.State.DEAD, work.TRIES + 1)
    assert job.error == "It does not answer. We asked 6 times to end the access."


def test_ending_an_access_is_tried_until_the_network_is_back(network: Network) -> None:
    job, clock = unlinked(network)
    run_all(clock)
    network.shows = busy()

    run_for_days(clock, 1)

    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.DONE, "")
    assert network.revoked == ["token-of-ada"]


def test_reading_a_network_that_stays_away_is_left_to_the_daily_plan(network: Network) -> None:
    source, clock = linked(), Clock()
    network.shows = ConnectorError(Code.TRANSIENT, "It does not answer.")
    job = collect(source, clock)

    run_for_days(clock, 2)

    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert SyncRun.objects.count() == work.TRIES + 1


def test_the_effect_said_beforehand_is_no_score_where_too_little_is_left(network: Network) -> None:
    source = linked(read_at=None)
    collect(source, Clock())

    said = linking.effects_of_unlinking(source.user_id, [source.pk], NOW)

    assert said[source.pk].startswith("Without it too little would be left")


def test_a_post_with_a_count_grows_the_ledger_the_next_day(network: Network) -> None:
    source, clock = linked(read_at=None), Clock()
    collect(source, clock)
    clock.now += timedelta(days=1)
    more = busy()
    network.shows = Reading(
        since=more.since,
        posts=(*more.posts, Post(external_id="new", created_at=NOW, counts={"like": 300})),
        interactions=more.interactions,
    )

    collect(source, clock)

    line = LedgerLine.objects.get(day=clock.now.date(), reason=LedgerLine.Reason.REACTIONS)
    assert (line.count, line.kind) == (300, "like")
    assert line.points > 0


def test_a_first_read_goes_back_far_enough_to_work_out_ninety_days(network: Network) -> None:
    asked: list[datetime] = []
    source = linked(read_at=None)
    read = network.read

    def spy(access: Access, target_id: str, **more: object) -> Reading:
        asked.append(more["since"])
        return read(access, target_id, **more)

    network.read = spy

    collect(source, Clock())

    assert asked == [NOW - timedelta(days=180)]


def test_posts_and_people_are_known_by_hash_only(network: Network) -> None:
    network.shows = reading(
        post(1), acts=(Interaction("bob@mail.example", "like", NOW, post_id="p1"),)
    )

    collect(linked(read_at=None), Clock())

    assert "bob" not in InteractionRow.objects.get().actor.key
