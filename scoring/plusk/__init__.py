"""+K: people say who helped them with what. A ledger that is only added to, and its totals.

`giving` and `answering` write it, `ledger` counts it, `chain` finds what was changed in it,
`weighing` says how far each counts, `receiving` knows who may get it, `reading` is what pages are
made of. The rules themselves are pure: scoring.engine.plusk and scoring.engine.trust.
"""

from scoring.plusk.answering import accept, hide, question, report, rule, thank, vouch
from scoring.plusk.chain import broken, extend
from scoring.plusk.giving import Left, give, left, outlook, undo
from scoring.plusk.glancing import Glance, glance
from scoring.plusk.ledger import drifted, recompute
from scoring.plusk.reading import (
    EXPORTED,
    SHOWN,
    Asked,
    Entry,
    Newest,
    Opened,
    Other,
    Praise,
    asked_about,
    exported,
    given,
    mark_seen,
    praise,
    received,
    totals_of,
)
from scoring.plusk.receiving import Receiver, find, receiver
from scoring.plusk.refusals import PlusKError
from scoring.plusk.weighing import EVERYBODY, weigh

__all__ = [
    "EVERYBODY",
    "EXPORTED",
    "SHOWN",
    "Asked",
    "Entry",
    "Glance",
    "Left",
    "Newest",
    "Opened",
    "Other",
    "PlusKError",
    "Praise",
    "Receiver",
    "accept",
    "asked_about",
    "broken",
    "drifted",
    "exported",
    "extend",
    "find",
    "give",
    "given",
    "glance",
    "hide",
    "left",
    "mark_seen",
    "outlook",
    "praise",
    "question",
    "received",
    "receiver",
    "recompute",
    "report",
    "rule",
    "thank",
    "totals_of",
    "undo",
    "vouch",
    "weigh",
]
