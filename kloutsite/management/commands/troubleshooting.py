"""`manage.py troubleshooting`: docs/troubleshooting.md, made of the sentences that pages show."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.causes import CONNECTED_THERE, EVERYWHERE
from accounts.checkup import ASKS, TITLES, Check
from accounts.connectors.base import Code
from accounts.diagnosis import Facts, diagnose, finding, state_text
from accounts.findings import BY_CODE
from accounts.linking import name_of
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
    limited=("Only the newest 400 posts were read.",),
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
    {"moved": "ada@new.example"},
    {"halted": "Its interface is changing.", "halted_since": "08:00 today"},
    {"archive": True},
    {"archive": True, "proven": False},
    {"archive": True, "reason": "Another profile here has proven that this account is theirs."},
)
_TOP = """# When a link does not work
`manage.py troubleshooting` writes this page from the sentences that the site shows. Where it says
Mastodon, Our page or a time, yours names its own.
"""


_NINE = """## What “Check now” asks
Nine checks in this order. The first that breaks is named with what mends it; what depends on it is
not tried. What it finds counts as a read does: one refusal is asked about again before it is
believed, and a fault never lowers a score.
"""
_THERE = """## Connected over there, but not here
Being on a network's list of apps means that you let us in once. It says nothing about whether that
access still opens anything; “Check now” asks the network itself.
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
    words = ("Word", "What it says", "What to do", "Your score")
    found = ("What the page says", "Why", "What to do", "Code")
    return "\n".join(
        [
            _TOP,
            "## The word of a link",
            *_table(words, sorted(states, key=lambda row: row[0])),
            "",
            "## What may be wrong",
            *_table(found, _findings()),
            "",
            _NINE,
            *_table(("Check", "What is asked"), _checks()),
            "",
            _THERE,
            *_table(("Network", "Why", "What to do"), _causes()),
            "",
        ]
    )


def _findings() -> Iterable[tuple[str, ...]]:
    """Return a row for each thing that may be wrong, those last that only a check finds."""
    told = [found for facts in _links() for found in diagnose(facts)]
    asked = [found for code in BY_CODE if (found := finding(code, _LINK))]
    return dict.fromkeys(
        (found.title, found.why, found.what_to_do, f"`{found.code}`")
        for found in [*told, *(each for each in asked if each.code not in {f.code for f in told})]
    )


def _checks() -> Iterator[tuple[str, ...]]:
    for check in Check:
        yield TITLES[check].format(network=_LINK.network, title=_LINK.title), ASKS[check]


def _causes() -> Iterator[tuple[str, ...]]:
    for network, whys in CONNECTED_THERE.items():
        for why in whys:
            yield name_of(network), why.cause, why.mend
    for why in EVERYWHERE:
        yield "Any", why.cause, why.mend


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
