"""Evidence for tests: by hand, one act after the other, and by hypothesis from bytes.

Drawing bytes and reading them as rows is fast and shrinks well: a row of zeros is a like by person
0 under post 1 just now.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from scoring.engine import DAY_US, KINDS, Evidence
from scoring.engine.arrays import Floats, Ints

NOW = 20_000 * DAY_US  # some day in 2024, in microseconds
SOURCES = 3
PEOPLE = 12
ACT_COLUMNS = ("author", "source", "post", "kind", "actor", "at", "credibility", "influence")
TALLY_COLUMNS = ("t_author", "t_source", "t_post", "t_kind", "t_at", "t_count")


@dataclass
class Story:
    """Evidence told one thing after the other; times are days before NOW."""

    acts: list[tuple[int, int, int, int, int, float, float]] = field(default_factory=list)
    tallies: list[tuple[int, int, int, int, float]] = field(default_factory=list)

    def act(
        self,
        kind: str = "like",
        *,
        by: int = 1,
        post: int = 1,
        source: int = 1,
        days_ago: float = 0.0,
        credibility: float = np.nan,
        influence: float = np.nan,
    ) -> "Story":
        """Add an act by a known person."""
        at = NOW - round(days_ago * DAY_US)
        row = (source, post, KINDS.index(kind), by, at, credibility, influence)
        self.acts.append(row)
        return self

    def counted(
        self,
        count: float,
        kind: str = "like",
        *,
        post: int = 1,
        source: int = 1,
        days_ago: float = 0.0,
    ) -> "Story":
        """Add an increment of a count."""
        at = NOW - round(days_ago * DAY_US)
        self.tallies.append((source, post, KINDS.index(kind), at, float(count)))
        return self

    def evidence(
        self,
        *,
        clock_days_ago: dict[int, float] | None = None,
        weight: dict[int, float] | None = None,
        sources: tuple[int, ...] = (1, 2, 3),
    ) -> Evidence:
        """Return the arrays; sources that `clock_days_ago` leaves out are read as of NOW."""
        clocks, weights = clock_days_ago or {}, weight or {}
        acts = np.array(self.acts, np.float64).reshape(len(self.acts), 7)
        rows = [row[:5] for row in self.acts]
        whole = np.array(rows, np.int64).reshape(len(rows), 5)
        tallies = np.array([row[:4] for row in self.tallies], np.int64).reshape(-1, 4)
        return Evidence(
            author=np.zeros(len(acts), np.int64),
            source=whole[:, 0],
            post=whole[:, 1],
            kind=whole[:, 2],
            actor=whole[:, 3],
            at=whole[:, 4],
            credibility=acts[:, 5],
            influence=acts[:, 6],
            t_author=np.zeros(len(tallies), np.int64),
            t_source=tallies[:, 0],
            t_post=tallies[:, 1],
            t_kind=tallies[:, 2],
            t_at=tallies[:, 3],
            t_count=np.array([row[4] for row in self.tallies], np.float64),
            source_id=np.array(sources, np.int64),
            source_clock=np.array(
                [NOW - round(clocks.get(one, 0.0) * DAY_US) for one in sources], np.int64
            ),
            source_weight=np.array([weights.get(one, 1.0) for one in sources], np.float64),
        )


@dataclass(frozen=True)
class People:
    """What is known of the PEOPLE who act: (credibility, influence), NaN = not known."""

    credibility: Floats
    influence: Floats


def people_of(drawn: bytes) -> People:
    """Return people from two bytes each; 0 is "not known"."""
    raw = np.frombuffer(drawn, np.uint8).reshape(PEOPLE, 2) / 255.0
    return People(
        credibility=np.where(raw[:, 0] == 0, np.nan, np.maximum(0.1, raw[:, 0])),
        influence=np.where(raw[:, 1] == 0, np.nan, raw[:, 1]),
    )


def evidence_of(acts: bytes, tallies: bytes, people: People) -> Evidence:
    """Return evidence of one author from 6 bytes an act and 8 bytes an increment.

    A third of the evidence lies outside the window, a little of it in the future.
    """
    act = np.frombuffer(acts, np.uint8).reshape(-1, 6).astype(np.int64)
    tally = np.frombuffer(tallies, np.uint8).reshape(-1, 8).astype(np.int64)
    source, actor = act[:, 0] % SOURCES + 1, act[:, 1] % PEOPLE
    t_source = tally[:, 0] % SOURCES + 1
    return Evidence(
        author=np.zeros(len(act), np.int64),
        source=source,
        # Posts belong to one source; post 0 is the account.
        post=(act[:, 2] % 4) * (source + 10 * (act[:, 2] % 4)),
        kind=act[:, 3] % len(KINDS),
        actor=actor,
        at=_time(act[:, 4], act[:, 5]),
        credibility=people.credibility[actor],
        influence=people.influence[actor],
        t_author=np.zeros(len(tally), np.int64),
        t_source=t_source,
        t_post=(tally[:, 1] % 4) * (t_source + 10 * (tally[:, 1] % 4)),
        t_kind=tally[:, 2] % len(KINDS),
        t_at=_time(tally[:, 3], tally[:, 4]),
        # From 1 to some 2^31, one in four a correction.
        t_count=np.where(tally[:, 5] % 4 == 3, -1.0, 1.0)
        * np.floor(2.0 ** (tally[:, 6] / 8) * (1 + tally[:, 7] / 255)),
        source_id=np.arange(1, SOURCES + 1),
        source_clock=np.full(SOURCES, NOW),
        source_weight=np.ones(SOURCES),
    )


def _time(high: Ints, low: Ints) -> Ints:
    days = (high * 256 + low) / 65_535 * 130 - 2
    return np.asarray(NOW - np.rint(days * DAY_US), np.int64)


def people() -> st.SearchStrategy[People]:
    """Draw what is known of everybody."""
    return st.binary(min_size=2 * PEOPLE, max_size=2 * PEOPLE).map(people_of)


def _rows(draw: st.DrawFn, width: int, most: int) -> bytes:
    # The number first: bytes of any length would be few on average, and rows of them hardly any.
    size = width * draw(st.integers(0, most))
    return draw(st.binary(min_size=size, max_size=size))


@st.composite
def evidences(draw: st.DrawFn, known: People | None = None) -> Evidence:
    """Draw evidence of one author with three sources, read at different times, some fading."""
    who = known or draw(people())
    evidence = evidence_of(_rows(draw, 6, 40), _rows(draw, 8, 20), who)
    state = np.frombuffer(draw(st.binary(min_size=2 * SOURCES, max_size=2 * SOURCES)), np.uint8)
    return replace(
        evidence,
        source_clock=NOW - state[:SOURCES].astype(np.int64) * (DAY_US // 16),
        source_weight=1.0 - state[SOURCES:] / 255.0,
    )


@st.composite
def positive_evidences(draw: st.DrawFn, known: People | None = None) -> Evidence:
    """Draw evidence without corrections."""
    evidence = draw(evidences(known))
    return replace(evidence, t_count=np.abs(evidence.t_count))


def joined(first: Evidence, second: Evidence) -> Evidence:
    """Return the rows of both, with the sources and clocks of the first."""
    changed: dict[str, Any] = {
        name: np.concatenate((getattr(first, name), getattr(second, name)))
        for name in ACT_COLUMNS + TALLY_COLUMNS
    }
    return replace(first, **changed)


def picked(evidence: Evidence, acts: Ints, tallies: Ints) -> Evidence:
    """Return the evidence with these rows, in this order."""
    changed: dict[str, Any] = {name: getattr(evidence, name)[acts] for name in ACT_COLUMNS}
    changed |= {name: getattr(evidence, name)[tallies] for name in TALLY_COLUMNS}
    return replace(evidence, **changed)


def without_source(evidence: Evidence, source: int) -> Evidence:
    """Return the evidence as it is once a source is unlinked."""
    left = picked(
        evidence,
        np.flatnonzero(evidence.source != source),
        np.flatnonzero(evidence.t_source != source),
    )
    stays = evidence.source_id != source
    return replace(
        left,
        source_id=evidence.source_id[stays],
        source_clock=evidence.source_clock[stays],
        source_weight=evidence.source_weight[stays],
    )
