"""What a page says can be translated: no text stands in a template without its mark."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType

from kloutsite.management.commands.messages import (
    APPS,
    CALLS,
    OF_CONNECTORS,
    TABLES,
    Entry,
    of_python,
    of_template,
)

pytestmark = pytest.mark.one_engine
TEMPLATES = Path(settings.BASE_DIR) / "templates"
SPOKEN = {"alt", "aria-label", "aria-description", "label", "placeholder", "title"}
SILENT = {"code", "pre", "script", "style", "svg"}
# Names, which are the same in every language, and a class that a layout of allauth's hands over.
NAMES = {"Atom", "CSV", "JSON", "JSON Feed", "Kloutsite", "· Kloutsite", "entrance"}
# Names of tables: operators alone read them, in the admin.
IN_ADMIN = {"verbose_name", "verbose_name_plural"}
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
    "path",
    sorted(path for path in TEMPLATES.rglob("*") if path.is_file()),
    ids=lambda path: str(path.relative_to(TEMPLATES)),
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


ROOT = Path(settings.BASE_DIR)
# Only operators read what these say; the list may shrink and never grow.
FOR_OPERATORS = {
    "accounts/breakers.py",  # `in_words`; what a person reads there is marked
    "accounts/connectors/setup.py",
    "accounts/rotating.py",
    "accounts/sealing.py",
    "kloutsite/checks.py",
    "kloutsite/env.py",
    "kloutsite/networks.py",
    "kloutsite/supervisor.py",
    "perks/rotating.py",
    "scoring/engine/topics/checks.py",
    "scoring/engine/topics/klout_files.py",
    "scoring/engine/topics/klout_import.py",
    "scoring/engine/topics/rows.py",
    "scoring/engine/topics/taxonomy.py",
    "scoring/rotating.py",
}
# What looks like a sentence and is no text of ours: drawings, posts and perks that are made up,
# what a made-up network says, foreign labels, a script that people copy, errors that a page words.
NO_SENTENCES = {
    "accounts/connectors/archives/instagram_insights.py",
    "accounts/sandbox/consent.py",
    "accounts/sandbox/network.py",
    "accounts/sandbox/people.py",
    "accounts/sandbox/words.py",
    "accounts/views/archives.py",
    "kloutsite/worked_example.py",
    "perks/samples.py",
    "perks/views/perk.py",
    "scoring/charts/medal.py",
    "scoring/charts/svg.py",
    "scoring/engine/simulate.py",
    "scoring/public/drawing.py",
}
# Interfaces of programs speak English, as their documents do.
SKIPPED = (
    "/migrations/",
    "/management/",
    "/admin.py",
    "kloutsite/api.py",
    "perks/api",
    "scoring/api/",
    "scoring/klout/",
)
# What programs say to programmers: errors of code, logs, SQL, words of a model in the admin.
UNREAD_CALLS = {
    "ValueError", "TypeError", "RuntimeError", "AssertionError", "KeyError", "LookupError",
    "NotImplementedError", "ImproperlyConfigured", "CommandError", "TransactionManagementError",
    "debug", "info", "warning", "error", "exception", "compile", "execute", "problem", "nonsense",
}  # fmt: skip
UNREAD_ARGUMENTS = {"help", "help_text", "raw", "verbose_name"}
_SENTENCE = re.compile(r"[a-z]{2,} [a-z]{2,}")
_SHOWN = re.compile(r"[A-Z“]|\.$")


def unmarked_sentences(source: str) -> list[str]:
    """Return the texts of a module that look like sentences and stand outside of any mark."""
    tree = ast.parse(source)
    marked = {id(each) for node in _silent(tree) for each in ast.walk(node)}
    return [
        each.value
        for each in ast.walk(tree)
        if isinstance(each, ast.Constant)
        and isinstance(each.value, str)
        and id(each) not in marked
        and _SENTENCE.search(each.value)
        and _SHOWN.search(each.value)
        and "SELECT" not in each.value
    ]


def _silent(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what is marked, or is read by nobody but programmers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node  # a docstring
        elif isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in CALLS or called in UNREAD_CALLS:
                yield node
        elif (isinstance(node, ast.keyword) and node.arg in UNREAD_ARGUMENTS) or (
            isinstance(node, ast.FunctionDef) and node.name in {"__str__", "__repr__"}
        ):
            yield node
        elif isinstance(node, ast.Assert) and node.msg:
            yield node.msg
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if {getattr(target, "id", "") for target in targets} & (OF_CONNECTORS | IN_ADMIN):
                yield node


def _modules() -> dict[str, str]:
    """Return the path and the source of every module that says something to people."""
    paths = (path for app in APPS for path in sorted((ROOT / app).rglob("*.py")))
    named = {path.relative_to(ROOT).as_posix(): path for path in paths}
    return {
        name: path.read_text(encoding="utf-8")
        for name, path in named.items()
        if not any(part in name for part in SKIPPED)
    }


def test_every_sentence_of_code_can_be_translated() -> None:
    exempt = FOR_OPERATORS | NO_SENTENCES | TABLES

    found = {
        name: unmarked_sentences(source)
        for name, source in _modules().items()
        if name not in exempt
    }

    assert {name: texts for name, texts in found.items() if texts} == {}


def test_no_module_is_exempt_without_need() -> None:
    modules = _modules()

    needless = [
        name for name in FOR_OPERATORS | NO_SENTENCES if not unmarked_sentences(modules[name])
    ]

    assert needless == []


def test_a_sentence_without_its_mark_is_found() -> None:
    source = (
        '"""Docs of it."""\nraise ConnectorError(1, f"{host} gave no answer.")\n'
        'a = say("A marked text.")\nlogger.info("Read by nobody.")\nb = {"k": "An unmarked text"}'
    )

    found = unmarked_sentences(source)

    assert sorted(found) == [" gave no answer.", "An unmarked text"]


def test_sentences_of_connectors_are_collected() -> None:
    source = (
        'A = marked("A table\'s text.")\nsay("{n} of {of}.", n=1, of=2)\n'
        'counted("{n} page", "{n} pages", 3)\ntrouble(target, "{host} is silent.")'
    )

    found = set(of_python(source, "accounts/connectors/made_up.py"))

    assert found == {
        (None, "A table's text.", None),
        (None, "{n} of {of}.", None),
        (None, "{n} page", "{n} pages"),
        (None, "{host} is silent.", None),
    }


# `stringformat` compares a number with what was sent; the others know no language of figures.
FOREIGN_FILTER = re.compile(
    r"\|(?:date|time|timesince|timeuntil|naturalday|naturaltime|floatformat|intcomma|intword"
    r"|apnumber|ordinal|localize|filesizeformat|pluralize|lower|title)\b"
)


@pytest.mark.parametrize("folder", sorted(path.name for path in TEMPLATES.iterdir()))
def test_templates_write_numbers_and_days_by_the_filters_of_figures(folder: str) -> None:
    paths = [TEMPLATES / folder, *(TEMPLATES / folder).rglob("*")]

    found = {
        path.relative_to(TEMPLATES).as_posix(): FOREIGN_FILTER.findall(path.read_text("utf-8"))
        for path in paths
        if path.is_file()
    }

    assert {name: marks for name, marks in found.items() if marks} == {}


def test_numbers_and_days_that_people_read_are_written_by_one_module() -> None:
    own = {"accounts/figures.py", "accounts/speech.py"}
    by_hand = re.compile(
        r":,\}|:,\.\d|format_date|date_format|%-d|%B|\.strftime\(|%\(\w+\)\.\d?f|\bapnumber\b"
    )

    found = {
        name: by_hand.findall(source)
        for name, source in _modules().items()
        if name not in own | FOR_OPERATORS | NO_SENTENCES
    }

    assert {name: marks for name, marks in found.items() if marks} == {}
