"""Speaking the X API v2: calls that cost money, its two vocabularies, and what its refusals mean.

X bills each object it returns. What a call may return at most is held on the meter before the call
is made, and what it did return is counted after it; a refusal costs nothing, and a call that got no
answer stays counted in full, since X may have billed it.

Source: docs.x.com/x-api; OpenAPI description 2.167.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

from accounts.connectors import http, shapes
from accounts.connectors.answers import Answer, judged
from accounts.connectors.base import Access, Code, ConnectorError, Tokens
from accounts.connectors.oauth import tokens_of
from accounts.connectors.setup import Config
from accounts.connectors.shapes import Record
from accounts.speech import Marked, marked, say

# Micro-dollars an object, as billed since February 2026.
POST, USER = 5_000, 10_000

USER_FIELDS = "created_at,protected,public_metrics"
# The parameter that asks for a post's fields -> what one of these fields is called with it. X
# renamed both in August 2026, and not everywhere at once.
VOCABULARIES = {"tweet.fields": "referenced_tweets", "post.fields": "referenced_posts"}
_POST_FIELDS = "created_at,public_metrics,lang,in_reply_to_user_id,author_id"

PAGES = 50  # of one list, however few posts each of them holds

_TO_OPERATOR = marked("The operator of this site has to mend that.")
# End of the problem's type, with the status where the same type means more: what it stands for.
_PROBLEMS: Mapping[str, tuple[Code, Marked]] = {
    "unsupported-authentication": (
        Code.APP_CONFIG,
        marked(
            "X does not accept how this site introduces itself. "
            "The operator of this site has to mend that."
        ),
    ),
    "client-forbidden": (
        Code.APP_NOT_APPROVED,
        marked(
            "X has not enrolled this site's app for reading. "
            "The operator of this site has to mend that."
        ),
    ),
    "not-authorized-for-resource": (
        Code.GONE,
        marked("X does not show this account: it is protected, suspended or deleted."),
    ),
    "resource-not-found": (Code.GONE, marked("X does not know this any more.")),
    "disallowed-resource": (Code.GONE, marked("X does not show this any more.")),
}
_USED_UP = marked("The credit that this site has with X is used up.")


@dataclass
class Vocabulary:
    """Which names X takes at present. One for the whole process: what was learnt is kept."""

    parameter: str

    def fields(self) -> dict[str, str]:
        """Return the query that asks for what is read of a post."""
        return {self.parameter: f"{_POST_FIELDS},{VOCABULARIES[self.parameter]}"}

    def turn_from(self, refused: str) -> None:
        """Use the other names than those with `refused`; of many who ask at once all agree."""
        self.parameter = next(name for name in VOCABULARIES if name != refused)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `problems` are items that X mentions and does not show."""

    items: list[Record]
    users: Mapping[str, Record]
    problems: list[Record]
    following: str  # "" on the last page


