"""Speaking the YouTube Data API: calls that are counted, pages, and what refusals mean.

Every call costs one unit of a day's quota that all people of this site share. Source:
developers.google.com/youtube/v3/docs; the same, /errors and /determine_quota_cost.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.connectors import shapes
from accounts.connectors.answers import USUAL_WAIT, Answer, judged, retry_at
from accounts.connectors.base import Access, Code, ConnectorError
from accounts.connectors.session import Query, Session
from accounts.connectors.setup import Config
from accounts.connectors.shapes import Record
from accounts.speech import marked, say

PER_PAGE = 50  # the most YouTube gives
_PACIFIC = ZoneInfo("America/Los_Angeles")  # where its days begin

_QUOTA = (Code.QUOTA_EXHAUSTED, marked("What this site may ask of YouTube today is used up."))
_WAIT = (Code.RATE_LIMITED, marked("YouTube asked us to wait."))
_UNTICKED = (
    Code.SCOPE_MISSING,
    marked("The permission to see your channel was not ticked at Google."),
)
_DEAD = (Code.REVOKED, marked("Google no longer accepts our access."))
_CLOSED = (Code.GONE, marked("YouTube has closed or suspended this account or channel."))
_OURS = (Code.APP_CONFIG, marked("YouTube is not switched on for this site at Google."))
_NO_CHANNEL = (
    Code.NO_SOURCE,
    marked(
        "This Google account has no YouTube channel yet. Create one there, or choose "
        "another account."
    ),
)
_TROUBLE = (Code.TRANSIENT, marked("YouTube has trouble of its own."))
_GONE = (Code.GONE, marked("YouTube does not know this any more."))
_MEANS = {
    "quotaExceeded": _QUOTA,
    "dailyLimitExceeded": _QUOTA,
    "rateLimitExceeded": _WAIT,
    "userRateLimitExceeded": _WAIT,
    "RATE_LIMIT_EXCEEDED": _WAIT,
    "insufficientPermissions": _UNTICKED,
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": _UNTICKED,
    "authError": _DEAD,
    "UNAUTHENTICATED": _DEAD,
    "youtubeSignupRequired": _NO_CHANNEL,
    "authenticatedUserAccountClosed": _CLOSED,
    "authenticatedUserAccountSuspended": _CLOSED,
    "channelClosed": _CLOSED,
    "channelSuspended": _CLOSED,
    "accessNotConfigured": _OURS,
    "SERVICE_DISABLED": _OURS,
    "keyInvalid": _OURS,
    "backendError": _TROUBLE,
    "channelNotFound": _GONE,
    "playlistNotFound": _GONE,
    "videoNotFound": _GONE,
    "commentsDisabled": _GONE,
    "PERMISSION_DENIED": _UNTICKED,
}


class Api:
    """Calls in the name of one person, each taken off the day's quota first."""

    def __init__(self, config: Config, access: Access, *, now: datetime) -> None:
        base = f"{config.url('api')}/youtube/v3"
        self.session = Session(base, access.token, now=now, failure=failure, judge=False)
        self._meter = access.meter

    def get(self, path: str, query: Query) -> Record:
        """Return the object that `path` answers with. Raises ConnectorError."""
        self._meter.spend(1)
        return shapes.record(self.session.get(path, query).json())

    def channel(self, *parts: str) -> Record:
        """Return the channel the person chose at Google. Code.NO_SOURCE when there is none.

        The list is absent, not empty, then.
        """
        said = self.get("/channels", {"part": ",".join(("id", *parts)), "mine": "true"})
        items = shapes.records(said.get("items") or [])
        if not items:
            raise ConnectorError(*_NO_CHANNEL, raw="no items")
        shapes.identifier(items[0], "id")
        return items[0]

    def pages(self, path: str, query: Query, *, most: int) -> Iterator[list[Record]]:
        """Yield the items of up to `most` pages. Raises ConnectorError(CONTRACT) for a circle."""
        asked = dict(query)
        seen: set[str] = set()
        for _ in range(most):
            said = self.get(path, asked)
            yield shapes.records(said.get("items") or [])
            following = shapes.text(said, "nextPageToken", 500)
            if not following:
                return
            if following in seen:
                raise ConnectorError(
                    Code.CONTRACT, say("YouTube sends the same page again and again."), raw=path
                )
            seen.add(following)
            asked["pageToken"] = following


def failure(answer: Answer, now: datetime | None = None) -> ConnectorError:
    """Return what an answer of another status than 200 stands for; most say a reason.

    Raises what the status of a 429 or 5xx without a known reason stands for.
    """
    reasons, words = _reasons(answer)
    known = next((_MEANS[reason] for reason in reasons if reason in _MEANS), None)
    raw = " ".join([*reasons[:2], words]).strip() or f"HTTP {answer.status}"
    if known is None:
        judged(answer, now)
        by_status = {401: _DEAD, 404: _GONE}
        unknown = say(
            "YouTube answered in a way we do not know (error {status}).", status=answer.status
        )
        code, sentence = by_status.get(answer.status) or (Code.CONTRACT, unknown)
    else:
        code, sentence = known
    return ConnectorError(code, sentence, raw=raw, retry_at=now and _come_back(code, answer, now))


def _reasons(answer: Answer) -> tuple[list[str], str]:
    """Return every reason an answer gives, the plainest first, and its words."""
    try:
        error = shapes.optional_record(shapes.record(answer.json()), "error")
        listed = [*_list(error, "errors"), *_list(error, "details"), error]
    except ConnectorError:
        return [], ""
    found = [shapes.text(one, "reason", 80) for one in listed] + [shapes.text(error, "status", 80)]
    return [reason for reason in found if reason], shapes.text(error, "message", 200)


def _list(error: Record, name: str) -> list[Record]:
    return shapes.records(error.get(name) or [])


def _come_back(code: Code, answer: Answer, now: datetime) -> datetime | None:
    """Return when to ask again: a quota begins anew at midnight where YouTube is."""
    if code is Code.QUOTA_EXHAUSTED:
        tomorrow = now.astimezone(_PACIFIC).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(), _PACIFIC).astimezone(now.tzinfo)
    if code is Code.RATE_LIMITED:
        return retry_at(answer.headers, now=now) or now + USUAL_WAIT
    return None
