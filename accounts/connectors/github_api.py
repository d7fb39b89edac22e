"""Speaking GitHub's REST API: keys, calls, and what its refusals mean.

Source: docs.github.com/rest; docs.github.com/apps/oauth-apps.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from accounts.connectors import http, shapes
from accounts.connectors.answers import USUAL_WAIT, Answer, retry_at
from accounts.connectors.base import Code, ConnectorError, Tokens
from accounts.connectors.oauth import tokens_of
from accounts.connectors.session import Session
from accounts.connectors.setup import Config
from accounts.connectors.shapes import Record
from accounts.speech import Marked, marked, say

# What the token endpoint refuses with: always HTTP 200, the error is in the body.
_NO_TOKEN: Mapping[str, tuple[Code, Marked]] = {
    "bad_verification_code": (
        Code.REVOKED,
        marked("its code was used already or is older than 10 minutes."),
    ),
    "bad_refresh_token": (Code.REVOKED, marked("it does not renew this access any more.")),
    "unverified_user_email": (
        Code.WRONG_ACCOUNT_TYPE,
        marked(
            "your email address there is not confirmed. Confirm it at GitHub, then link it again."
        ),
    ),
    "incorrect_client_credentials": (
        Code.APP_CONFIG,
        marked("it does not accept this site's key. The operator of this site has to mend that."),
    ),
    "redirect_uri_mismatch": (
        Code.APP_CONFIG,
        marked(
            "this site's address is not the one registered there. "
            "The operator of this site has to mend that."
        ),
    ),
    "application_suspended": (Code.APP_NOT_APPROVED, marked("it has suspended this site's app.")),
}
# Status, a part of the message in lower case, and what both together stand for. First match wins.
_MEANS = (
    (401, "", Code.REVOKED, marked("GitHub no longer accepts our access.")),
    (
        403,
        "saml",
        Code.SOURCE_NOT_GRANTED,
        marked("An organisation asks for its own sign-in for this."),
    ),
    (403, "suspended", Code.GONE, marked("GitHub has suspended this account.")),
    (
        403,
        "access restrictions",
        Code.APP_NOT_APPROVED,
        marked("An organisation has not allowed this site to see this."),
    ),
    (
        403,
        "administrative rules",
        Code.APP_CONFIG,
        marked("GitHub does not accept the way in which this site introduces itself."),
    ),
    (403, "", Code.SCOPE_MISSING, marked("The access GitHub gave does not cover this.")),
    (404, "", Code.GONE, marked("GitHub does not know this any more.")),
    (410, "", Code.GONE, marked("GitHub has switched this off.")),
    (451, "", Code.GONE, marked("GitHub may not show this, for legal reasons.")),
    (
        400,
        "version",
        Code.APP_CONFIG,
        marked("GitHub no longer offers the version of its interface that this site asks for."),
    ),
)


def session(config: Config, token: str, *, now: datetime) -> Session:
    """Return a session with the API in the name of whoever gave `token`."""
    return Session(config.url("api"), token, now=now, failure=failure, headers=_headers(config))


def token_for(config: Config, form: dict[str, str], *, now: datetime) -> Tokens:
    """Return what the token endpoint gives for a code or a refresh token.

    Raises ConnectorError: REVOKED when GitHub does not take it, APP_CONFIG for our own faults.
    """
    answer = http.fetch(
        "POST",
        f"{config.url('web')}/login/oauth/access_token",
        form={"client_id": config.client_id, "client_secret": config.client_secret, **form},
        now=now,
    )
    if answer.status == 404:  # what an unknown client gets
        code, words = _NO_TOKEN["incorrect_client_credentials"]
        raise ConnectorError(
            code, say("GitHub gave no access: {words}", words=words), raw="HTTP 404"
        )
    if answer.status != 200:
        raise failure(answer, now)
    said = shapes.record(answer.json())
    if error := shapes.text(said, "error", 60):
        code, words = _NO_TOKEN.get(
            error, (Code.CONTRACT, marked("it said something we do not know."))
        )
        raise ConnectorError(code, say("GitHub gave no access: {words}", words=words), raw=error)
    return tokens_of(said)


def about_token(config: Config, method: str, token: str, *, now: datetime | None = None) -> Answer:
    """Return GitHub's answer to this site about a token: POST tells of it, DELETE ends it."""
    answer = http.fetch(
        method,
        f"{config.url('api')}/applications/{quote(config.client_id, safe='')}/token",
        json={"access_token": token},
        headers=_headers(config) | http.basic(config.client_id, config.client_secret),
        now=now,
    )
    if answer.status == 401:
        code, words = _NO_TOKEN["incorrect_client_credentials"]
        raise ConnectorError(
            code, say("GitHub gave no answer: {words}", words=words), raw=words_of(answer)
        )
    return answer


def failure(answer: Answer, now: datetime | None = None) -> ConnectorError:
    """Return what an answer of another status than 200 stands for."""
    words = words_of(answer)
    if answer.headers.get("content-type", "").startswith("text/html"):
        return ConnectorError(
            Code.TRANSIENT,
            say(
                "GitHub answered with a web page (error {status}). It may be under repair.",
                status=answer.status,
            ),
            raw=words,
        )
    if answer.status == 403 and _is_limit(answer, words):
        return ConnectorError(
            Code.RATE_LIMITED,
            say("GitHub asked us to wait."),
            raw=words,
            retry_at=now and (retry_at(answer.headers, now=now) or now + USUAL_WAIT),
        )
    for status, part, code, sentence in _MEANS:
        if answer.status == status and part in words.lower():
            return ConnectorError(code, sentence, raw=words)
    return ConnectorError(
        Code.CONTRACT,
        say("GitHub answered in a way we do not know (error {status}).", status=answer.status),
        raw=words,
    )


def words_of(answer: Answer) -> str:
    """Return GitHub's own words about what went wrong, or the status."""
    try:
        said = shapes.record(answer.json())
    except ConnectorError:
        return f"HTTP {answer.status}"
    return shapes.text(said, "message", 200) or f"HTTP {answer.status}"


def account(api: Session) -> Record:
    """Return the account an access speaks for, with a usable `id` and `login`."""
    found = shapes.record(api.get("/user").json())
    shapes.identifier(found, "id")
    shapes.identifier(found, "login")
    return found


def _headers(config: Config) -> dict[str, str]:
    return {
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": config.option("version"),
    }


def _is_limit(answer: Answer, words: str) -> bool:
    """Tell the hourly limit and the one on bursts, which both come as 403, from a refusal."""
    return (
        answer.headers.get("x-ratelimit-remaining") == "0"
        or "retry-after" in answer.headers
        or "rate limit" in words.lower()
    )
