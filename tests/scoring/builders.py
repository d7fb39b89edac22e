"""Builders of stored scores: snapshots, ledger lines, links and jobs, as live ones look."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from allauth.socialaccount.models import SocialAccount

from accounts import handles
from accounts.models import Audience, Grant, Profile, Source, User
from scoring import sums
from scoring.engine import ALGORITHM, Params
from scoring.models import Job, LedgerLine, Post, ScoreSnapshot

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = NOW.date()
Reason = LedgerLine.Reason
WEIGHTS = Params().weights


def person(name: str = "nora") -> User:
    """Return a new person with a name to greet."""
    return User.objects.create_user(username=name, display_name=name.capitalize())


def with_page(user: User, **shows: Any) -> User:
    """Give somebody a handle of their name and a page on which members see their topics."""
    handles.take(user, user.username, now=NOW)
    Profile.objects.create(
        user=user, **({"page": Audience.MEMBERS, "topics": Audience.MEMBERS} | shows)
    )
    return user


def source_of(user: User, title: str = "Map Room", **fields: Any) -> Source:
    """Return a selected, healthy source with an account and a grant of its own."""
    account = SocialAccount.objects.create(user=user, provider="sandbox", uid=f"{user.pk}:{title}")
    grant = Grant.objects.create(account=account, issued_at=NOW)
    values: dict[str, Any] = {
        "network": "sandbox",
        "external_id": f"{user.pk}:{title}",
        "kind": "page",
        "title": title,
        "selected": True,
        "read_at": NOW,
        "tried_at": NOW,
        "complete_since": NOW - timedelta(days=180),
    }
    return Source.objects.create(user=user, grant=grant, **(values | fields))


def made_of(*titles: str, posts: int = 3) -> dict[str, Any]:
    """Return what a score is made of, as the pipeline stores it."""
    return {
        "part": {"reach": 20.0, "amplification": 16.0, "network": 13.4},
        "source": [
            {"id": at, "title": title, "network": "sandbox", "points": 30.0 / (at + 1)}
            for at, title in enumerate(titles or ("Map Room",))
        ],
        "kind": [{"kind": "like", "points": 30.1}, {"kind": "repost", "points": 19.3}],
        "post": [
            {
                "id": at,
                "title": f"Post number {at}",
                "url": f"https://social.example/{at}",
                "day": (TODAY - timedelta(days=at)).isoformat(),
                "points": 5.0 - at,
            }
            for at in range(posts)
        ],
    }


def snapshot(
    user: User, score: float | None = 50.4, *, day: date = TODAY, **fields: Any
) -> ScoreSnapshot:
    """Return a stored score of a day."""
    shot = unsaved_snapshot(user, score, day=day, **fields)
    shot.save()
    return shot


def unsaved_snapshot(user: User, score: float | None, *, day: date, **fields: Any) -> ScoreSnapshot:
    """Return a score of a day; its sub-scores are equal, so that they weigh to the score."""
    sub_score = 1.0 if score is None else score
    values: dict[str, Any] = {
        "model": ALGORITHM,
        "as_of": datetime.combine(day, time(6, 10), UTC),
        "low": None if score is None else max(1.0, score - 3),
        "high": None if score is None else min(100.0, score + 2),
        "reach": 100.0,
        "amplification": 80.0,
        "network": 90.0,
        "reach_score": sub_score,
        "amplification_score": sub_score,
        "network_score": sub_score,
        "posts": 40,
        "people": 300,
        "sources_read": 1,
        "sources": 1,
        "made_of": {} if score is None else made_of(),
    }
    return ScoreSnapshot(user=user, day=day, score=score, **(values | fields))


def history(user: User, scores: Sequence[float | None], *, until: date = TODAY) -> None:
    """Store one snapshot a day, the last of `scores` on `until`."""
    for ago, score in enumerate(reversed(scores)):
        snapshot(user, score, day=until - timedelta(days=ago))


def post_of(source: Source, title: str = "Talk recap") -> Post:
    """Return a stored post."""
    return Post.objects.create(
        source=source,
        external_id=title,
        created_at=NOW - timedelta(days=3),
        excerpt=title,
        url="https://social.example/talk",
    )


def line(shot: ScoreSnapshot, points: float, **fields: Any) -> LedgerLine:
    """Return a stored line of a snapshot's ledger: new likes unless said otherwise."""
    one = unsaved_line(shot, points, **fields)
    one.save()
    keep_sums([one])
    return one


def unsaved_line(shot: ScoreSnapshot, points: float, **fields: Any) -> LedgerLine:
    """Return a line as `line` does, to be stored with many others."""
    values: dict[str, Any] = {
        "reason": Reason.REACTIONS,
        "kind": "like",
        "count": 3,
        "people": 3,
        "points_reach": points * 0.7,
        "points_amplification": points * 0.2,
        "points_network": points * 0.1,
    } | fields
    if (source := values.get("source")) is not None:
        values = {"source_title": source.title, "source_network": source.network} | values
    if (post := values.get("post")) is not None:
        values = {"post_title": post.excerpt, "post_url": post.url} | values
    return LedgerLine(
        snapshot=shot, user_id=shot.user_id, day=shot.day, model=shot.model, points=points, **values
    )


def keep_sums(lines: Iterable[LedgerLine]) -> None:
    """Keep what stored lines come to, as the pipeline does."""
    lines = list(lines)
    sums.keep_days(sorted({line.snapshot_id for line in lines}))
    sums.keep_posts({line.post_id for line in lines if line.post_id is not None})


def job(user: User, kind: Job.Kind, *, subject: int | None = None, **fields: Any) -> Job:
    """Return a job of a person that is queued and due, unless said otherwise."""
    values: dict[str, Any] = {"due_at": NOW, "created_at": NOW} | fields
    subject = user.pk if subject is None else subject
    return Job.objects.create(kind=kind, subject=str(subject), user=user, **values)
