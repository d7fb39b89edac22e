"""Badges: awarded by a step of each rescore, told by pages, and what a person says about theirs.

`facts` and `awarding` write BadgeAward and BadgeStanding, `control` keeps what a person chose,
`reading` is what pages are made of, `names` has the words. The rules are pure and stand in
scoring.engine.badges.
"""

from scoring.badges.awarding import award, count_holders
from scoring.badges.control import (
    BadgeError,
    NotHeld,
    decline_old,
    hide,
    pin,
    show,
    unpin,
)
from scoring.badges.reading import Held, Mine, of_person, shares, shares_of, shown

__all__ = [
    "BadgeError",
    "Held",
    "Mine",
    "NotHeld",
    "award",
    "count_holders",
    "decline_old",
    "hide",
    "of_person",
    "pin",
    "shares",
    "shares_of",
    "show",
    "shown",
    "unpin",
]
