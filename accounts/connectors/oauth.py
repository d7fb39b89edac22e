"""What a token endpoint answered, read with suspicion. Source: RFC 6749, 5.1 and 5.2."""

import re
from datetime import timedelta

from accounts.connectors import shapes
from accounts.connectors.answers import Answer
from accounts.connectors.base import Code, ConnectorError, Tokens
from accounts.connectors.shapes import Record
from accounts.speech import marked, say

LONGEST_LIFE = timedelta(days=3650)

_TOKEN = re.compile(r"[\x21-\x7e]{1,8000}")
_BETWEEN = re.compile(r"[\s,]+")  # the standard says a space; GitHub and TikTok write commas
_SCOPE = re.compile(r"[\x21-\x7e]{1,200}")
_REFUSALS = {
    "invalid_grant": (
        Code.REVOKED,
        marked("the consent has ended, was taken back or was used already."),
    ),
    "invalid_client": (
        Code.APP_CONFIG,
        marked("it does not accept this site's key. The operator of this site has to mend that."),
    ),
    "deleted_client": (
        Code.APP_CONFIG,
        marked("it knows this site no more. The operator of this site has to mend that."),
    ),
    "disabled_client": (
        Code.APP_CONFIG,
        marked("it has switched this site off. The operator of this site has to mend that."),
    ),
    "redirect_uri_mismatch": (
        Code.APP_CONFIG,
        marked(
            "this site's address is not the one registered there. The operator of this "
            "site has to mend that."
        ),
    ),
    "invalid_request": (
        Code.APP_CONFIG,
        marked("it does not accept how we ask. The operator of this site has to mend that."),
    ),
    "unsupported_grant_type": (
        Code.APP_CONFIG,
        marked("it does not accept how we ask. The operator of this site has to mend that."),
    ),
    "unauthorized_client": (
        Code.APP_NOT_APPROVED,
        marked("it has not approved this site for that."),
    ),
    "invalid_scope": (Code.APP_NOT_APPROVED, marked("it has not approved this site for that.")),
    "server_error": (Code.TRANSIENT, marked("it has trouble of its own.")),
    "temporarily_unavailable": (Code.TRANSIENT, marked("it has trouble of its own.")),
}


def granted(answer: Answer, name: str) -> Record:
    """Return what the token endpoint of the network `name` granted.

    Raises ConnectorError for each refusal, whatever its status: some say no with 200.
    """
    said = _said(answer)
    error = shapes.text(said, "error", 60)
    if answer.status == 200 and not error:
        return said
    if answer.status == 401 and not error:
        error = "invalid_client"
    code, words = _REFUSALS.get(
        error, (Code.CONTRACT, marked("it said something that we do not know."))
    )
    raw = " ".join(filter(None, [error, shapes.text(said, "error_description", 200)]))
    raise ConnectorError(
        code,
        say("{name} gave no access: {words}", name=name, words=words),
        raw=raw or f"HTTP {answer.status}",
    )


def _said(answer: Answer) -> Record:
    """Return the body. Of a refusal that is no data at all nothing is left but its status."""
    try:
        return shapes.record(answer.json())
    except ConnectorError:
        if answer.status == 200:
            raise
        return {}


def tokens_of(said: Record) -> Tokens:
    """Return the tokens in an answer of the usual shape.

    Raises ConnectorError(CONTRACT) when there is no token that can be sent. A life that makes no
    sense counts as not told.
    """
    scopes = _BETWEEN.split(shapes.text(said, "scope", 4_000).strip())
    return Tokens(
        token=_token(said, "access_token"),
        refresh=_token(said, "refresh_token") if said.get("refresh_token") else "",
        scopes=tuple(dict.fromkeys(scope for scope in scopes if _SCOPE.fullmatch(scope))),
        lasts=life(said, "expires_in"),
        refresh_lasts=life(said, "refresh_token_expires_in") or life(said, "refresh_expires_in"),
    )


def life(said: Record, name: str) -> timedelta | None:
    """Return the seconds under `name` as a time span of at most ten years, or None."""
    seconds = shapes.count(said, name)
    if seconds is None:
        return None
    return timedelta(seconds=min(seconds, LONGEST_LIFE.total_seconds()))


def key(said: Record, name: str) -> str:
    """Return the key under `name`, or "" where there is none that a header could carry."""
    value = said.get(name)
    return value if isinstance(value, str) and _TOKEN.fullmatch(value) else ""


def _token(said: Record, name: str) -> str:
    found = key(said, name)
    if not found:
        raise ConnectorError(
            Code.CONTRACT, say("The network said yes but gave no usable key."), raw=f"no {name}"
        )
    return found
