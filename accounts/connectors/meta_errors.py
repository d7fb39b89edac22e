"""What Facebook, Instagram and Threads mean when they refuse: one table for the three of them.

Limits and trouble of theirs are looked for first, since they too come as HTTP 400 and 403.
Source: developers.facebook.com/docs/graph-api/guides/error-handling.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.connectors import shapes
from accounts.connectors.answers import Answer, judged
from accounts.connectors.base import Code, ConnectorError
from accounts.connectors.shapes import Record
from accounts.speech import say

# Limits are counted over an hour that moves along; asking again sooner only prolongs them.
USUAL_WAIT = timedelta(minutes=15)

_LIMITS = frozenset({4, 17, 32, 613, *range(80000, 80010), 80014})
_TROUBLE = frozenset({1, 2})
_NOT_LET = frozenset({3, 10, *range(200, 300)})
_DEAD = frozenset({102, 190, 2500})
_ENDED = 463
_CHECKPOINT = frozenset({459, 464})
_NO_ROLE = 492
_CODE_SPENT = frozenset({36007, 36009})
_BEFORE_PROFESSIONAL = 2108006

_OUR_KEYS = re.compile(
    r"client secret|client_secret|app_?secret_?proof|invalid application id|validating application"
    r"|invalid client_id|invalid platform app|redirect_uri",
    re.IGNORECASE,
)
_ROLE_ON_APP = re.compile(r"developer role|not been approved|tester", re.IGNORECASE)
_RETIRED = re.compile(r"nonexisting field|valid insights metric|metric\[\d+\]", re.IGNORECASE)
_PERSONAL = re.compile(
    r"personal account|not an? (instagram )?(business|professional)", re.IGNORECASE
)
_LONG_WORD = re.compile(r"[A-Za-z0-9_.|-]{40,}")  # keys: they are sometimes quoted back


class GraphError(ConnectorError):
    """A refusal with what only some callers can use.

    `retired`: a metric or field that this version no longer has. `too_heavy`: the same question for
    less may be answered. `no_value`: there is nothing to tell here, and nothing is wrong.
    """

    retired = False
    too_heavy = False
    no_value = False


@dataclass(frozen=True, slots=True)
class _Said:
    """The parts of an error answer, in whichever of the two shapes it came."""

    number: int
    subcode: int
    words: str
    transient: bool


def failure(
    answer: Answer,
    *,
    name: str,
    now: datetime | None,
    regain: timedelta | None,
    secrets: Iterable[str],
) -> ConnectorError:
    """Return what an error answer of the network called `name` stands for.

    `regain` is after how long the headers say that calls are allowed again; `secrets` are taken out
    of the network's words.
    """
    try:
        body = shapes.record(answer.json())
    except ConnectorError as unreadable:
        return _of_status(answer, now) or unreadable
    said = _said(body)
    code, sentence = _meaning(said, answer.status, name)
    words = said.words
    for secret in filter(None, secrets):
        words = words.replace(secret, "…")
    error = GraphError(
        code,
        sentence,
        raw=f"{said.number}/{said.subcode} {_LONG_WORD.sub('…', words)}".strip(),
        retry_at=now + (regain or USUAL_WAIT) if now and code is Code.RATE_LIMITED else None,
    )
    lower = words.lower()
    error.retired = code is Code.CONTRACT and bool(_RETIRED.search(words))
    error.too_heavy = said.number == 1 and "reduce the amount of data" in lower
    error.no_value = said.subcode == _BEFORE_PROFESSIONAL or (
        said.number == 10 and "not enough viewers" in lower
    )
    return error


def _of_status(answer: Answer, now: datetime | None) -> ConnectorError | None:
    """Return what the status alone stands for, or None."""
    try:
        judged(answer, now)
    except ConnectorError as error:
        return error
    return None


def _said(body: Record) -> _Said:
    """Return the parts of an error; token addresses of Instagram write it in a flat shape."""
    error = body.get("error")
    if isinstance(error, dict):
        return _Said(
            number=shapes.count(error, "code") or 0,
            subcode=shapes.count(error, "error_subcode") or 0,
            words=shapes.text(error, "message", 600),
            transient=error.get("is_transient") is True,
        )
    return _Said(0, 0, shapes.text(body, "error_message", 600), transient=False)


def _meaning(said: _Said, status: int, name: str) -> tuple[Code, str]:
    """Return code and sentence; the order matters."""
    ours = bool(_OUR_KEYS.search(said.words))
    if said.number in _LIMITS or status == 429:
        return Code.RATE_LIMITED, say("{name} asked us to wait.", name=name)
    if (said.number in _TROUBLE and not ours) or said.transient or status >= 500:
        return Code.TRANSIENT, say("{name} has trouble of its own.", name=name)
    if said.subcode in _CODE_SPENT or "authorization code" in said.words.lower():
        return Code.EXPIRED, say(
            "The answer of {name} was used or too old. Start again.", name=name
        )
    if ours or said.number in {101, 191}:
        return Code.APP_CONFIG, say("{name} does not accept the keys of this site.", name=name)
    if said.number in _DEAD:
        return _of_dead_key(said, name)
    if said.number == 368:
        return Code.GONE, say("{name} has blocked this account for its policies.", name=name)
    if _ROLE_ON_APP.search(said.words):
        return Code.APP_NOT_APPROVED, say(
            "{name} has not approved this site for everybody yet.", name=name
        )
    if said.number in _NOT_LET:
        return Code.SCOPE_MISSING, say("{name} lacks your permission for this.", name=name)
    return _of_question(said, status, name)


def _of_dead_key(said: _Said, name: str) -> tuple[Code, str]:
    """Return what a refused token stands for."""
    if said.subcode == _ENDED or "session has expired" in said.words.lower():
        return Code.EXPIRED, say("The access {name} gave has ended. Connect it again.", name=name)
    if said.subcode == _NO_ROLE:
        return Code.ROLE_LOST, say(
            "You have no role on this page any more, says {name}.", name=name
        )
    if said.subcode in _CHECKPOINT:
        return (
            Code.REVOKED,
            say(
                "{name} wants to see you first. Sign in there, then connect it again here.",
                name=name,
            ),
        )
    return Code.REVOKED, say("{name} no longer accepts our access. Connect it again.", name=name)


def _of_question(said: _Said, status: int, name: str) -> tuple[Code, str]:
    """Return what it stands for that the network does not answer this question."""
    lower = said.words.lower()
    if _PERSONAL.search(said.words):
        return (
            Code.WRONG_ACCOUNT_TYPE,
            say(
                "This is a personal account. Switch it to a professional one in {name}, "
                "then connect.",
                name=name,
            ),
        )
    if said.number == 100 and (said.subcode == 33 or "does not exist" in lower):
        return (
            Code.SOURCE_NOT_GRANTED,
            say("{name} does not show this to us: it was not ticked, or it is gone.", name=name),
        )
    if status == 404:
        return Code.GONE, say("{name} does not know this any more.", name=name)
    return Code.CONTRACT, f"{name} answered in a way we do not know (error {said.number})."
