"""People with real work to do, and what their scores must be whatever happens to the workers.

A score here depends on its own person's evidence alone and on nothing that moves while it is worked
out: archives, and accounts on a server that gives the same answers at any time.
"""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db.models import Model, Sum
from django.utils import timezone

from accounts import archives
from accounts.connectors.archives import ArchiveContent
from accounts.connectors.base import Kind, Post, Reading
from accounts.models import Grant, Source, User
from scoring import jobs, work
from scoring.models import Interaction, Job, LedgerLine, ScoreSnapshot, Tally
from tests.fault_server import Asked, FaultServer, reply

POSTS, FANS = 7, 6  # of an account; every fan favours every post, the first two boost it too
JOBS_OF_ARCHIVE = 2  # today's score, and the past
JOBS_OF_ACCOUNT = 3  # reading it, and the same two
# A rank among others depends on who was scored first.
NOT_COMPARED = {"id", "snapshot", "percentile", "population"}


def with_archives(count: int) -> list[User]:
    """Return new people who wait for the score of an archive."""
    now = timezone.now()
    return [_with_archive(number, now) for number in range(count)]


def _with_archive(number: int, now: datetime) -> User:
    user = User.objects.create_user(f"archive{number}")
    posts = tuple(
        Post(
            external_id=f"p{post}",
            created_at=now - timedelta(hours=10 + 12 * post),
            text=f"Post {post} of person {number}",
            counts={
                Kind.LIKE: 5 + (number * 7 + post * 3) % 50,
                Kind.REPLY: (number + post) % 9,
                Kind.REPOST: (number * post) % 5,
            },
        )
        for post in range(8)
    )
    content = ArchiveContent(
        network="x",
        account_id=str(number),
        handle=user.username,
        title=f"Archive {number}",
        url="",
        reading=Reading(since=posts[-1].created_at, posts=posts, pages=1),
    )
    archives.add_archive(user=user, content=content, now=now)
    return user


def with_accounts(count: int, server: FaultServer) -> list[User]:
    """Return new people who wait for the first reading of an account on a Mastodon server."""
    now = timezone.now()
    server.routes["/api/v1/accounts/verify_credentials"] = lambda asked: reply(
        {"id": _whose(asked), "username": f"member{_whose(asked)}", "followers_count": 50}
    )
    server.routes["/api/v1/notifications"] = lambda asked: reply(_notes(_whose(asked), now))
    return [_with_account(str(1000 + number), server, now) for number in range(count)]


def _with_account(account_id: str, server: FaultServer, now: datetime) -> User:
    path = f"/api/v1/accounts/{account_id}/statuses"
    server.routes[path] = lambda asked: reply(_statuses(account_id, now))
    user = User.objects.create_user(f"member{account_id}")
    account = SocialAccount.objects.create(
        user=user, provider=f"mastodon:{server.host}", uid=account_id
    )
    grant = Grant(account=account, server=server.url(), issued_at=now)
    grant.seal(token=f"token-of-{account_id}")
    grant.save()
    source = Source.objects.create(
        user=user,
        grant=grant,
        network="mastodon",
        issuer=server.host,
        external_id=account_id,
        title=user.username,
        selected=True,
        selected_at=now,
    )
    jobs.enqueue(kind=Job.Kind.COLLECT, subject=str(source.pk), user_id=user.pk, now=now)
    return user


def _whose(asked: Asked) -> str:
    return asked.headers["authorization"].removeprefix("Bearer token-of-")


def _statuses(account_id: str, now: datetime) -> list[dict[str, object]]:
    return [
        {
            "id": f"{account_id}{number}",
            "created_at": (now - timedelta(days=1 + number)).isoformat(),
            "visibility": "public",
            "content": f"<p>Post {number}</p>",
            "account": {"id": account_id},
            "favourites_count": FANS,
            "reblogs_count": 2,
            "replies_count": int(account_id) % 7 + number,
        }
        for number in range(POSTS)
    ]


def _notes(account_id: str, now: datetime) -> list[dict[str, object]]:
    """Return who did what with which post, one hour or some after it."""
    return [
        {
            "id": f"{status['id']}{fan}{kind}",
            "type": kind,
            "created_at": (now - timedelta(days=1 + number, hours=-1 - fan)).isoformat(),
            "account": {"id": str(fan), "followers_count": 30 * fan},
            "status": status,
        }
        for number, status in enumerate(_statuses(account_id, now))
        for kind, fans in (("favourite", FANS), ("reblog", 2))
        for fan in range(fans)
    ]


def assert_read_once(people: Sequence[User]) -> None:
    """What is held of the accounts of these people is what the server shows, once."""
    acts = Interaction.objects.filter(source__user__in=people)
    assert acts.count() == len(people) * POSTS * (FANS + 2)
    told = sum(
        int(str(status[name]))
        for person in people
        for status in _statuses(person.username.removeprefix("member"), timezone.now())
        for name in ("favourites_count", "reblogs_count", "replies_count")
    )
    held = Tally.objects.filter(post__source__user__in=people).aggregate(n=Sum("delta"))
    assert held["n"] == told


def assert_ledgers_sum(person: User) -> None:
    """The lines of each day make up the whole change since the counted day before it."""
    counted = ScoreSnapshot.objects.filter(user=person, score__isnull=False).order_by("day")
    for before, after in pairwise(counted.annotate(told=Sum("lines__points"))):
        assert (after.told or 0.0) == pytest.approx(after.score - before.score, abs=1e-9)


def scores() -> Counter[str]:
    """Return every snapshot and every line of a ledger, with how often it is there."""
    return _rows(ScoreSnapshot) + _rows(LedgerLine)


def _rows(model: type[Model]) -> Counter[str]:
    fields = [field.name for field in model._meta.concrete_fields if field.name not in NOT_COMPARED]
    rows = model._default_manager.values(*fields)
    return Counter(json.dumps(row, default=str, sort_keys=True) for row in rows)


def work_out_scores_anew() -> None:
    """Forget all scores, and have each person's worked out in one go, at the time of the last."""
    newest = ScoreSnapshot.objects.filter(reconstructed=False).values_list("user_id", "as_of")
    moments: dict[int, datetime] = dict(newest)
    Job.objects.all().delete()
    ScoreSnapshot.objects.all().delete()
    for user_id, at in moments.items():
        jobs.enqueue(kind=Job.Kind.SCORE, subject=str(user_id), user_id=user_id, now=at)
        while jobs.run_next(clock=lambda at=at: at, handlers=work.HANDLERS):
            pass
