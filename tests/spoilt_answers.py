"""Ways to spoil a sound answer: statuses, fields, lists, ids, times and cursors that make no sense.

Each of SPOILS gets the request and the whole sound answer to it, and returns another one.
Nothing is drawn by lot: the same answer is always spoilt in the same way.
"""

import itertools
import json
import re
from collections.abc import Callable
from typing import Any

from tests.asked import Asked

Spoil = Callable[[Asked, bytes], bytes]
Change = Callable[[Any], Any]

_numbers = itertools.count(1)
_TIME = re.compile(r"\d{4}(-\d\d-\d\d[T ]\d\d:\d\d:\d\d)")


def _parts(answer: bytes) -> tuple[list[str], Any]:
    """Return head lines without the length, and the body as JSON (None where it is none)."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = [line for line in head.decode("latin-1").split("\r\n") if "content-length" not in
             line.lower()]  # fmt: skip
    try:
        return lines, json.loads(body)
    except ValueError:
        return lines, None


def _whole(lines: list[str], body: Any, *more: str) -> bytes:
    # Not json.dumps of NaN and of surrogates by accident: both are meant where they come.
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = "\r\n".join([*lines, *more, f"Content-Length: {len(content)}"])
    return head.encode("latin-1") + b"\r\n\r\n" + content


def _status(status: int, body: Any) -> Spoil:
    """Answer with another status, in words that fit many networks."""

    def spoil(_asked: Asked, answer: bytes) -> bytes:
        return _whole([f"HTTP/1.1 {status} Said", "Content-Type: application/json"], body)

    return spoil


def _words(error: str, message: str) -> dict[str, Any]:
    return {"error": error, "error_description": message, "message": message, "detail": message}


def _echo(status: int) -> Spoil:
    """Quote all that was sent in the words of an error."""

    def spoil(asked: Asked, _answer: bytes) -> bytes:
        sent = [asked.headers.get("authorization", ""), asked.body.decode(), asked.raw_query]
        return _status(status, _words("invalid_request", f"You sent {' | '.join(sent)}"))(
            asked, b""
        )

    return spoil


def _every(change: Change) -> Spoil:
    """Change every value that is no list and no object."""

    def spoil(_asked: Asked, answer: bytes) -> bytes:
        lines, body = _parts(answer)
        return _whole(lines, _walked(body, change))

    return spoil


def _walked(value: Any, change: Change) -> Any:
    if isinstance(value, dict):
        return {name: _walked(each, change) for name, each in value.items()}
    if isinstance(value, list):
        return [_walked(each, change) for each in value]
    return change(value)


def _number(new: Any) -> Spoil:
    """Change every number, also those that are written as texts of few digits."""

    def change(value: Any) -> Any:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return (
            new
            if is_number or (isinstance(value, str) and re.fullmatch(r"\d{1,4}", value))
            else value
        )

    return _every(change)


def _text(made: Callable[[str], str]) -> Spoil:
    return _every(lambda value: made(value) if isinstance(value, str) else value)


def _lists(change: Callable[[list[Any]], list[Any]]) -> Spoil:
    """Change every list, the inner ones first."""

    def walked(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: walked(each) for name, each in value.items()}
        return change([walked(each) for each in value]) if isinstance(value, list) else value

    def spoil(_asked: Asked, answer: bytes) -> bytes:
        lines, body = _parts(answer)
        return _whole(lines, walked(body))

    return spoil


def _body(made: Callable[[Any], Any]) -> Spoil:
    def spoil(_asked: Asked, answer: bytes) -> bytes:
        lines, body = _parts(answer)
        return _whole(lines, made(body))

    return spoil


def _other_type(value: Any) -> Any:
    """Return the value as something else: texts as lists, numbers as texts, truths as objects."""
    if isinstance(value, bool):
        return {"is": value}
    if isinstance(value, str):
        return [value]
    return {"value": value} if value is None else f"{value} or so"


def _other_id(value: Any) -> Any:
    """Return another whole number, or the same text turned around where it has a digit."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value + 1
    return value[::-1] if isinstance(value, str) and re.search(r"\d", value) else value


