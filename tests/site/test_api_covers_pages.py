"""What stands on a person's own pages can be had by program: docs/api.md says at which address.

Every page for people who are signed in has a row there: with the addresses of the API that tell it,
or with the reason for which none does.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from kloutsite.api import BASE, openapi

_PART = re.compile(r"<(?:\w+:)?(\w+)>")
# Of operators, of Django's administration, of made-up people; and what protects an account:
# passwords, mail addresses, keys and ways to sign in are told to no program.
_NOT_OWN = ("/ops/", "/admin/", "/sandbox/", "/try/", "/accounts/")
_ROW = re.compile(r"^\| (`/.*?) \| (.+?) \|$", re.MULTILINE)


def _pages(patterns: list[Any], before: str = "/") -> Iterator[tuple[str, URLPattern]]:
    """Yield each page with its address, "/topics/mine/{slug}/"."""
    for one in patterns:
        address = before + _PART.sub(r"{\1}", str(one.pattern))
        if address.startswith(_NOT_OWN):
            continue
        if isinstance(one, URLResolver):
            yield from _pages(one.url_patterns, address)
        else:
            yield address, one


def _is_own(one: URLPattern) -> bool:
    view = one.callback
    return getattr(view, "login_required", True) and "GET" in _methods(view)


def _methods(view: Callable[..., Any] | None) -> set[str]:
    """Return what a view takes, as require_http_methods holds it, or everything.

    Also of views that lead whoever opens them to another page: they hold the one that is pressed.
    """
    while view is not None:
        for one in (view, *_held(view).values()):
            allowed = _held(one).get("request_method_list")
            if allowed is not None:
                return set(allowed)
        view = getattr(view, "__wrapped__", None)
    return {"GET"}


def _held(view: object) -> Mapping[str, Any]:
    """Return what a function keeps of where it was made."""
    return inspect.getclosurevars(view).nonlocals if inspect.isfunction(view) else {}


def _documented() -> dict[str, str]:
    text = (settings.BASE_DIR / "docs" / "api.md").read_text()
    part = text.partition("## Page by page")[2].partition("\n## ")[0]
    rows: dict[str, str] = {}
    for pages, told in _ROW.findall(part):
        rows |= dict.fromkeys(re.findall(r"`([^`]+)`", pages), told)
    return rows


def test_every_own_page_is_had_by_program_or_says_why_not() -> None:
    every = dict(_pages(get_resolver().url_patterns))
    pages = {address for address, one in every.items() if _is_own(one)}

    documented = _documented().keys()
    below = tuple(one.removesuffix("…") for one in documented if one.endswith("…"))

    missing = {one for one in pages - documented if not one.startswith(below)}
    gone = {one for one in documented - every.keys() if not one.endswith("…")}
    assert "/score/why/" in pages  # else this looks at nothing
    assert missing == set(), "docs/api.md has no row for these pages"
    assert gone == set(), "docs/api.md has rows for pages that are not there"


def test_what_is_said_to_tell_a_page_is_an_address_of_the_api() -> None:
    known = {path.removeprefix(f"/{BASE}") for path in openapi()["paths"]}

    for page, told in _documented().items():
        addresses = re.findall(r"`(/[^`]+)`", told)

        assert {one.removeprefix("/") for one in addresses} <= known, page
        assert addresses or told.endswith("."), page
