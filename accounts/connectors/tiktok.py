"""TikTok: own public videos with their counts. It names nobody who reacted.

Success is `error.code` "ok" in the body, whatever the status. What may be asked of an account hangs
on what the person ticked. Source: developers.tiktok.com/doc (Login Kit, Display API v2).
"""
# ruff: noqa: ARG001, ARG002 (signatures are those of accounts.connectors.base and session)

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from accounts.connectors import http, shapes
from accounts.connectors.answers import Answer
from accounts.connectors.base import (
    Access,
    Cause,
    Code,
    ConnectorError,
    Identity,
    Kind,
    Post,
    Progress,
    Reading,
    Target,
    Tokens,
)
from accounts.connectors.common import Common
from accounts.connectors.oauth import granted, tokens_of
from accounts.connectors.session import Session
from accounts.connectors.setup import Config
from accounts.connectors.shapes import Record
from accounts.speech import marked, say

WINDOW = timedelta(days=90)
PER_PAGE = 20  # the most TikTok gives
PAGES = 100  # 2,000 videos
SECONDS = 240.0
SKEW = timedelta(minutes=5)  # a server's clock may run ahead by this

BASIC, PROFILE, STATS = "user.info.basic", "user.info.profile", "user.info.stats"
VIDEOS = "video.list"
# A field outside of what was ticked makes the whole answer a refusal.
_FIELDS = {
    BASIC: ("open_id", "display_name"),
    PROFILE: ("username", "profile_deep_link"),
    STATS: ("follower_count",),
}
_VIDEO = "id,create_time,title,video_description,share_url,like_count,comment_count,share_count"
_COUNTS = {Kind.LIKE: "like_count", Kind.REPLY: "comment_count", Kind.REPOST: "share_count"}
_MEANS = {
    "access_token_invalid": (Code.REVOKED, marked("TikTok no longer accepts our access.")),
    "access_token_expired": (Code.EXPIRED, marked("The access TikTok gave has ended.")),
    "scope_not_authorized": (
        Code.SCOPE_MISSING,
        marked("A permission for this was not ticked at TikTok."),
    ),
    "scope_permission_missed": (
        Code.SCOPE_MISSING,
        marked("A permission for this was not ticked at TikTok."),
    ),
    "rate_limit_exceeded": (Code.RATE_LIMITED, marked("TikTok asked us to wait.")),
    "internal_error": (Code.TRANSIENT, marked("TikTok has trouble of its own.")),
}
_NO_VIDEOS = marked("The permission to list your videos was not ticked. Connect again and tick it.")


