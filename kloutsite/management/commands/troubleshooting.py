"""`manage.py troubleshooting`: docs/troubleshooting.md, made of the sentences that pages show."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.connectors.base import Code
from accounts.diagnosis import Facts, diagnose, state_text
from accounts.models import Source

PATH = settings.BASE_DIR / "docs" / "troubleshooting.md"
# A link of somebody, so that the sentences stand here as they stand on a page.
_LINK = Facts(
    network="Mastodon",
    server="mastodon.example",
    title="Our page",
    state="healthy",
    since="04:12 today",
    read="06:05 today",
    tried="06:05 today",
    retry="09:30 today",
    paused="08:00 today",
    limited=("who reacted",),
    holds_until="5 December",
    fades_until="19 December",
    consent_ends="10:00 on 28 November",
)
# What else may be so about a link, each by itself.
_BESIDES: tuple[dict[str, Any], ...] = (
    {},
    {"refused": True},
    {"available": False},
    {"off": True},
    {"archive": True},
)
_TOP = """# When a link does not work
`manage.py troubleshooting` writes this page from the sentences that the site shows. Where it says
Mastodon, Our page or a time, yours names its own.
"""


class Command(BaseCommand):
    """Writes docs/troubleshooting.md anew."""

    help = "Write docs/troubleshooting.md from the sentences that pages show."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        PATH.write_text(page(), encoding="utf-8")
        self.stdout.write(f"Wrote {PATH}.")


def page() -> str:
    """Return what docs/troubleshooting.md has to say, as Markdown."""
    states = dict.fromkeys(
        (str(Source.State(facts.state).label), text.says, text.action, text.effect)
        for facts in _links()
        for text in [state_text(facts)]
    )
    findings = dict.fromkeys(
        (finding.title, finding.why, finding.what_to_do, f"`{finding.code}`")
        for facts in _links()
        for finding in diagnose(facts)
    )
    words = ("Word", "What it says", "What to do", "Your score")
    found = ("What the page says", "Why", "What to do", "Code")
    return "\n".join(
        [
            _TOP,
            "## The word of a link",
            *_table(words, sorted(states, key=lambda row: row[0])),
            "",
            "## What may be wrong",
            *_table(found, findings),
            "",
        ]
    )


def _links() -> Iterator[Facts]:
    """Yield links in every state, with every code, and with whatever else may be so."""
    for state, code, besides in product(Source.State, Code, _BESIDES):
        yield replace(_LINK, state=state.value, code=code, **besides)
    yield replace(_LINK, stale=True, limited=(), consent_ends="")  # said when nothing else is


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