class Session:
    """Calls in the name of one account, counted, timed and paid for."""

    def __init__(
        self, config: Config, access: Access, vocabulary: Vocabulary, *, now: datetime
    ) -> None:
        self.calls = 0
        self.now = now
        self.meter = access.meter
        self._base = config.url("api")
        self._token = access.token
        self._vocabulary = vocabulary
        self._began = time.monotonic()

    def me(self) -> Record:
        """Return the account this access speaks for, with a usable `id`."""
        self.meter.reserve(USER)
        said = self._paid("/2/users/me", {"user.fields": USER_FIELDS}, reserved=USER, each=USER)
        found = shapes.record(said.get("data"))
        shapes.identifier(found, "id")
        return found

    def people(self, path: str, *, most: int) -> Page:
        """Return up to `most` people of a list, newest first, as far as the meter allows."""
        many = self.meter.reserve(USER, most=min(most, 100))
        query = {"max_results": str(many), "user.fields": USER_FIELDS}
        return _page(self._paid(path, query, reserved=many * USER, each=USER))

    def posts(
        self,
        path: str,
        query: Mapping[str, str],
        *,
        most: int,
        least: int,
        authors: bool = False,
    ) -> Page:
        """Return up to `most` posts of a list, as far as the meter allows.

        `least` is the smallest number X lets be asked for. With `authors` those come along, and
        cost as much as asking for them.
        """
        each = POST + USER if authors else POST
        many = self.meter.reserve(each, most=most, least=least)
        wanted = {**query, "max_results": str(many)}
        if authors:
            wanted |= {"expansions": "author_id", "user.fields": USER_FIELDS}
        return _page(self._in_words(path, wanted, reserved=many * each, each=each))

    def post_pages(
        self, path: str, query: Mapping[str, str], *, most: int, least: int
    ) -> Iterator[Page]:
        """Yield pages of up to `most` posts together, newest first, and at most PAGES of them.

        Raises ConnectorError(CONTRACT) when X leads in circles.
        """
        wanted, asked = dict(query), {""}
        for _ in range(PAGES):
            page = self.posts(path, wanted, most=min(100, max(most, least)), least=least)
            most -= len(page.items)
            yield page
            if not page.following or most <= 0:
                return
            if page.following in asked:
                raise ConnectorError(
                    Code.CONTRACT, say("X sends the same page again and again."), raw=path
                )
            asked.add(page.following)
            wanted["pagination_token"] = page.following

    def _in_words(self, path: str, query: Mapping[str, str], *, reserved: int, each: int) -> Record:
        """Ask for posts in the names X takes; learn the other ones when it refuses these."""
        tried = self._vocabulary.parameter
        try:
            return self._paid(path, {**query, **self._vocabulary.fields()}, reserved, each)
        except _WrongName as error:
            if error.name != tried:
                raise
        self._vocabulary.turn_from(tried)
        self.meter.reserve(reserved)
        return self._paid(path, {**query, **self._vocabulary.fields()}, reserved, each)

    def _paid(self, path: str, query: Mapping[str, str], reserved: int, each: int) -> Record:
        """Make a call for which `reserved` is held, and count `each` for what it returns."""
        spent = reserved
        try:
            answer = self._get(path, query)
            if answer.status != 200:
                spent = 0
                raise failure(answer, self._moment())
            said = shapes.record(answer.json())
            data = said.get("data")
            spent = each * (len(data) if isinstance(data, list) else 1 if data else 0)
        finally:
            self.meter.settle(reserved, spent)
        problems = _problems(said)
        if problems and "data" not in said and "meta" not in said:
            raise _failure_of(problems[0], f"{answer.host} 200")
        return said

    def _get(self, path: str, query: Mapping[str, str]) -> Answer:
        self.calls += 1
        url = f"{self._base}{path}?{urlencode(query)}"
        return http.fetch("GET", url, token=self._token, judge=False, now=self._moment())

    def _moment(self) -> datetime:
        return self.now + timedelta(seconds=time.monotonic() - self._began)


class _WrongName(ConnectorError):
    """X does not know the parameter `name`."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(
            Code.CONTRACT, say("X does not take the words in which we ask for posts."), raw=words
        )
        self.name = name


def token_for(config: Config, form: Mapping[str, str], *, now: datetime) -> Tokens:
    """Return what the token endpoint gives for a code or a refresh token.

    Raises ConnectorError: REVOKED when X does not take it, APP_CONFIG for our own faults.
    """
    answer = _posted(config, "/2/oauth2/token", form, now)
    if answer.status == 200:
        return tokens_of(shapes.record(answer.json()))
    raise _token_failure(answer, now)


def revoke(config: Config, token: str) -> None:
    """Ask X to forget a token; one that is dead already is forgotten. Raises ConnectorError."""
    answer = _posted(config, "/2/oauth2/revoke", {"token": token}, None)
    if answer.status == 200:
        return
    error = _token_failure(answer, None)
    if error.code is not Code.REVOKED:
        raise error


def _posted(config: Config, path: str, form: Mapping[str, str], now: datetime | None) -> Answer:
    return http.fetch(
        "POST",
        f"{config.url('api')}{path}",
        form={"client_id": config.client_id, **form},
        headers=http.basic(config.client_id, config.client_secret),
        now=now,
    )


def _token_failure(answer: Answer, now: datetime | None) -> ConnectorError:
    """Return what the token endpoint refuses with, in OAuth's words. Source: RFC 6749, 5.2."""
    said = _words(answer)
    error = shapes.text(said, "error", 60)
    raw = shapes.text(said, "error_description", 200) or error or f"HTTP {answer.status}"
    if answer.status == 401 or error in {"invalid_client", "unauthorized_client"}:
        return ConnectorError(
            Code.APP_CONFIG,
            say("X does not accept this site's key. {to_operator}", to_operator=_TO_OPERATOR),
            raw=raw,
        )
    if error in {"invalid_grant", "invalid_request"}:
        return ConnectorError(
            Code.REVOKED, say("X does not take this key any more. Connect X again."), raw=raw
        )
    return failure(answer, now)


