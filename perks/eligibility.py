"""Whom a campaign is for: facts in, reasons out. Pure, so that page, claim and preview agree.

A rule that is not set asks nothing and gives no reason. The score is the published one, and what is
not known (no score yet, no country given) does not fit a rule that asks for it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any

HIGHEST_SCORE, LOWEST_SCORE = 100.0, 1.0
OLDEST = 120  # years
LONGEST_HERE = 3_650  # days


class Kind(StrEnum):
    """What a rule asks about."""

    ACCOUNT = "account"
    SCORE_FROM = "score_from"
    SCORE_TO = "score_to"
    TOPIC = "topic"
    COUNTRY = "country"
    AGE_FROM = "age_from"
    AGE_TO = "age_to"
    NETWORKS = "networks"
    NEW_HERE = "new_here"
    HERE_FOR = "here_for"
    NOT_CLAIMED = "not_claimed"


class Unclaimed(StrEnum):
    """What somebody must not have claimed before."""

    WHATEVER = ""
    BRAND = "brand"  # nothing of this brand
    ANY = "any"  # nothing at all


@dataclass(frozen=True, slots=True)
class Rules:
    """Whom a campaign is for. What is None, 0 or empty asks nothing.

    topic, place: known for the topic, and among the first `place` there (0: at any place).
    networks: all of these are linked. new_here, here_for: days since the person came, at most and
    at least.
    """

    score_from: float | None = None
    score_to: float | None = None
    topic: str = ""
    place: int = 0
    countries: tuple[str, ...] = ()
    age_from: int = 0
    age_to: int = 0
    networks: tuple[str, ...] = ()
    new_here: int = 0
    here_for: int = 0
    unclaimed: Unclaimed = Unclaimed.WHATEVER

    def __post_init__(self) -> None:
        """Refuse rules that nobody could fit. Raises ValueError with the name of the field."""
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise ValueError(name)
        if (self.score_from or LOWEST_SCORE) > (self.score_to or HIGHEST_SCORE):
            raise ValueError("score_to")
        if self.age_to and self.age_from > self.age_to:
            raise ValueError("age_to")
        if self.new_here and self.here_for > self.new_here:
            raise ValueError("here_for")
        if self.place and not self.topic:
            raise ValueError("topic")

    def packed(self) -> dict[str, Any]:
        """Return what is set, as JSON holds it."""
        return {
            name: value for name, value in asdict(self).items() if value not in (None, "", 0, ())
        }

    @classmethod
    def unpacked(cls, packed: Mapping[str, Any]) -> "Rules":
        """Return the rules that `packed` gave. Raises ValueError, TypeError."""
        names = {one.name for one in fields(cls)}
        values = {name: value for name, value in packed.items() if name in names}
        for name in ("countries", "networks"):
            values[name] = tuple(values.get(name, ()))
        values["unclaimed"] = Unclaimed(values.get("unclaimed", ""))
        return cls(**values)


_RANGES = (
    ("score_from", LOWEST_SCORE, HIGHEST_SCORE),
    ("score_to", LOWEST_SCORE, HIGHEST_SCORE),
    ("place", 0, 1_000_000),
    ("age_from", 0, OLDEST),
    ("age_to", 0, OLDEST),
    ("new_here", 0, LONGEST_HERE),
    ("here_for", 0, LONGEST_HERE),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a person on a day (UTC).

    topics: those they are told to be known for and do not hide, each with the place in it as of
    the last night (None where people are too few to rank). accounts: those elsewhere that are
    proven to be theirs. claimed_brand, claimed_any: they claimed
    something before.
    """

    today: date
    joined: date
    score: float | None = None
    snapshot_id: int | None = None
    topics: Mapping[str, int | None] = field(default_factory=dict)
    country: str = ""
    birth_year: int | None = None
    accounts: int = 0
    networks: frozenset[str] = frozenset()
    claimed_brand: bool = False
    claimed_any: bool = False

    @property
    def days_here(self) -> int:
        """Whole days since the person came."""
        return (self.today - self.joined).days

    @property
    def surely_aged(self) -> int | None:
        """How old they are at least: of the year of birth alone the day is not known."""
        return None if self.birth_year is None else self.today.year - self.birth_year - 1


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule, what it needs, what the person has, and whether that fits.

    needed, you: a number, a slug, a tuple of codes, or None for "not known". missing: how far off,
    in units of the rule, where that can be said: points, places, years, days, or things.
    """

    kind: Kind
    fits: bool
    needed: Any
    you: Any
    missing: float | None = None
    topic: str = ""

    @property
    def unknown(self) -> bool:
        """Whether it may fit, and the person did not say what it asks for."""
        return self.you is None and self.kind in (Kind.COUNTRY, Kind.AGE_FROM, Kind.AGE_TO)


def reasons(rules: Rules, facts: Facts) -> tuple[Reason, ...]:
    """Return one reason for each rule that is set, in the order in which they are shown.

    Every perk needs an account elsewhere: one person counts as often as they have proven accounts.
    """
    asked = (
        [Reason(Kind.ACCOUNT, facts.accounts > 0, 1, facts.accounts)],
        _score(rules, facts),
        _topic(rules, facts),
        _country(rules, facts),
        _age(rules, facts),
        _networks(rules, facts),
        _time_here(rules, facts),
        _unclaimed(rules, facts),
    )
    return tuple(reason for group in asked for reason in group)


def fits(rules: Rules, facts: Facts) -> bool:
    """Tell whether the person fits every rule."""
    return all(reason.fits for reason in reasons(rules, facts))


def nearest(found: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Return what is missing, what the person can come nearer to first. Empty when all fits.

    What nobody can change (a country, an age, the time of coming, a claim of before) comes last.
    """
    missing = [reason for reason in found if not reason.fits]
    return tuple(sorted(missing, key=lambda one: (not within_reach(one), _ORDER.index(one.kind))))


