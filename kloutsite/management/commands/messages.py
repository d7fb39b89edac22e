"""Collect what pages and mails say, keep the catalogues of each language in step, compile them.

Needs Babel, which comes with what tests need (make venv-dev), and no program beside Python.
"""

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation.template import templatize

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

APPS = ("kloutsite", "accounts", "scoring", "perks")
ROOT = Path(settings.BASE_DIR)
CATALOGUES = ROOT / "kloutsite" / "locale"
# Function -> places of (context, singular, plural) among its arguments; None: there is none.
CALLS: dict[str, tuple[int | None, int, int | None]] = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "sentence": (None, 0, None),  # accounts.speech
    "marked": (None, 0, None),
    "say": (None, 0, None),
    # They say what they are handed, as the end of a sentence of theirs.
    "_broken": (None, 0, None),
    "_refused": (None, 0, None),
    "refuse": (None, 0, None),
    "trouble": (None, 1, None),
    "counted": (None, 0, 1),
}
# Tables of sentences, said through accounts.speech: all their texts but keys and codes.
TABLES = frozenset(
    {"accounts/findings.py", "accounts/states.py", "accounts/causes.py", "accounts/checkup.py"}
)
# Texts of a connector that pages show.
OF_CONNECTORS = frozenset({"reads", "cannot_read", "consent_lasts", "CHECKS"})
_CODE = re.compile(r"[a-z0-9_:./]*")

Entry = tuple[str | None, str, str | None]  # context, singular, plural


class Command(BaseCommand):
    """`manage.py messages`: what is said anew stands in every catalogue, to be translated."""

    help = "Collect messages into kloutsite/locale/*/LC_MESSAGES/django.po and compile them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --compile, which leaves the catalogues as they are."""
        parser.add_argument("--compile", action="store_true", help="only compile")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the catalogues and say how many messages each still lacks."""
        entries = collect()
        for language in sorted(each.name for each in CATALOGUES.iterdir() if each.is_dir()):
            missing = renew(language, None if options["compile"] else entries)
            self.stdout.write(f"{language}: {len(entries):,} messages, {missing:,} to translate")


def collect() -> dict[Entry, set[str]]:
    """Return every message, with the files that say it."""
    found: dict[Entry, set[str]] = {}
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "/migrations/" not in name and "/tests/" not in name:
                for entry in of_python(path.read_text(encoding="utf-8"), name):
                    found.setdefault(entry, set()).add(name)
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt", ".svg"}:
            name = path.relative_to(ROOT).as_posix()
            for entry in of_template(path.read_text(encoding="utf-8"), name):
                found.setdefault(entry, set()).add(name)
    return found


def of_python(source: str, name: str) -> Iterator[Entry]:
    """Yield the messages of a module; `name` is its path in the repository."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and _assigned(node) & OF_CONNECTORS:
            yield from _texts(node.value)
    if name in TABLES:
        for node in tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign):
                yield from _texts(node.value)


def of_template(source: str, name: str) -> Iterator[Entry]:
    """Yield the messages of a template."""
    from babel.messages.extract import extract_python  # comes with what tests need

    # What is left is calls among blanked words: no indentation of a template means anything to it.
    code = "\n".join(line.strip() for line in templatize(source, origin=name).splitlines())
    keywords = dict.fromkeys(("_", "gettext", "ngettext", "pgettext", "npgettext"))
    for found in extract_python(io.BytesIO(code.encode()), keywords, [], {}):
        texts: Any = found[2]
        said = [texts] if isinstance(texts, str) else list(texts)
        context, singular, plural = CALLS[str(found[1])]
        yield (
            None if context is None else said[context],
            said[singular],
            None if plural is None else said[plural],
        )


def catalogue(language: str) -> Path:
    """Return where the messages of a language stand."""
    return CATALOGUES / language / "LC_MESSAGES" / "django.po"


def renew(language: str, entries: dict[Entry, set[str]] | None) -> int:
    """Bring a catalogue in step with the messages, compile it, and return how many it lacks.

    What nobody says any more is dropped; translations of what stays are kept as they are.
    """
    from babel.messages import mofile, pofile
    from babel.messages.catalog import Catalog

    path = catalogue(language)
    held = Catalog(locale=language)
    if path.exists():
        held = pofile.read_po(io.BytesIO(path.read_bytes()), locale=language)
    if entries is not None:
        held = _in_step(held, entries)
        text = io.BytesIO()
        pofile.write_po(text, held, width=100, include_lineno=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.getvalue())
    compiled = io.BytesIO()
    mofile.write_mo(compiled, held)
    path.with_suffix(".mo").write_bytes(compiled.getvalue())
    return sum(1 for message in held if message.id and not _whole(message.string))


def _in_step(known: "Catalog", entries: dict[Entry, set[str]]) -> "Catalog":
    """Return a catalogue of just these messages, with the translations that are known."""
    from babel.messages.catalog import Catalog

    fresh = Catalog(
        locale=known.locale,
        header_comment="# Kept in step by `manage.py messages`; translations are edited here.",
        project="Kloutsite",
        version="1",
        fuzzy=False,
        creation_date=known.creation_date,
        revision_date=known.creation_date,
    )
    for (context, singular, plural), places in sorted(entries.items(), key=_order):
        old = known.get(singular, context)
        said: Any = old.string if old is not None and not old.fuzzy else ""
        if isinstance(said, str) is (plural is not None):
            said = "" if plural is None else ("",) * fresh.num_plurals
        where = [(place, 0) for place in sorted(places)]
        key = singular if plural is None else (singular, plural)
        fresh.add(key, said, locations=where, context=context)
    return fresh


def _whole(said: Any) -> bool:
    return all(said) if isinstance(said, tuple | list) else bool(said)


def _order(item: tuple[Entry, set[str]]) -> tuple[str, str, str]:
    (context, singular, _plural), places = item
    return min(places), singular, context or ""


def _of_call(node: ast.Call) -> Iterator[Entry]:
    called = (
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    )
    if called not in CALLS:
        return
    texts = [
        arg.value if isinstance(arg, ast.Constant) and isinstance(arg.value, str) else None
        for arg in node.args
    ]
    context, singular, plural = CALLS[called]
    wanted = [at for at in (context, singular, plural) if at is not None]
    if len(texts) <= max(wanted) or any(texts[at] is None for at in wanted):
        return  # a text from elsewhere, collected where it stands
    text = texts[singular]
    if text:
        yield (
            None if context is None else texts[context],
            text,
            None if plural is None else texts[plural],
        )


def _assigned(node: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _texts(node: ast.AST | None) -> Iterator[Entry]:
    """Yield the texts below a node that somebody reads; keys and codes are all small letters."""
    for each in ast.walk(node) if node is not None else ():
        text = each.value if isinstance(each, ast.Constant) else None
        if isinstance(text, str) and not _CODE.fullmatch(text):
            yield (None, text, None)