def failure(answer: Answer, now: datetime | None) -> ConnectorError:
    """Return what an answer of another status than 200 stands for."""
    said = _words(answer)
    kind = shapes.text(said, "type", 200).rpartition("/")[2]
    raw = _raw(said) or f"HTTP {answer.status}"
    if kind == "usage-capped" or answer.status == 402:
        return ConnectorError(
            Code.QUOTA_EXHAUSTED, _USED_UP, raw=raw, retry_at=now and next_day(now)
        )
    if answer.status == 429 or answer.status >= 500:
        try:
            judged(answer, now)
        except ConnectorError as error:
            return error
    if answer.headers.get("content-type", "").startswith("text/html"):
        return ConnectorError(
            Code.TRANSIENT,
            say("X answered with a web page (error {status}).", status=answer.status),
            raw=raw,
        )
    if answer.status == 401:
        return ConnectorError(Code.EXPIRED, say("X no longer accepts our access."), raw=raw)
    if answer.status == 400 and (name := _wrong_name(said)):
        return _WrongName(name, raw)
    if answer.status == 403 and "scope" in raw.lower():
        return ConnectorError(
            Code.SCOPE_MISSING, say("The access X gave does not cover this."), raw=raw
        )
    if answer.status == 404:
        kind = kind if kind in _PROBLEMS else "resource-not-found"
    return _failure_of({**said, "type": kind}, f"HTTP {answer.status}")


def next_day(now: datetime) -> datetime:
    """Return the next midnight, UTC: when X counts anew."""
    return datetime.combine(
        now.astimezone(UTC).date() + timedelta(days=1), datetime.min.time(), UTC
    )


def segment(external_id: str) -> str:
    """Return an id as a part of a path: it may hold nothing that leads elsewhere."""
    return quote(external_id, safe="")


def _failure_of(problem: Record, else_raw: str) -> ConnectorError:
    """Return what one problem, of a refusal or of a 200, stands for."""
    kind = shapes.text(problem, "type", 200).rpartition("/")[2]
    code, words = _PROBLEMS.get(kind, (Code.CONTRACT, say("X answered in a way we do not know.")))
    return ConnectorError(code, words, raw=_raw(problem) or else_raw)


def _page(said: Record) -> Page:
    """Return the page an answer holds; X leaves `data` out where there is nothing."""
    data = said.get("data")
    users = shapes.optional_record(said, "includes").get("users")
    listed = shapes.records(users) if users is not None else []
    return Page(
        items=[] if data is None else shapes.records(data),
        users={shapes.identifier(user, "id"): user for user in listed},
        problems=_problems(said),
        following=shapes.text(shapes.optional_record(said, "meta"), "next_token", 200),
    )


def _problems(said: Record) -> list[Record]:
    errors = said.get("errors")
    return [] if errors is None else shapes.records(errors)


def _wrong_name(said: Record) -> str:
    """Return the parameter that a 400 names as unknown, of those we may call otherwise, or ""."""
    try:
        errors = _problems(said)
    except ConnectorError:
        return ""
    told = " ".join(
        [
            *(shapes.text(error, "message", 500) for error in errors),
            shapes.text(said, "detail", 500),
        ]
    )
    refused = [error.get("parameters") for error in errors]
    named = {
        name
        for parameters in refused
        for name in VOCABULARIES
        if isinstance(parameters, dict) and name in parameters
    }
    return next((name for name in VOCABULARIES if name in named or f"[{name}]" in told), "")


def _words(answer: Answer) -> Record:
    """Return what an answer says, or nothing where it is no object."""
    try:
        return shapes.record(answer.json())
    except ConnectorError:
        return {}


def _raw(problem: Record) -> str:
    title, detail = shapes.text(problem, "title", 100), shapes.text(problem, "detail", 180)
    return f"{title}: {detail}" if title and detail else title or detail
