"""Links in every state, for the pages that show them: each function returns (path, person)."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from accounts import access, archives, choosing, connectors, doctor, health
from accounts.connectors.base import Code
from accounts.models import (
    Case,
    LinkCheck,
    NetworkPause,
    SandboxToken,
    Source,
    SyncRun,
    User,
)
from scoring.ingest import ingest
from tests.accounts import builders

Prepared = tuple[str, User]


def _ada() -> User:
    user = builders.person()
    user.display_name = "Ada"
    user.save()
    return user


def _broken(user: User) -> Source:
    now = timezone.now()
    since = now - timedelta(days=3, hours=5)
    row = builders.source(
        user,
        code=Code.REVOKED,
        code_since=since,
        words="401 token_revoked: This token was taken back.",
        failures=4,
        tried_at=now - timedelta(hours=2),
        read_at=since - timedelta(hours=4),
    )
    for hours, code, posts in ((2, Code.REVOKED, 0), (77, Code.REVOKED, 0), (81, Code.OK, 31)):
        at = now - timedelta(hours=hours)
        SyncRun.objects.create(
            source=row,
            started_at=at,
            ended_at=at + timedelta(seconds=3),
            code=code,
            words="" if posts else "401 token_revoked: This token was taken back.",
            pages=4,
            posts=posts,
            reactions=posts * 9,
            left_out={"not_public": 12, "future": 1} if posts else {},
        )
    return row


def start() -> Prepared:
    return reverse("start"), _ada()


def choose() -> Prepared:
    kept = builders.grant(_ada())
    choosing.list_targets(grant=kept, now=timezone.now())
    return reverse("choose", args=[kept.pk]), kept.account.user


def choose_one() -> Prepared:
    kept = builders.grant(_ada(), who="jun")
    choosing.list_targets(grant=kept, now=timezone.now())
    return reverse("choose", args=[kept.pk]), kept.account.user


def choose_again() -> Prepared:
    path, user = choose()
    Source.objects.filter(external_id="maproom-lisbon").update(selected=True)
    Source.objects.filter(external_id="slow-atlas").update(available=False)
    return path, user


def choose_nothing_listed() -> Prepared:
    kept = builders.grant(_ada())
    return reverse("choose", args=[kept.pk]), kept.account.user


def links() -> Prepared:
    user, now = _ada(), timezone.now()
    grant = _broken(user).grant
    states = {
        "The Slow Atlas": {"tried_at": now, "read_at": now - timedelta(minutes=20)},
        "Jun on the bicycle": {"code": Code.RATE_LIMITED, "retry_at": now + timedelta(minutes=35)},
        "Skip to Content": {"code": Code.TRANSIENT, "code_since": now - timedelta(hours=3)},
        "Amara's Kitchen School": {"paused_at": now - timedelta(days=2)},
        "A page of odd answers": {"code": Code.CONTRACT, "code_since": now - timedelta(hours=9)},
        "Freshly chosen": {"read_at": None, "tried_at": None, "posts_90d": None},
        "Half a permission": {"limited": ["who reacted"]},
    }
    for number, (title, values) in enumerate(states.items()):
        builders.source(user, title=title, grant=grant, external_id=str(number), **values)
    archives.add_archive(user=user, content=builders.archive(), now=now)
    builders.grant(user, who="jun")
    return reverse("links"), user


def no_links() -> Prepared:
    return reverse("links"), _ada()


def broken_link() -> Prepared:
    row = _broken(_ada())
    return reverse("link", args=[row.pk]), row.user


def healthy_link() -> Prepared:
    row = builders.source(_ada())
    now = timezone.now()
    health.reading_succeeded(
        source_id=row.pk, reading=builders.reading(posts=31), started_at=now, now=now
    )
    return reverse("link", args=[row.pk]), row.user


def archive_link() -> Prepared:
    row = archives.add_archive(user=_ada(), content=builders.archive(), now=timezone.now())
    return reverse("link", args=[row.pk]), row.user


def checked_link() -> Prepared:
    """A link that the doctor found broken: the network shows us, and says the access is dead."""
    row, now = _broken(_ada()), timezone.now()
    SandboxToken.objects.update(revoked_at=now - timedelta(days=3))
    _checked(row, now)
    Case.objects.create(
        user=row.user, source=row, subject="Still refused", opened_at=now, changed_at=now
    )
    return reverse("link", args=[row.pk]), row.user


def checking_link() -> Prepared:
    row = builders.source(_ada())
    LinkCheck.objects.create(source=row, asked_at=timezone.now())
    return reverse("link", args=[row.pk]), row.user


def halted_link() -> Prepared:
    row, now = builders.source(_ada()), timezone.now()
    NetworkPause.objects.create(
        network="sandbox", why="Its interface is changing.", since=now - timedelta(days=2)
    )
    return reverse("link", args=[row.pk]), row.user


def compare() -> Prepared:
    """Posts of which the network says more, less, and nothing."""
    row, now = builders.source(_ada()), timezone.now()
    connector, held = connectors.get("sandbox"), access.as_held(row.grant)
    read = connector.read(
        held, row.external_id, since=now - timedelta(days=90), now=now - timedelta(days=2),
        progress=lambda _said: None,
    )  # fmt: skip
    ingest(source=row, reading=read, now=now - timedelta(days=2))
    Source.objects.filter(pk=row.pk).update(read_at=now - timedelta(days=2))
    _checked(row, now)
    return reverse("link_compare", args=[row.pk]), row.user


def _checked(row: Source, now: datetime) -> None:
    source = Source.objects.select_related("grant__account").get(pk=row.pk)
    asked = LinkCheck.objects.create(source=source, asked_at=now)
    visit = doctor.examine(source, clock=lambda: now, progress=lambda _visit: None)
    doctor.conclude(check=asked, visit=visit, now=now)


def unlink() -> Prepared:
    row = builders.source(_ada())
    return reverse("link_unlink", args=[row.pk]), row.user


def unlink_only_way_in() -> Prepared:
    row = builders.source(builders.person("nora", password=None))
    return reverse("link_unlink", args=[row.pk]), row.user


def what_we_read() -> Prepared:
    return reverse("what_we_read", args=["mastodon"]), _ada()


def settings() -> Prepared:
    return reverse("settings"), _ada()
