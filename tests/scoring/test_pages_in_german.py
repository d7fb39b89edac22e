"""Drawings and forms hold numbers as programs read them, whatever the language of their page."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.browser.pages import PAGES
from tests.scoring.pages import at_noon, browser_of

__all__ = ["at_noon"]
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
READ_BY_PROGRAMS = {
    "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "width", "height", "points", "d",
    "viewbox", "value", "min", "max", "low", "high", "step", "stroke-dasharray", "stroke-width",
    "transform", "font-size",
}  # fmt: skip
NAMES = ["home", "score", "why", "my_topics", "badges", "style", "perks", "moments"]


class _Drawn(HTMLParser):
    """Collects what is drawn and what forms hold: (tag, attribute, value), in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if "hidden" not in dict(attrs).values():  # keys that differ from one page to the next
            self.found += [
                (tag, name, value) for name, value in attrs if name in READ_BY_PROGRAMS and value
            ]


def drawn(client: Client, path: str, language: str) -> list[tuple[str, str, str]]:
    """Return what programs read of a page in a language."""
    response = client.get(path, headers={"accept-language": language})
    assert response.status_code == 200
    assert response.headers["Content-Language"] == language
    parser = _Drawn()
    parser.feed(response.content.decode())
    return parser.found


def test_what_programs_read_is_the_same_in_a_language_with_a_decimal_comma(settings: Any) -> None:
    settings.LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
    visit = next(entry for entry in PAGES if entry.name == "profile-settings").prepare()
    assert visit.user is not None
    client = browser_of(visit.user)
    paths = [*map(reverse, NAMES), "/score/?range=all&show=parts", "/@nora"]

    english = {path: drawn(client, path, "en-gb") for path in paths}
    german = {path: drawn(client, path, "de") for path in paths}

    assert sum(map(len, english.values())) > 200
    assert german == english


def test_pages_for_visitors_are_drawn_the_same(settings: Any, client: Client) -> None:
    settings.LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
    paths = [reverse("landing"), reverse("how_it_counts")]

    english = {path: drawn(client, path, "en-gb") for path in paths}
    german = {path: drawn(client, path, "de") for path in paths}

    assert german == english
