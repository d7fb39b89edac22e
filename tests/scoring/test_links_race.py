"""Scoring and changes of links that meet, on PostgreSQL, each with a control that must go wrong."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, OperationalError, transaction

from accounts import archives, choosing, health, unlinking
from accounts.models import Grant, Source, User
from scoring import ingest, jobs, pipeline, work
from scoring.jobs import Lease
from scoring.models import Job
from tests.accounts.builders import archive
from tests.meeting import Act, meeting
from tests.scoring.readings import NOW, busy, linked

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def scored_yesterday() -> Source:
    """Return a source of a person with a score of yesterday, so that today's has a ledger."""
    source = linked()
    ingest.ingest(source=source, reading=busy(), now=NOW)
    pipeline.score_day(user_id=source.user_id, now=NOW - timedelta(days=1))
    return source


def running(kind: Job.Kind, subject: int) -> Lease:
    jobs.enqueue(kind=kind, subject=str(subject), now=NOW)
    lease = jobs.take(now=NOW, kinds=[kind])
    assert lease is not None
    return lease


def scoring(user_id: int) -> Act:
    lease = running(Job.Kind.SCORE, user_id)
    return lambda: work.score(lease, lambda: NOW)


def scoring_that_locks_its_job_alone(user_id: int) -> Act:
    lease = running(Job.Kind.SCORE, user_id)

    def act() -> None:
        jobs.hold(lease)
        pipeline.score_day(user_id=user_id, now=NOW)

    return act


def ask_for_a_score(user_id: int) -> None:
    jobs.enqueue(kind=Job.Kind.SCORE, subject=str(user_id), user_id=user_id, now=NOW)


def collecting(source: Source) -> Act:
    """Return what a collect job writes: the source is locked, then a score is asked for."""

    def act() -> None:
        with transaction.atomic():
            Source.objects.filter(pk=source.pk).locked().first()
            health.reading_succeeded(source_id=source.pk, reading=busy(), started_at=NOW, now=NOW)
            ask_for_a_score(source.user_id)

    return act


def choosing_nothing_of(source: Source) -> Act:
    other = Source.objects.create(
        user=source.user, grant=source.grant, network="sandbox", external_id="b", title="B"
    )
    return lambda: choosing.save_choice(
        user=source.user, grant=source.grant, source_ids=[other.pk], now=NOW
    )


def unlinking_of(source: Source) -> Act:
    return lambda: unlinking.unlink(source=source)


def removing_the_account_of(source: Source) -> Act:
    return lambda: source.grant.account.delete()


CHANGES = [collecting, choosing_nothing_of, unlinking_of, removing_the_account_of]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("score", [scoring, scoring_that_locks_its_job_alone])
def test_scoring_and_a_change_of_a_link_wait_for_each_other_and_both_end(
    score: Callable[[int], Act], change: Callable[[Source], Act]
) -> None:
    source = scored_yesterday()

    failed = meeting(score(source.user_id), change(source))

    assert failed == []
    assert Job.objects.filter(kind=Job.Kind.SCORE, subject=str(source.user_id), again=True).exists()


def test_control_a_source_locked_for_update_ends_in_a_deadlock_with_scoring() -> None:
    source = scored_yesterday()

    def change() -> None:
        with transaction.atomic():
            Source.objects.select_for_update().get(pk=source.pk)
            ask_for_a_score(source.user_id)

    failed = meeting(scoring_that_locks_its_job_alone(source.user_id), change)

    assert [str(error).partition("\n")[0] for error in failed] == ["deadlock detected"]
    assert isinstance(failed[0], OperationalError)


@pytest.mark.parametrize("removal", [unlinking_of, removing_the_account_of])
def test_collecting_and_unlinking_wait_for_each_other_and_both_end(
    removal: Callable[[Source], Act],
) -> None:
    source = linked()

    failed = meeting(
        lambda: Source.objects.filter(pk=source.pk).locked().first(),
        removal(source),
        then=lambda: ask_for_a_score(source.user_id),
    )

    assert failed == []
    assert not Source.objects.exists()


