"""YouTube: one channel with its public videos, their likes and comments as numbers.

The access speaks for the channel that was chosen at Google, so the channel is who was linked, and
another channel of the same person is another link. YouTube's policies decide what may be made of
its numbers: see `IN_SCORE` and docs/linking.md.
"""
# ruff: noqa: ARG002 (signatures are those of accounts.connectors.base)

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.connectors import http, shapes
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
from accounts.connectors.setup import Config
from accounts.connectors.shapes import Record
from accounts.connectors.youtube_api import PER_PAGE, Api, failure
from accounts.speech import marked, say

WINDOW = timedelta(days=90)
PAGES = 40  # 2,000 videos: 80 units of the day's quota
NEWEST = 20
SKEW = timedelta(minutes=5)  # a server's clock may run ahead by this
READONLY = "https://www.googleapis.com/auth/youtube.readonly"

_COUNTS = {Kind.LIKE: "likeCount", Kind.REPLY: "commentCount"}
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_ALONE = marked(
    "YouTube's rules do not let a site mix its numbers with those of other networks into one. So "
    "they stand on a card of their own and are not in your score."
)
_MIXED = marked(
    "YouTube's rules allow its numbers in a score only to sites that YouTube has checked and "
    "accepted. Who runs this site has switched that on, so your channel counts in your score."
)


