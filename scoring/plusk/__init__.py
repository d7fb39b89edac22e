"""+K: people say who helped them with what. A ledger that is only added to, and its totals.

`giving` and `answering` write it, `ledger` counts it, `weighing` says how far each counts,
`receiving` knows who may get it, `reading` is what pages are made of. The rules themselves are
pure: scoring.engine.plusk and scoring.engine.trust.
"""

from scoring.plusk.answering import accept, hide, question, report, rule, thank, vouch
from scoring.plusk.giving import Left, give, left, undo
from scoring.plusk.glancing import Glance, glance
from scoring.plusk.ledger import drifted, recompute
from scoring.plusk.reading import (
    EXPORTED,
    SHOWN,
    Entry,
    Newest,
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
)
from scoring.plusk.receiving import Receiver, find, receiver
from scoring.plusk.refusals import PlusKError
from scoring.plusk.weighing import EVERYBODY, weigh

__all__ = [
    "EVERYBODY",
    "EXPORTED",
    "SHOWN",
    "Entry",
    "Glance",
    "Left",
    "Newest",
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
    "glance",
    "hide",
    "left",
    "mark_seen",
    "praise",
    "question",
    "received",
    "receiver",
    "recompute",
    "report",
    "reported",
    "rule",
    "thank",
    "totals_of",
    "undo",
    "vouch",
    "weigh",
]
