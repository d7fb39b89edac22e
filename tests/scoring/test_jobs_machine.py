"""Any order of asking, taking, stopping and ending: never two holders, nothing lost."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from scoring import jobs
from scoring.jobs import Lease
from scoring.models import Job

SUBJECTS = st.sampled_from(["1", "2", "3"])
OPEN = [Job.State.QUEUED, Job.State.RUNNING]


class JobMachine(RuleBasedStateMachine):
    """Compares the rows with a model that counts what was asked and what was done.

    `asked[s]` is how often subject s was asked for; `done[s]` how many of these asks a finished run
    began after. The work is lost when asked is ahead of done and no open or dead job is there.
    """

    leases = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        Job.objects.all().delete()
        jobs.DICE.seed(40)  # the same events must end the same way each time they are played
        self.now = datetime(2026, 6, 1, tzinfo=UTC)
        self.asked: dict[str, int] = {}
        self.done: dict[str, int] = {}
        self.seen: dict[Lease, int] = {}  # lease -> what had been asked when it was taken

    @rule(subject=SUBJECTS, delay=st.integers(0, 90))
    def ask(self, subject: str, delay: int) -> None:
        due = self.now + timedelta(seconds=delay)
        jobs.enqueue(kind=Job.Kind.COLLECT, subject=subject, now=self.now, due_at=due)
        self.asked[subject] = self.asked.get(subject, 0) + 1

    @rule(seconds=st.integers(1, 700))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(target=leases)
    def take(self) -> object:
        lease = jobs.take(now=self.now, kinds=[Job.Kind.COLLECT])
        if lease is None:
            return multiple()
        self.seen[lease] = self.asked[lease.subject]
        return lease

    @rule(lease=leases)
    def report(self, lease: Lease) -> None:
        self._as_holder(lease, lambda: jobs.report(lease, "at work", now=self.now))

    @rule(lease=consumes(leases))
    def finish(self, lease: Lease) -> None:
        if self._as_holder(lease, lambda: jobs.finish(lease, now=self.now)):
            self.done[lease.subject] = self.seen[lease]

    @rule(lease=consumes(leases))
    def fail(self, lease: Lease) -> None:
        self._as_holder(lease, lambda: jobs.fail(lease, now=self.now, cause="it fell over"))

    @rule(lease=consumes(leases), seconds=st.integers(-5, 90))
    def postpone(self, lease: Lease, seconds: int) -> None:
        at = self.now + timedelta(seconds=seconds)
        self._as_holder(lease, lambda: jobs.postpone(lease, at=at, why="wait", now=self.now))

    @rule()
    def sweep(self) -> None:
        jobs.sweep(now=self.now)

    def _as_holder(self, lease: Lease, act: object) -> bool:
        """Act; an act may succeed only for the one who holds the newest fence of a running job."""
        job = Job.objects.get(pk=lease.job_id)
        holds = job.state == Job.State.RUNNING and job.fence == lease.fence
        try:
            act()  # type: ignore[operator]
        except jobs.LostLease:
            assert not holds
            return False
        assert holds
        return True

    @invariant()
    def no_two_hold_the_same_job(self) -> None:
        holders: list[int] = []
        for lease in self.seen:
            try:
                with transaction.atomic():
                    jobs.hold(lease)
            except jobs.LostLease:
                continue
            holders.append(lease.job_id)
        assert len(holders) == len(set(holders))

    @invariant()
    def what_was_asked_is_done_or_open_or_given_up_in_words(self) -> None:
        for subject, count in self.asked.items():
            if self.done.get(subject, 0) < count:
                newest = Job.objects.filter(subject=subject).latest("pk")
                assert newest.state in OPEN or (newest.state == Job.State.DEAD and newest.error)

    @invariant()
    def a_job_is_given_up_only_after_all_tries(self) -> None:
        assert not Job.objects.filter(state=Job.State.DEAD).exclude(attempt=jobs.TRIES).exists()

    @invariant()
    def a_subject_has_one_open_job(self) -> None:
        subjects = Job.objects.filter(state__in=OPEN).values_list("subject", flat=True)
        assert len(subjects) == len(set(subjects))


@pytest.mark.django_db
def test_no_order_of_events_doubles_or_loses_a_job() -> None:
    run_state_machine_as_test(
        JobMachine,
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
