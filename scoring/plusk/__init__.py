"""+K: people say who helped them with what. A ledger that is only added to, and its totals.

`giving` and `answering` write it, `ledger` counts it, `receiving` knows who may get it, `reading`
is what pages are made of. The rules themselves are pure: scoring.engine.plusk.
"""

from scoring.plusk.answering import accept, hide, report, rule, thank
from scoring.plusk.giving import Left, give, left, undo
from scoring.plusk.ledger import drifted, recompute
from scoring.plusk.reading import (
    EXPORTED,
    SHOWN,
    Entry,
    Other,
    Praise,
    Reported,
    exported,
    given,
    mark_seen,
    praise,
    received,
    reported,
    totals_of,
    unseen,
)
from scoring.plusk.receiving import Receiver, find, receiver
from scoring.plusk.refusals import PlusKError

__all__ = [
    "EXPORTED",
    "SHOWN",
    "Entry",
    "Left",
    "Other",
    "PlusKError",
    "Praise",
    "Receiver",
    "Reported",
    "accept",
    "drifted",
    "exported",
    "find",
    "give",
    "given",
    "hide",
    "left",
    "mark_seen",
    "praise",
    "received",
    "receiver",
    "recompute",
    "report",
    "reported",
    "rule",
    "thank",
    "totals_of",
    "undo",
    "unseen",
]
