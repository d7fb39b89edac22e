"""Rewrite what is derived from static/vendor/plotly-basic.min.js after that file was replaced.

plotly.js writes its 60-odd style rules into a style element, which our policy refuses. The same
rules as a file, linked under the id that plotly.js looks for, make it write nothing. Upstream ships
no such file, so it is taken out of the bundle. The way to a new version stands in
docs/decisions/0007.
"""

import hashlib
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

FOLDER: Path = settings.BASE_DIR / "static" / "vendor"
BUNDLE = "plotly-basic.min.js"

# The table of rules begins with this key. X and Y stand for the two roots of plotly.js.
_FIRST_RULE = '{"X,X div":'
_ROOTS = {"X": ".js-plotly-plot .plotly", "Y": ".plotly-notifier"}
_STRING = r""""((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'"""
_PAIR = re.compile(rf"(?:{_STRING}|([XY]))\s*:\s*(?:{_STRING})(,|\}})")


class Command(BaseCommand):
    """Write plotly.css and VERSIONS beside the bundle."""

    help = "Rewrite static/vendor/plotly.css and static/vendor/VERSIONS from the bundle."

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the bundle, write both files."""
        bundle = (FOLDER / BUNDLE).read_text(encoding="utf-8")
        (FOLDER / "plotly.css").write_text(style_sheet(bundle), encoding="utf-8")
        (FOLDER / "VERSIONS").write_text(versions(bundle), encoding="utf-8")
        self.stdout.write(f"plotly.js {bundle_version(bundle)}: plotly.css and VERSIONS written.")


def bundle_version(bundle: str) -> str:
    """Return the version in the bundle's first lines. Raises ValueError when there is none."""
    found = re.search(r"plotly\.js [^\n]*v(\d+\.\d+\.\d+)", bundle[:500])
    if not found:
        raise ValueError("This is no plotly.js bundle: its first lines name no version.")
    return found[1]


def style_sheet(bundle: str) -> str:
    """Return the rules that the bundle would inject, as CSS text, in the order they would stand.

    Raises ValueError when the table of rules is not where earlier versions had it.
    """
    at = bundle.find(_FIRST_RULE) + 1
    if not at:
        raise ValueError("The bundle's table of style rules has moved: look for 'X div' in it.")
    rules: list[str] = []
    while pair := _PAIR.match(bundle, at):
        *selector, body_double, body_single, end = pair.groups()
        short = next(filter(None, selector))
        rules.append(f"{_selector(short)}{{{body_double or body_single}}}")
        at = pair.end()
        if end == "}":
            break
    else:
        raise ValueError(f"The table of style rules ends oddly after {len(rules)} rules.")
    header = f"/* Taken from plotly.js v{bundle_version(bundle)} (MIT) by manage.py vendor. */"
    # plotly.js inserts each rule before those it has: the last one of the table stands first.
    return "\n".join([header, *reversed(rules), ""])


def versions(bundle: str) -> str:
    """Return the table of vendored files: name, version, bytes, sha256."""
    lines = [
        "# Vendored files, rewritten by manage.py vendor: name, version, bytes, sha256.",
        "# plotly-basic.min.js is from the npm package plotly.js-basic-dist-min, unchanged (MIT).",
        "# htmx is not here: it comes with the Python package django-htmx.",
    ]
    for name in (BUNDLE, "plotly.css"):
        content = (FOLDER / name).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        lines.append(f"{name} {bundle_version(bundle)} {len(content)} {digest}")
    return "\n".join([*lines, ""])


def _selector(short: str) -> str:
    return re.sub(r"[XY]", lambda root: _ROOTS[root[0]], short)
