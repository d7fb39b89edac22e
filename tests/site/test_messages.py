"""What a page says can be translated: no text stands in a template without its mark."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType

from kloutsite.management.commands.messages import Entry, of_python, of_template

pytestmark = pytest.mark.one_engine
TEMPLATES = Path(settings.BASE_DIR) / "templates"
SPOKEN = {"alt", "aria-label", "aria-description", "label", "placeholder", "title"}
SILENT = {"code", "pre", "script", "style", "svg"}
# Names, which are the same in every language, and a class that a layout of allauth's hands over.
NAMES = {"Atom", "CSV", "JSON", "JSON Feed", "Kloutsite", "· Kloutsite", "entrance"}
_SAID = re.compile(r"[^\W\d_]{2}")


class _Texts(HTMLParser):
    """Collects what somebody would read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        self.found += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def unmarked(source: str) -> list[str]:
    """Return the texts of a template that are said and stand outside of its marks."""
    parser = _Texts()
    parser.feed("".join(_unmarked_parts(source)))
    parser.close()
    texts = (" ".join(text.split()) for text in parser.found)
    return [text for text in texts if _SAID.search(text) and text not in NAMES]


def _unmarked_parts(source: str) -> Iterator[str]:
    within, tag = "", False  # a translated block; an HTML tag that is not closed yet
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.BLOCK:
            word = token.contents.split()[0]
            if word in {"blocktranslate", "comment"}:
                within = word
            elif word == f"end{within}":
                within = ""
            elif word == "block":
                yield "<br>" * (not tag)  # what a block holds is a text of its own
        elif token.token_type == TokenType.TEXT and not within:
            yield token.contents
            opened, closed = token.contents.rfind("<"), token.contents.rfind(">")
            tag = opened > closed or (tag and closed < 0)
        elif token.token_type == TokenType.VAR and not within:
            yield "·"


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_every_text_of_a_template_can_be_translated(path: Path) -> None:
    texts = unmarked(path.read_text(encoding="utf-8"))

    assert texts == []


def test_a_text_without_its_mark_is_found() -> None:
    source = '<p title="Left">{% if x %}Right{% endif %} {% translate "Marked" %} {{ name }}</p>'

    texts = unmarked(source)

    assert texts == ["Left", "Right ·"]


def test_messages_of_code_are_collected_with_context_and_plural() -> None:
    source = (
        'a = _("One" " text")\nb = ngettext("%(n)s day", "%(n)s days", n)\nc = pgettext("c", "d")'
    )

    found = list(of_python(source, "accounts/made_up.py"))

    assert set(found) == {
        (None, "One text", None),
        (None, "%(n)s day", "%(n)s days"),
        ("c", "d", None),
    }


def test_messages_of_templates_are_collected() -> None:
    source = (
        "    {% translate \"A 'text'\" %}\n"
        "  {% blocktranslate count n=n trimmed %}\n    {{ n }} day\n  {% plural %}\n"
        "    {{ n }} days\n  {% endblocktranslate %}"
    )

    found: set[Entry] = set(of_template(source, "made_up.html"))

    assert found == {(None, "A 'text'", None), (None, "%(n)s day", "%(n)s days")}