def within_reach(reason: Reason) -> bool:
    """Tell whether a person may come to fit the rule by what they do, or by waiting."""
    if reason.kind is Kind.HERE_FOR:
        return True
    by_doing = (Kind.ACCOUNT, Kind.SCORE_FROM, Kind.TOPIC, Kind.NETWORKS)
    return reason.unknown or reason.kind in by_doing


_ORDER = tuple(Kind)


def _score(rules: Rules, facts: Facts) -> list[Reason]:
    found, you = [], facts.score
    if rules.score_from is not None:
        missing = None if you is None else max(0.0, rules.score_from - you)
        fit = you is not None and you >= rules.score_from
        found.append(Reason(Kind.SCORE_FROM, fit, rules.score_from, you, missing))
    if rules.score_to is not None:
        over = None if you is None else max(0.0, you - rules.score_to)
        fit = you is not None and you <= rules.score_to
        found.append(Reason(Kind.SCORE_TO, fit, rules.score_to, you, over))
    return found


def _topic(rules: Rules, facts: Facts) -> list[Reason]:
    if not rules.topic:
        return []
    known, place = rules.topic in facts.topics, facts.topics.get(rules.topic)
    if not rules.place:
        you = rules.topic if known else None
        missing = None if known else 1.0
        return [Reason(Kind.TOPIC, known, 0, you, missing, rules.topic)]
    fit = place is not None and place <= rules.place
    off = None if place is None else float(max(0, place - rules.place))
    return [Reason(Kind.TOPIC, fit, rules.place, place, off, rules.topic)]


def _country(rules: Rules, facts: Facts) -> list[Reason]:
    if not rules.countries:
        return []
    fit = facts.country in rules.countries
    return [Reason(Kind.COUNTRY, fit, rules.countries, facts.country or None)]


def _age(rules: Rules, facts: Facts) -> list[Reason]:
    """Hold the year of birth against both ends, so that nobody too young fits on any day."""
    found, least = [], facts.surely_aged
    if rules.age_from:
        fit = least is not None and least >= rules.age_from
        missing = None if least is None else float(max(0, rules.age_from - least))
        found.append(Reason(Kind.AGE_FROM, fit, rules.age_from, facts.birth_year, missing))
    if rules.age_to:
        fit = least is not None and least + 1 <= rules.age_to
        over = None if least is None else float(max(0, least + 1 - rules.age_to))
        found.append(Reason(Kind.AGE_TO, fit, rules.age_to, facts.birth_year, over))
    return found


def _networks(rules: Rules, facts: Facts) -> list[Reason]:
    if not rules.networks:
        return []
    linked = tuple(name for name in rules.networks if name in facts.networks)
    missing = float(len(rules.networks) - len(linked))
    return [Reason(Kind.NETWORKS, not missing, rules.networks, linked, missing)]


def _time_here(rules: Rules, facts: Facts) -> list[Reason]:
    found, days = [], facts.days_here
    if rules.new_here:
        over = float(max(0, days - rules.new_here))
        found.append(Reason(Kind.NEW_HERE, not over, rules.new_here, days, over))
    if rules.here_for:
        missing = float(max(0, rules.here_for - days))
        found.append(Reason(Kind.HERE_FOR, not missing, rules.here_for, days, missing))
    return found


def _unclaimed(rules: Rules, facts: Facts) -> list[Reason]:
    if rules.unclaimed is Unclaimed.WHATEVER:
        return []
    had = facts.claimed_any if rules.unclaimed is Unclaimed.ANY else facts.claimed_brand
    return [Reason(Kind.NOT_CLAIMED, not had, rules.unclaimed.value, had)]