def _with_more(cursor: Callable[[], str]) -> Spoil:
    """Say in every network's way that there is a next page, at the cursor."""

    def spoil(asked: Asked, answer: bytes) -> bytes:
        lines, body = _parts(answer)
        at, base = cursor(), asked.address.partition("?")[0]
        link = f'Link: <{base}?page={at}&max_id={at}>; rel="next"'
        if isinstance(body, dict):
            inner = body.get("data")
            body = body | {
                "cursor": at,
                "nextPageToken": at,
                "meta": {**(body.get("meta") or {}), "next_token": at},
                "paging": {
                    "cursors": {"after": at},
                    "next": f"{base}?after={at}",
                    "links": [{"rel": "next", "href": f"{base}?start={at}"}],
                    "total": 10**6,
                },
            }
            if isinstance(inner, dict):
                body["data"] = inner | {"after": at, "cursor": at, "has_more": True}
        return _whole([line for line in lines if not line.startswith("Link:")], body, link)

    return spoil


def _elsewhere(where: str) -> Spoil:
    """Point to a next page at another place."""

    def spoil(asked: Asked, answer: bytes) -> bytes:
        lines, body = _parts(answer)
        if isinstance(body, dict) and (isinstance(body.get("data"), list) or "elements" in body):
            links = [{"rel": "next", "href": where}]
            body = body | {"paging": {"next": where, "links": links, "cursors": {"after": where}}}
        more = () if isinstance(body, dict) else (f'Link: <{where}>; rel="next"',)
        return _whole([line for line in lines if not line.startswith("Link:")], body, *more)

    return spoil


def _in_2030(_asked: Asked, answer: bytes) -> bytes:
    lines, body = _parts(answer)
    content = _TIME.sub(r"2030\1", json.dumps(body)).encode()
    return _whole(lines, content, "Date: Tue, 01 Jan 2030 00:00:00 GMT")


def next_page_at(where: str) -> Spoil:
    """Return what points to a next page at `where`, for tests of where links may lead."""
    return _elsewhere(where)


SPOILS: dict[str, Spoil] = {
    # Statuses that mean something, with words that many networks use
    "/400": _status(400, _words("invalid_request", "Something about the request is wrong.")),
    "/401": _status(401, _words("invalid_token", "The access token is invalid.")),
    "/403": _status(403, _words("forbidden", "You are not allowed to see this.")),
    "/404": _status(404, _words("not_found", "There is nothing here.")),
    "/410": _status(410, _words("gone", "There is nothing here any more.")),
    "/418": _status(418, []),
    "/451": _status(451, _words("blocked", "Not for legal reasons.")),
    "/200-error": _status(200, _words("server_error", "Something went wrong.")),
    "/200-errors": _status(200, {"errors": [_words("server_error", "Something went wrong.")]}),
    # Words that quote what was sent
    "/echo": _echo(400),
    "/echo-refused": _echo(401),
    "/echo-forbidden": _echo(403),
    "/echo-of-sorts": _echo(200),
    # Bodies
    "/nothing": _body(lambda _body: {}),
    "/null": _body(lambda _body: None),
    "/wrapped": _body(lambda body: [[body]]),
    "/no-items": _lists(lambda _items: []),
    "/null-items": _lists(lambda items: [None, *items]),
    "/twice": _lists(lambda items: items * 2),
    # Fields
    "/null-fields": _every(lambda _value: None),
    "/other-types": _every(_other_type),
    "/nan-fields": _number(float("nan")),
    "/negative-fields": _number(-7),
    "/huge-fields": _number(10**300),
    "/nul-fields": _text(lambda value: f"{value[:1]}\x00{value[1:]}"),
    "/surrogate-fields": _text(lambda value: f"{value}\ud800"),
    "/html-fields": _text(lambda value: f"<img src=x onerror=alert(1)>{value}"),
    "/long-fields": _text(lambda value: value + "x" * 9_000),
    "/other-ids": _every(_other_id),
    "/in-2030": _in_2030,
    # Pages
    "/in-circles": _with_more(lambda: "10"),
    "/without-end": _with_more(lambda: str(next(_numbers))),
    "/next-inside": _elsewhere("http://169.254.169.254/latest/meta-data/?max_id=1"),
    "/next-outside": _elsewhere("https://elsewhere.example/?max_id=1"),
}