class YouTube(Common):
    """The connector. See accounts.connectors.base.Connector for what each method promises."""

    network = "youtube"
    name = "YouTube"
    reads = (
        "The name of your channel, and how many subscribe to it as YouTube rounds it.",
        "Your public videos of the last 90 days, with how many likes and comments each has.",
    )
    cannot_read = (
        "Who liked, commented or subscribed: YouTube gives numbers only.",
        "Private and unlisted videos: we leave them out on our side too. Dislikes and shares.",
        "How many subscribe, if you hide it; likes and comments of videos where they are off.",
    )
    consent_lasts = (
        "Until you take it back, here or at myaccount.google.com/permissions, where you end it for "
        "all your channels at once. Google ends it after six months without use. What we read is "
        "read again or deleted within 30 days."
    )
    scopes = (READONLY,)
    renew_before = timedelta(minutes=5)
    authorize_params = {
        "access_type": "offline",
        "prompt": "select_account consent",
        "include_granted_scopes": "true",
    }

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.authorize_url = f"{config.url('web')}/o/oauth2/v2/auth"
        self.policy = _MIXED if config.is_on("in_score") else _ALONE

    def exchange(self, code: str, *, redirect_uri: str, verifier: str, now: datetime) -> Tokens:
        """Return the tokens for a code of the callback. Code.SCOPE_MISSING when unticked."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        tokens = self._tokens(form, now)
        if tokens.scopes and READONLY not in tokens.scopes:
            raise ConnectorError(
                Code.SCOPE_MISSING,
                say(
                    "The permission to see your channel was not ticked at Google. Link "
                    "it again and tick it."
                ),
            )
        return tokens

    def refresh(self, access: Access, *, now: datetime) -> Tokens:
        """Return a new token; Google keeps the refresh token as it is."""
        if not access.refresh:
            return super().refresh(access, now=now)
        return self._tokens({"grant_type": "refresh_token", "refresh_token": access.refresh}, now)

    def _tokens(self, form: dict[str, str], now: datetime) -> Tokens:
        client = {"client_id": self.config.client_id, "client_secret": self.config.client_secret}
        url = f"{self.config.url('token')}/token"
        answer = http.fetch("POST", url, form={**client, **form}, now=now)
        return tokens_of(granted(answer, "Google"))

    def revoke(self, access: Access) -> None:
        """Ask Google to forget this access, with what it is renewed with."""
        url = f"{self.config.url('token')}/revoke"
        answer = http.fetch("POST", url, form={"token": access.refresh or access.token})
        if answer.status not in {200, 400}:  # 400: it knows no such token any more
            raise failure(answer)

    def identity(self, access: Access, *, now: datetime) -> Identity:
        """Return the channel this access speaks for."""
        return _identity(Api(self.config, access, now=now).channel("snippet"))

    def targets(self, access: Access, *, now: datetime) -> tuple[Target, ...]:
        """Return the channel that was chosen at Google."""
        api = Api(self.config, access, now=now)
        channel = api.channel("snippet", "statistics", "contentDetails")
        who = _identity(channel)
        page = next(_uploads(api, channel, most=1, per_page=PER_PAGE), [])
        times = [at for _, at in _dated(page, now)]
        whole = len(page) < PER_PAGE or (bool(times) and min(times) < now - WINDOW)
        return (
            Target(
                external_id=who.uid,
                kind="channel",
                title=who.title,
                url=who.url,
                followers=_subscribers(channel),
                posts_90d=sum(at >= now - WINDOW for at in times) if whole else None,
                last_post_at=max(times, default=None),
                reason=say(self.policy),
            ),
        )

    def missing(self, access: Access, *, now: datetime) -> tuple[Cause, ...]:
        """Return why another channel of the person is not listed."""
        return (
            Cause(
                title=say("It is another channel"),
                why=say(
                    "Google asks after sign-in which channel it is about, and its answer speaks "
                    "for that one alone."
                ),
                what_to_do=say(
                    "Link YouTube once more and choose the other channel there. Both stay linked."
                ),
            ),
        )

    def read(
        self, access: Access, target_id: str, *, since: datetime, now: datetime, progress: Progress
    ) -> Reading:
        """Return public videos since `since` with their counts."""
        api = Api(self.config, access, now=now)
        channel = _checked(api.channel("snippet", "statistics", "contentDetails"), target_id)
        found = _Found(since, now)
        _find_uploads(api, channel, found, progress)
        _read_videos(api, found, progress)
        return Reading(
            since=found.since,
            posts=tuple(found.posts),
            followers=_subscribers(channel),
            pages=api.session.calls,
            left_out=dict(found.left_out),
            limited=tuple(found.limited),
        )

    def newest(self, access: Access, target_id: str, *, now: datetime) -> tuple[Post, ...]:
        """Return the newest public videos with the counts of now."""
        api = Api(self.config, access, now=now)
        channel = _checked(api.channel("contentDetails"), target_id)
        found = _Found(now - WINDOW, now)
        for page in _uploads(api, channel, most=1, per_page=NEWEST):
            found.uploads = dict(_dated(page, now))
        _read_videos(api, found, lambda _said: None)
        return tuple(found.posts)


@dataclass
class _Found:
    """What a read has gathered so far."""

    since: datetime
    now: datetime
    uploads: dict[str, datetime] = field(default_factory=dict)  # video id -> when it came out
    posts: list[Post] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    limited: list[str] = field(default_factory=list)


def _identity(channel: Record) -> Identity:
    snippet = shapes.optional_record(channel, "snippet")
    uid = shapes.identifier(channel, "id")
    return Identity(
        uid=uid,
        username=shapes.one_line(shapes.text(snippet, "customUrl", 60), 60).removeprefix("@"),
        name=shapes.one_line(shapes.text(snippet, "title", 100), 100),
        url=shapes.link({"url": f"https://www.youtube.com/channel/{uid}"}, "url"),
    )


def _checked(channel: Record, target_id: str) -> Record:
    """Return the channel. Raises ConnectorError when the access speaks for another one."""
    if shapes.identifier(channel, "id") != target_id:
        raise ConnectorError(
            Code.SOURCE_NOT_GRANTED, say("This access speaks for another channel on YouTube.")
        )
    return channel


def _subscribers(channel: Record) -> int | None:
    """Return the subscribers, or None where the channel hides them."""
    statistics = shapes.optional_record(channel, "statistics")
    if statistics.get("hiddenSubscriberCount") is True:
        return None
    return shapes.count(statistics, "subscriberCount")


def _uploads(api: Api, channel: Record, *, most: int, per_page: int) -> Iterator[list[Record]]:
    """Yield pages of what was uploaded; a channel that never did has no such list."""
    details = shapes.optional_record(channel, "contentDetails")
    playlist = shapes.text(shapes.optional_record(details, "relatedPlaylists"), "uploads", 100)
    if not playlist:
        return
    query = {"part": "contentDetails", "playlistId": playlist, "maxResults": str(per_page)}
    pages = api.pages("/playlistItems", query, most=most)
    try:
        first = next(pages)
    except ConnectorError as error:
        if error.code is Code.GONE:
            return
        raise
    yield first
    yield from pages


def _dated(page: list[Record], now: datetime) -> Iterator[tuple[str, datetime]]:
    """Yield id and time of videos that came out; those that never did have no time."""
    for item in page:
        details = shapes.optional_record(item, "contentDetails")
        at = shapes.moment(details, "videoPublishedAt")
        video = shapes.text(details, "videoId", 60)
        if at is not None and at <= now + SKEW and _VIDEO_ID.fullmatch(video):
            yield video, min(at, now)


def _find_uploads(api: Api, channel: Record, found: _Found, progress: Progress) -> None:
    """Look for videos to the second page in a row that is too old: the order is not promised."""
    old_pages = 0
    pages = _uploads(api, channel, most=PAGES, per_page=PER_PAGE)
    for number, page in enumerate(pages, start=1):
        progress(say("Looking for your videos, page {number}", number=number))
        dated = dict(_dated(page, found.now))
        found.left_out.update(
            {"not_shown": len(page) - len(dated)} if len(page) > len(dated) else {}
        )
        found.uploads |= {video: at for video, at in dated.items() if at >= found.since}
        old_pages = old_pages + 1 if dated and max(dated.values()) < found.since else 0
        if old_pages == 2:
            return
        if number == PAGES and len(page) == PER_PAGE:
            found.since = min(found.uploads.values(), default=found.now)
            found.limited.append(
                say("Only your newest {n} videos were read.", n=len(found.uploads))
            )


def _read_videos(api: Api, found: _Found, progress: Progress) -> None:
    """Read the videos that were found, fifty a call."""
    ids = list(found.uploads)
    for start in range(0, len(ids), PER_PAGE):
        progress(say("Reading your videos, {start} of {n}", start=start, n=len(ids)))
        batch = ids[start : start + PER_PAGE]
        query = {"part": "snippet,statistics,status", "id": ",".join(batch)}
        shown = {
            shapes.identifier(video, "id"): video
            for video in shapes.records(api.get("/videos", query).get("items") or [])
        }
        for video in batch:
            status = shapes.optional_record(shown.get(video, {}), "status")
            if video not in shown:
                found.left_out["not_shown"] += 1
            elif shapes.text(status, "privacyStatus", 20) != "public":
                found.left_out["not_public"] += 1
            else:
                found.posts.append(_post(shown[video], found.uploads[video]))


def _post(video: Record, at: datetime) -> Post:
    snippet = shapes.optional_record(video, "snippet")
    statistics = shapes.optional_record(video, "statistics")
    own_id = shapes.identifier(video, "id")
    return Post(
        external_id=own_id,
        created_at=at,
        text=shapes.one_line(shapes.text(snippet, "title", 200), 200),
        url=f"https://www.youtube.com/watch?v={own_id}",
        language=shapes.text(snippet, "defaultAudioLanguage", 12),
        counts={kind: shapes.count(statistics, name) for kind, name in _COUNTS.items()},
    )
