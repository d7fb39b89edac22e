"""Evidence as arrays: what the engine takes, for one author or a whole population.

No Django, no clock. Times are int64 microseconds since 1970-01-01 UTC, so that a float never
decides on which side of a boundary something falls.
"""

import io
import zlib
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Position in this tuple is the `kind` code in the arrays; appended to, never reordered.
KINDS = ("like", "reply", "repost", "quote", "mention", "follow", "list")
DAY_US = 86_400_000_000
# Columns of what known people did, and of what was only counted.
ACTS = ("author", "source", "post", "kind", "actor", "at", "credibility", "influence")
TALLIES = ("t_author", "t_source", "t_post", "t_kind", "t_at", "t_count")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that counts, column by column.

    Interactions (n rows): something known people did. Tallies (m rows): increments of counts by
    people not known, known ones already taken out. Sources (k rows): the clock of each source; its
    evidence is as old as `source_clock` says, whatever the time of evaluation, and counts
    `source_weight` (1, or less while a link that needs its person fades).
    """

    author: Ints  # (n,) 0..authors-1
    source: Ints  # (n,) source id, present in source_id
    post: Ints  # (n,) post id, 0 where the act was about the account
    kind: Ints  # (n,) index into KINDS
    actor: Ints  # (n,) actor id
    at: Ints  # (n,) microseconds
    credibility: Floats  # (n,) of the actor, 0.1..1; NaN = not known
    influence: Floats  # (n,) of the actor, 0..1; NaN = not known
    t_author: Ints  # (m,)
    t_source: Ints  # (m,)
    t_post: Ints  # (m,)
    t_kind: Ints  # (m,)
    t_at: Ints  # (m,)
    t_count: Floats  # (m,) may be negative: a correction
    source_id: Ints  # (k,) ascending
    source_clock: Ints  # (k,) microseconds
    source_weight: Floats  # (k,) 0..1
    authors: int = 1

    def pack(self) -> bytes:
        """Return the evidence as bytes (deflated npz-like; read back by `unpack`)."""
        out = io.BytesIO()
        for column in fields(self):
            value = np.asarray(getattr(self, column.name))
            np.lib.format.write_array(out, value, version=(1, 0), allow_pickle=False)
        return zlib.compress(out.getvalue(), 1)

    @classmethod
    def unpack(cls, data: bytes) -> "Evidence":
        """Return what `pack` stored."""
        raw = io.BytesIO(zlib.decompress(data))
        columns: dict[str, Any] = {
            column.name: np.lib.format.read_array(raw, allow_pickle=False) for column in fields(cls)
        }
        columns["authors"] = int(columns["authors"])
        return cls(**columns)


def empty() -> Evidence:
    """Return evidence of nothing, for one author."""
    ints = np.empty(0, np.int64)
    floats = np.empty(0, np.float64)
    return Evidence(
        ints, ints, ints, ints, ints, ints, floats, floats,
        ints, ints, ints, ints, ints, floats,
        ints, ints, floats,
    )  # fmt: skip