class TikTok(Common):
    """The connector. See accounts.connectors.base.Connector for what each method promises."""

    network = "tiktok"
    name = "TikTok"
    reads = (
        "Your name and handle.",
        "Your public videos of the last 90 days: how many likes, comments and shares each has.",
        "How many people follow you.",
    )
    cannot_read = (
        "Who liked, commented or shared: TikTok gives numbers only, so they count as strangers.",
        "Private videos and those for friends, views, and videos of others that you shared.",
    )
    consent_lasts = (
        "A year, renewed while we read. You can take it back at any time, here or in TikTok's "
        "settings."
    )
    scopes = (BASIC, PROFILE, STATS, VIDEOS)
    separator = ","
    pkce = False  # TikTok takes a challenge from apps on phones and desktops only
    client_id_name = "client_key"
    ask_again = {"disable_auto_auth": "1"}
    renew_before = timedelta(minutes=30)

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.authorize_url = f"{config.url('web')}/v2/auth/authorize/"

    def exchange(
        self,
        code: str,
        *,
        redirect_uri: str,
        verifier: str,
        now: datetime,
    ) -> Tokens:
        """Return the tokens for a code of the callback."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return self._tokens(form, now)

    def refresh(self, access: Access, *, now: datetime) -> Tokens:
        """Return new tokens; TikTok may hand out another refresh token each time."""
        if not access.refresh:
            return super().refresh(access, now=now)
        return self._tokens({"grant_type": "refresh_token", "refresh_token": access.refresh}, now)

    def identity(self, access: Access, *, now: datetime) -> Identity:
        """Return the account; its `open_id` is TikTok's name for the person at this site alone."""
        return _identity(_account(self._session(access, now), access))

    def targets(self, access: Access, *, now: datetime) -> tuple[Target, ...]:
        """Return the profile; without the permission for videos it cannot count."""
        api = self._session(access, now)
        account = _account(api, access)
        who, may_list = _identity(account), _may(access, VIDEOS)
        page = next(_pages(api, _Found(now - WINDOW, now))) if may_list else _Page([], more=True)
        times = [post.created_at for post in page.posts]
        whole = not page.more or (bool(times) and min(times) < now - WINDOW)
        return (
            Target(
                external_id=who.uid,
                kind="profile",
                title=who.title,
                url=who.url,
                followers=shapes.count(account, "follower_count"),
                posts_90d=sum(at >= now - WINDOW for at in times) if whole else None,
                last_post_at=max(times, default=None),
                selectable=may_list,
                reason="" if may_list else say(_NO_VIDEOS),
            ),
        )

    def missing(self, access: Access, *, now: datetime) -> tuple[Cause, ...]:
        """Return which permissions were not ticked, as TikTok said when it gave the access."""
        lacking = tuple(scope for scope in self.scopes if not _may(access, scope))
        return (
            Cause(
                title=say("A permission was not ticked"),
                why=say(
                    "TikTok lets you untick each permission. Without that for videos nothing can "
                    "be read, without that for statistics your followers are not known."
                ),
                what_to_do=say("Connect TikTok again and leave every permission ticked."),
                holds=bool(lacking),
                ask=lacking,
            ),
        )

    def read(
        self, access: Access, target_id: str, *, since: datetime, now: datetime, progress: Progress
    ) -> Reading:
        """Return videos since `since` with their counts."""
        if not _may(access, VIDEOS):
            raise ConnectorError(Code.SCOPE_MISSING, _NO_VIDEOS)
        api = self._session(access, now)
        account = _checked(_account(api, access), target_id)
        found = _Found(since, now)
        _read_videos(api, found, progress)
        return Reading(
            since=found.since,
            posts=tuple(post for post in found.posts.values() if post.created_at >= found.since),
            followers=shapes.count(account, "follower_count"),
            pages=api.calls,
            left_out=dict(found.left_out),
            limited=tuple(found.limited),
        )

    def newest(self, access: Access, target_id: str, *, now: datetime) -> tuple[Post, ...]:
        """Return the newest public videos with the counts of now."""
        api = self._session(access, now)
        _checked(_account(api, access), target_id)
        return tuple(next(_pages(api, _Found(now - WINDOW, now))).posts)

    def revoke(self, access: Access) -> None:
        """Ask TikTok to forget this access."""
        answer = http.fetch(
            "POST",
            f"{self.config.url('api')}/v2/oauth/revoke/",
            form={**self._client(), "token": access.token},
        )
        if answer.status != 200:
            raise failure(answer)

    def _client(self) -> dict[str, str]:
        return {"client_key": self.config.client_id, "client_secret": self.config.client_secret}

    def _tokens(self, form: dict[str, str], now: datetime) -> Tokens:
        url = f"{self.config.url('api')}/v2/oauth/token/"
        answer = http.fetch("POST", url, form={**self._client(), **form}, now=now)
        said = granted(answer, self.name)
        return replace(tokens_of(said), account_id=shapes.identifier(said, "open_id"))

    def _session(self, access: Access, now: datetime) -> Session:
        return Session(self.config.url("api"), access.token, now=now, failure=failure)


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of videos, newest first, and whether there are more."""

    posts: list[Post]
    more: bool


@dataclass
class _Found:
    """What a read has gathered so far."""

    since: datetime
    now: datetime
    posts: dict[str, Post] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    limited: list[str] = field(default_factory=list)


def failure(answer: Answer, now: datetime | None = None) -> ConnectorError:
    """Return what an answer stands for whose status is not 200 or whose code is not "ok"."""
    try:
        error = shapes.optional_record(shapes.record(answer.json()), "error")
    except ConnectorError as unreadable:
        return unreadable
    said = shapes.text(error, "code", 80)
    code, words = _MEANS.get(
        said,
        (
            Code.CONTRACT,
            say("TikTok answered in a way we do not know (error {status}).", status=answer.status),
        ),
    )
    raw = " ".join(filter(None, [said, shapes.text(error, "message", 200)]))
    return ConnectorError(code, words, raw=raw or f"HTTP {answer.status}")


def _data(answer: Answer) -> Record:
    said = shapes.record(answer.json())
    if shapes.optional_record(said, "error").get("code", "ok") != "ok":
        raise failure(answer)
    return shapes.optional_record(said, "data")


def _may(access: Access, scope: str) -> bool:
    """Tell whether a permission was ticked, as far as TikTok said so."""
    return not access.scopes or scope in access.scopes


def _account(api: Session, access: Access) -> Record:
    """Return the account, with the fields that the ticked permissions allow."""
    fields = [name for scope, names in _FIELDS.items() if _may(access, scope) for name in names]
    query = {"fields": ",".join(fields or _FIELDS[BASIC])}
    return shapes.optional_record(_data(api.get("/v2/user/info/", query)), "user")


def _identity(account: Record) -> Identity:
    return Identity(
        uid=shapes.identifier(account, "open_id"),
        username=shapes.one_line(shapes.text(account, "username", 60), 60),
        name=shapes.one_line(shapes.text(account, "display_name", 60), 60),
        url=shapes.link(account, "profile_deep_link"),
    )


def _checked(account: Record, target_id: str) -> Record:
    """Return the account. Raises ConnectorError when the access speaks for another one."""
    if shapes.identifier(account, "open_id") != target_id:
        raise ConnectorError(
            Code.SOURCE_NOT_GRANTED, say("This access speaks for another account on TikTok.")
        )
    return account


def _pages(api: Session, found: _Found) -> Iterator[_Page]:
    """Yield at most PAGES pages of videos. Raises ConnectorError(CONTRACT) for a circle."""
    asked: dict[str, int] = {"max_count": PER_PAGE}
    seen: set[int] = set()
    for _ in range(PAGES):
        data = _data(api.post("/v2/video/list/", {"fields": _VIDEO}, json=asked))
        more = data.get("has_more") is True
        none_at_all = data.get("videos") is None and data.get("has_more") is False
        videos = [] if none_at_all else shapes.records(data.get("videos"))
        yield _Page(list(_posts(videos, found)), more)
        cursor = shapes.count(data, "cursor")
        if not more:
            return
        if cursor is None or cursor in seen:
            raise ConnectorError(
                Code.CONTRACT, say("TikTok sends the same page again and again."), raw="cursor"
            )
        seen.add(cursor)
        asked["cursor"] = cursor


def _posts(videos: list[Record], found: _Found) -> Iterator[Post]:
    for video in videos:
        at = shapes.instant(video, "create_time")
        if at is None:
            found.left_out["undated"] += 1
        elif at > found.now + SKEW:
            found.left_out["in_future"] += 1
        else:
            words = shapes.text(video, "title", 2_000) or shapes.text(
                video, "video_description", 2_000
            )
            yield Post(
                external_id=shapes.identifier(video, "id"),
                created_at=min(at, found.now),
                text=shapes.one_line(words, shapes.EXCERPT),
                url=shapes.link(video, "share_url"),
                counts={kind: shapes.count(video, name) for kind, name in _COUNTS.items()},
            )


def _read_videos(api: Session, found: _Found, progress: Progress) -> None:
    """Read videos, newest first, to the page that is older than wanted as a whole.

    A pinned old video on top ends nothing.
    """
    for number, page in enumerate(_pages(api, found), start=1):
        progress(say("Reading your videos, page {number}", number=number))
        found.posts |= {post.external_id: post for post in page.posts}
        times = [post.created_at for post in page.posts]
        if times and max(times) < found.since:
            return
        if page.more and (number == PAGES or api.seconds > SECONDS):
            found.since = max(found.since, min(times, default=found.now))
            found.limited.append(say("Only your newest {n} videos were read.", n=len(found.posts)))
            return