def test_control_a_job_asked_for_before_the_source_is_locked_ends_in_a_deadlock() -> None:
    source = linked()

    def remove() -> None:
        with transaction.atomic():
            ask_for_a_score(source.user_id)
            Source.objects.filter(pk=source.pk).locked().first()

    failed = meeting(
        lambda: Source.objects.filter(pk=source.pk).locked().first(),
        remove,
        then=lambda: ask_for_a_score(source.user_id),
    )

    assert [str(error).partition("\n")[0] for error in failed] == ["deadlock detected"]


def two_ways_in() -> tuple[Source, Source]:
    """Return sources of the two accounts of a person who has no password."""
    one = linked()
    account = SocialAccount.objects.create(user=one.user, provider="sandbox", uid="other")
    other: Source = Source.objects.create(
        user=one.user,
        grant=Grant.objects.create(account=account, issued_at=NOW),
        network="sandbox",
        external_id="other",
        title="Other",
        selected=True,
    )
    return one, other


def test_of_two_ways_in_that_are_unlinked_at_once_one_stays() -> None:
    one, other = two_ways_in()

    failed = meeting(unlinking_of(one), unlinking_of(other))

    assert failed == []
    assert SocialAccount.objects.count() == 1
    assert not Grant.objects.exists()


def test_control_without_the_persons_row_both_ways_in_are_unlinked() -> None:
    one, other = two_ways_in()

    def remove(source: Source) -> None:
        account = source.grant.account
        if account.user.can_sign_in_without(account):
            account.delete()

    failed = meeting(lambda: remove(one), lambda: remove(other))

    assert failed == []
    assert not SocialAccount.objects.exists()


def uploading(user: User) -> Act:
    return lambda: archives.add_archive(user=user, content=archive(), now=NOW)


def uploading_with_one_look(user: User) -> Act:
    """Return what an upload does that neither looks again nor looks after it is committed."""

    def act() -> None:
        with transaction.atomic():
            archives._write(user, archive(), NOW)

    return act


def test_two_presses_on_the_same_archive_end_with_one_source_and_no_error() -> None:
    user = linked().user

    failed = meeting(uploading(user), uploading(user))

    assert failed == []
    assert Source.objects.filter(network="x_archive").count() == 1


def test_control_a_second_press_that_looks_once_ends_in_an_error() -> None:
    user = linked().user

    failed = meeting(uploading(user), uploading_with_one_look(user))

    assert [type(error) for error in failed] == [IntegrityError]


def linking_it(owner: User) -> Act:
    """Return how the owner of the account in the archive links it: the row, then a look."""

    def act() -> None:
        account = SocialAccount.objects.create(user=owner, provider="x", uid="12")
        archives.settle(owners=[account], now=NOW)

    return act


def test_a_file_uploaded_while_its_owner_links_the_account_does_not_count() -> None:
    owner, other = linked("ada").user, linked("bob").user

    failed = meeting(uploading(other), linking_it(owner))

    row = Source.objects.get(network="x_archive")
    assert failed == []
    assert (row.user, row.selected, row.reason) == (other, False, archives.OWNED_BY_ANOTHER)


def test_control_a_file_whose_upload_looks_only_before_goes_on_counting() -> None:
    owner, other = linked("ada").user, linked("bob").user

    failed = meeting(uploading_with_one_look(other), linking_it(owner))

    assert failed == []
    assert Source.objects.get(network="x_archive").selected


def test_an_owner_who_links_and_uploads_at_once_has_a_proven_file() -> None:
    owner = linked("ada").user

    failed = meeting(uploading(owner), linking_it(owner))

    row = Source.objects.get(network="x_archive")
    assert failed == []
    assert (row.selected, row.proven_at) == (True, NOW)
