"""What a server answered, read with suspicion: JSON within limits, times to wait, links to follow.

Pure: bytes and headers in, plain values or a ConnectorError out.
"""

import email.utils
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from accounts.connectors.base import Code, ConnectorError
from accounts.speech import say

# Brackets and commas one answer may hold. The largest honest page (80 notifications) has 20,000;
# an 8 MB list of empty lists would take 170 MB once parsed.
JSON_PARTS = 200_000
# A wait is never shorter than this, never longer than that, whatever a server says.
SHORTEST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=24)
USUAL_WAIT = timedelta(minutes=5)  # when none is given: the window of Mastodon and of most others
_EPOCH_FROM = 1_000_000_000  # below it a reset is seconds from now, above it seconds since 1970

_LINK = re.compile(r'<([^<>]{1,4000})>\s*;[^,<]*?\brel="?([a-z]{1,20})"?')


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: status, headers by lower-case name (repeated ones joined), decoded body."""

    host: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON values.

        Raises ConnectorError with Code.TRANSIENT for a web page where data was expected (a server
        under repair answers so), and with Code.CONTRACT for anything else that is no sound JSON.
        """
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "text/html":
            raise ConnectorError(
                Code.TRANSIENT,
                say(
                    "{host} answered with a web page instead of data. It may be under repair.",
                    host=self.host,
                ),
            )
        if kind != "application/json" and not kind.endswith("+json"):
            raise self._unsound(f"content type {kind[:60]!r}")
        if sum(map(self.body.count, (b",", b"[", b"{"))) > JSON_PARTS:
            raise self._unsound("too many parts")
        try:
            return json.loads(
                self.body.decode(), parse_constant=_refuse_constant, parse_float=_finite
            )
        # ValueError: malformed, not UTF-8, not finite, a number of 5,000 digits.
        except (ValueError, RecursionError) as error:
            raise self._unsound(f"{type(error).__name__}") from error

    def links(self) -> dict[str, str]:
        """Return the Link header as relation -> address; unreadable parts are left out."""
        return {rel: url for url, rel in _LINK.findall(self.headers.get("link", "")[:20_000])}

    def _unsound(self, why: str) -> ConnectorError:
        return ConnectorError(
            Code.CONTRACT, say("{host} answered in a form we cannot read.", host=self.host), raw=why
        )


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number too large to hold")
    return number


def judged(answer: Answer, now: datetime | None) -> Answer:
    """Return the answer. Raises what its status stands for, see `http.fetch`."""
    come_back = None if now is None else retry_at(answer.headers, now=now)
    if answer.status == 429:
        raise ConnectorError(
            Code.RATE_LIMITED,
            say("{host} asked us to wait.", host=answer.host),
            raw="HTTP 429",
            retry_at=come_back or (None if now is None else now + USUAL_WAIT),
        )
    if answer.status >= 500:
        raise ConnectorError(
            Code.TRANSIENT,
            say(
                "{host} has trouble of its own (error {status}).",
                host=answer.host,
                status=answer.status,
            ),
            raw=f"HTTP {answer.status}",
            retry_at=come_back,
        )
    return answer


def retry_at(headers: Mapping[str, str], *, now: datetime) -> datetime | None:
    """Return when the server says to come back, or None when it does not say.

    Reads Retry-After (seconds or a date) and the reset headers (seconds from now, seconds since
    1970, or ISO 8601). The result lies between SHORTEST_WAIT and LONGEST_WAIT after `now`.
    """
    for name in ("retry-after", "x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset"):
        moment = _moment(headers.get(name, "").strip(), now)
        if moment is not None:
            return min(max(moment, now + SHORTEST_WAIT), now + LONGEST_WAIT)
    return None


def _moment(text: str, now: datetime) -> datetime | None:
    """Return the moment a header names in any of its forms, or None."""
    try:
        seconds = float(text)
    except ValueError:
        return date_in(text)
    if not math.isfinite(seconds):
        return None
    wait = seconds - now.timestamp() if seconds >= _EPOCH_FROM else seconds
    return now + timedelta(seconds=min(max(wait, 0.0), LONGEST_WAIT.total_seconds()))


def date_in(text: str) -> datetime | None:
    """Return an ISO 8601 time or an HTTP date, aware; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = email.utils.parsedate_to_datetime(text)
        except (ValueError, OverflowError):  # a year or zone of twenty digits is the latter
            return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
