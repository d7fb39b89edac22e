"""Any server that speaks the Mastodon API: own posts with counts, and who reacted.

Counts are what the home server saw. The server names who favourited or boosted a post but not when;
its notifications know when, so they are read first and the lists only for what they leave open.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from accounts.connectors import http, oauth, shapes, wire
from accounts.connectors.base import (
    Access,
    Code,
    ConnectorError,
    Identity,
    Post,
    Progress,
    Reading,
    Target,
    Tokens,
)
from accounts.connectors.common import Common
from accounts.connectors.mastodon_api import (
    Session,
    failure,
    says_dead_refresh,
    says_unknown_client,
    words_of,
)
from accounts.connectors.mastodon_people import read_notifications, read_people
from accounts.connectors.mastodon_posts import (
    POSTS,
    Found,
    dated,
    is_public,
    post_of,
    posts_of,
    read_posts,
)
from accounts.connectors.shapes import Record
from accounts.speech import say

WINDOW = timedelta(days=90)


class Mastodon(Common):
    """The connector. See accounts.connectors.base.Connector for what each method promises."""

    network = "mastodon"
    name = "Mastodon"
    reads = (
        "Your public and unlisted posts of the last 90 days with their counts.",
        "Who favourited, boosted, answered, quoted or mentioned you, as a number without a name.",
        "How many people follow each of them, where your server tells it.",
        "How many follow you, and who began to in the last 90 days.",
    )
    cannot_read = (
        "Posts for followers only and private mentions: we leave them out on our side too.",
        "Reactions your server never saw, for example from servers it has blocked.",
        "When somebody favourited, if you cleared that notification: the day of the post counts.",
    )
    consent_lasts = "Until you take it back, here or in your server's settings."
    scopes = ("read:accounts", "read:statuses", "read:notifications")

    def identity(self, access: Access, *, now: datetime) -> Identity:
        """Return the account this access speaks for."""
        session = Session(access, now=now)
        account = session.account()
        return Identity(
            uid=shapes.identifier(account, "id"),
            username=f"{shapes.text(account, 'username', 60)}@{session.host}",
            name=" ".join(shapes.text(account, "display_name", 60).split()),
            url=shapes.link(account, "url"),
        )

    def newest(self, access: Access, target_id: str, *, now: datetime) -> tuple[Post, ...]:
        """Return the newest public posts with the counts of now."""
        session = Session(access, now=now)
        found = Found(own_id=target_id, host=session.host, since=now - WINDOW, now=now)
        page = next(session.pages(posts_of(target_id), POSTS, most=1))
        public = [(at, post) for at, post in dated(page.items, found) if is_public(post)]
        return tuple(post_of(post, at, found, answers=0) for at, post in public)

    def targets(self, access: Access, *, now: datetime) -> tuple[Target, ...]:
        """Return the account itself, the only thing an access on Mastodon speaks for."""
        session = Session(access, now=now)
        with wire.kept_open():
            account = session.account()
            own_id = shapes.identifier(account, "id")
            page = next(session.pages(posts_of(own_id), POSTS, most=1))
        found = Found(own_id=own_id, host=session.host, since=now - WINDOW, now=now)
        times = [at for at, _post in dated(page.items, found)]
        whole = not page.more or (bool(times) and min(times) < now - WINDOW)
        return (
            Target(
                external_id=own_id,
                kind="profile",
                title=title_of(account, session.host),
                url=shapes.link(account, "url"),
                followers=shapes.count(account, "followers_count"),
                posts_90d=sum(at >= now - WINDOW for at in times) if whole else None,
                last_post_at=max(times, default=None),
                reason=_to_know(account),
            ),
        )

    def read(
        self, access: Access, target_id: str, *, since: datetime, now: datetime, progress: Progress
    ) -> Reading:
        """Return posts since `since`, their counts and who reacted."""
        session = Session(access, now=now)
        with wire.kept_open():
            account = session.account()
            if shapes.identifier(account, "id") != target_id:
                raise ConnectorError(
                    Code.SOURCE_NOT_GRANTED,
                    say("This access speaks for another account on {host}.", host=session.host),
                )
            found = Found(own_id=target_id, host=session.host, since=since, now=now)
            read_posts(session, found, progress)
            read_notifications(session, found, access, progress)
            read_people(session, found, progress)
        return Reading(
            since=found.since,
            posts=tuple(found.posts.values()),
            interactions=tuple(found.people.values()),
            followers=shapes.count(account, "followers_count"),
            pages=session.calls,
            left_out=dict(found.left_out),
            limited=tuple(found.limited),
            moved_to=_moved_to(account),
        )

    def refresh(self, access: Access, *, now: datetime) -> Tokens:
        """Renew the access with the refresh token of servers whose tokens end (Pixelfed)."""
        host = urlsplit(access.server).netloc
        if not access.client_id:
            raise _strangers(host)
        answer = http.fetch(
            "POST",
            f"{access.server}/oauth/token",
            form={
                "grant_type": "refresh_token",
                "refresh_token": access.refresh,
                "client_id": access.client_id,
                "client_secret": access.client_secret,
                "scope": " ".join(access.scopes),
            },
            now=now,
        )
        if says_unknown_client(answer):
            raise _strangers(host)
        if says_dead_refresh(answer):
            raise ConnectorError(
                Code.REVOKED, say("{host} took back our access.", host=host), raw=words_of(answer)
            )
        return oauth.tokens_of(oauth.granted(answer, host))

    def revoke(self, access: Access) -> None:
        """Ask the server to forget this access."""
        if not access.client_id:
            raise ConnectorError(
                Code.APP_CONFIG,
                say("We hold no registration with {server} any more.", server=access.server),
            )
        answer = http.fetch(
            "POST",
            f"{access.server}/oauth/revoke",
            form={
                "client_id": access.client_id,
                "client_secret": access.client_secret,
                "token": access.token,
            },
        )
        if answer.status != 200:
            raise failure(answer)


def title_of(account: Record, host: str) -> str:
    """Return the full handle of an account, with the name its owner gave it in front."""
    handle = f"@{shapes.text(account, 'username', 60)}@{host}"
    called = " ".join(shapes.text(account, "display_name", 60).split())
    return f"{called} ({handle})" if called else handle


def _moved_to(account: Record) -> str:
    """Return the handle of the account that this one moved to, or ""."""
    try:
        moved = shapes.optional_record(account, "moved")
    except ConnectorError:
        return ""  # a server that says so in another way; the account itself is sound
    handle = shapes.one_line(shapes.text(moved, "acct", 200), 200)
    return f"@{handle}" if handle else ""


def _to_know(account: Record) -> str:
    """Return what to know about an account before it is chosen, or ""."""
    if moved := _moved_to(account):
        return say("This account moved to {moved}. Link that one too.", moved=moved)
    if account.get("locked") is True:
        return say("You approve who follows you: posts that only they see do not count.")
    return ""


def _strangers(host: str) -> ConnectorError:
    """Some servers throw registrations away; the way back begins with a new one."""
    return ConnectorError(
        Code.REVOKED,
        say("{host} no longer knows this site. Connect again: that introduces it anew.", host=host),
        raw="invalid_client",
    )
