"""How answers are written: compact JSON, JSONP, XML of v1, and errors that are never a page."""

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from django.http import HttpResponse, QueryDict
from django.utils.cache import patch_cache_control

from scoring.klout import bodies

_CALLBACK = re.compile(r"[A-Za-z_$][\w$]{0,63}(?:\.[A-Za-z_$][\w$]{0,63}){0,4}", re.ASCII)
JSON, JSONP, XML = (
    f"{kind}; charset=utf-8" for kind in ("application/json", "application/javascript", "text/xml")
)


class Refused(Exception):
    """A call is not answered. `str(error)` says why and what to do.

    code: what X-Mashery-Error-Code says, where it does. wait: seconds until it may be tried again.
    allow: the methods that are answered, where it was another.
    """

    def __init__(
        self, status: int, words: str, *, code: str = "", wait: int = 0, allow: str = ""
    ) -> None:
        super().__init__(words)
        self.status = status
        told = {"X-Mashery-Error-Code": code, "Retry-After": str(wait or ""), "Allow": allow}
        self.headers = {name: value for name, value in told.items() if value}


def not_found() -> Refused:
    """Return the one answer about whoever is unknown, closed or without what was asked for."""
    return Refused(404, "Nobody here shows this to everyone. Check the id or the name.")


def no_method() -> Refused:
    """Return the answer to a path that is none. Mashery said so by this code, and a status 596."""
    return Refused(404, "There is no such method here.", code="ERR_596_SERVICE_NOT_FOUND")


def callback_of(query: QueryDict) -> str:
    """Return the function that JSONP is to call, or "". Raises Refused when it is no mere name."""
    name = query.get("callback", "")
    if name and not _CALLBACK.fullmatch(name):
        raise Refused(
            400,
            "The callback must be the name of a function: letters, digits, _ and $, with dots "
            "between. Code is not called.",
        )
    return name


def told(body: Any, *, callback: str = "") -> HttpResponse:
    """Return a body as JSON, or as a call of `callback` with it.

    Whoever has it may keep it, and asks each time whether it still holds.
    """
    response = _written(body, 200, callback)
    patch_cache_control(response, public=True, no_cache=True)
    return response


def told_as_xml(body: Mapping[str, Any]) -> HttpResponse:
    """Return the envelope of v1 as XML."""
    response = HttpResponse(_xml(body), content_type=XML)
    patch_cache_control(response, public=True, no_cache=True)
    return response


def refusal(error: Refused, *, callback: str = "") -> HttpResponse:
    """Return an error as JSON. To JSONP it goes with status 200: a script of another never runs."""
    response = _written(bodies.error(error.status, str(error)), error.status, callback)
    for name, value in error.headers.items():
        response[name] = value
    patch_cache_control(response, no_store=True)
    return response


def _written(body: Any, status: int, callback: str) -> HttpResponse:
    text = json.dumps(body, separators=(",", ":"))
    if callback:
        return HttpResponse(f"{callback}({text});", content_type=JSONP)
    # Pages of others asked by script too. Nobody is known by a cookie here, only by a key.
    headers = {"Access-Control-Allow-Origin": "*"}
    return HttpResponse(text, status=status, content_type=JSON, headers=headers)


def _xml(body: Mapping[str, Any]) -> str:
    """Return <users><user>...</user></users>, or <body><error> where nobody was found."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    if "users" in body:
        return f"{head}<users>{''.join(_element('user', one) for one in body['users'])}</users>"
    return f"{head}<response>{_element('body', body['body'])}</response>"


_ONE_OF = {"topics": "topic", "influencers": "user", "influencees": "user"}


def _element(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        inner = "".join(_element(key, one) for key, one in value.items())
    elif isinstance(value, list):
        inner = "".join(_element(_ONE_OF[name], one) for one in value)
    else:
        inner = "" if value is None else escape(str(value))
    return f"<{name}>{inner}</{name}>"
