"""Every constant of the model, with unit, range and where it comes from.

The structure of the formula stands in components.py and combine.py; calibration may move the
numbers here. docs/scoring.md repeats this table in words.
"""

from dataclasses import dataclass, fields, replace

ALGORITHM = "2026.1"  # stored with every snapshot; numbers of two models are never compared


@dataclass(frozen=True, slots=True)
class Params:
    """The constants of model 2026.1. Raises ValueError when one lies outside its range."""

    # Days after which a reaction counts half, before the end of the window is reached.
    # Range 1..365. Source: on public pages a decayed sum with 14 or 30 days ranks the next month
    # equally well (Spearman 0.85, without decay 0.82); 30 forgives a holiday.
    half_life_days: float = 30.0
    # Days a reaction counts at all. Range 1..730. Source: the window people are told of, as Klout
    # had it.
    window_days: int = 90

    # Worth of one act, in likes, by kind in the order of arrays.KINDS: like, reply, repost, quote,
    # mention, follow, list. Range 0..10. Source: a scale of effort and exposure set by us; 3 and 4
    # are also the weights of the validation target "passing-on acts".
    effort: tuple[float, ...] = (1.0, 3.0, 4.0, 4.0, 2.0, 1.0, 2.0)
    # Kinds that put the post before other people: reply, repost, quote, mention.
    passing_on: tuple[bool, ...] = (False, True, True, True, True, False, False)

    # Share of counted strangers taken for different people or acts. A count does not say how many
    # of the people under one post are also under the next. Range 0..1, ends 0.25 and 1.
    # Source: set; the ends are what the interval is made of.
    overlap: float = 0.5
    # Credibility of an actor of whom nothing is known. Range above 0..1. Source: set, the middle.
    unknown_credibility: float = 0.5
    # Least credibility of anybody. Range 0..1, above 0, so that nobody's reaction lowers a score.
    least_credibility: float = 0.1
    # Influence at which a person counts once in Network Impact. Range above 0..1. Source:
    # log10(1 + 15) / 8 = 0.15, the audience of an ordinary account.
    typical_influence: float = 0.15
    # Influence of strangers and of actors of whom it is not known. Range 0..1.
    unknown_influence: float = 0.15

    # Weights of the sub-scores, sum 1. Range 0..1. Source: set; docs/scoring.md says what the
    # replay of public pages gives with these and with others.
    weight_reach: float = 0.40
    weight_amplification: float = 0.35
    weight_network: float = 0.25
    # Decades from score 1 to score 100: 10^8 effective people are everybody a network can show.
    # Range 4..12.
    scale_decades: float = 8.0

    # "Not enough to count" below these, within the window. Source: scoring rules, set.
    enough_posts: int = 5  # posts with a reaction
    enough_people: int = 3

    def __post_init__(self) -> None:
        """Refuse constants with which the promises of the model would not hold."""
        self.validate()

    def validate(self) -> None:
        """Raises ValueError, naming the constant, when one lies outside its range."""
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            values = value if isinstance(value, tuple) else (value,)
            if not all(low <= one <= high for one in values):
                raise ValueError(f"{name} must lie between {low} and {high}, not {value}.")
        if len(self.effort) != len(self.passing_on):
            raise ValueError("effort and passing_on must name the same kinds.")
        total = self.weight_reach + self.weight_amplification + self.weight_network
        if abs(total - 1) > 1e-12:
            raise ValueError(f"The weights of the sub-scores must add up to 1, not {total}.")

    @property
    def weights(self) -> tuple[float, float, float]:
        """Weights of reach, amplification and network, in this order."""
        return self.weight_reach, self.weight_amplification, self.weight_network

    def low_end(self) -> "Params":
        """Return the constants with everything not known at its cautious end."""
        return replace(
            self,
            overlap=min(0.25, self.overlap),
            unknown_credibility=min(self.least_credibility, self.unknown_credibility),
            # An audience of one person.
            unknown_influence=min(0.04, self.unknown_influence),
        )

    def high_end(self) -> "Params":
        """Return the constants with everything not known at its generous end."""
        return replace(
            self,
            overlap=1.0,
            unknown_credibility=1.0,
            # An audience of 250 people.
            unknown_influence=max(0.30, self.unknown_influence),
        )


_TINY = 1e-6
_RANGES: dict[str, tuple[float, float]] = {
    "half_life_days": (1, 365),
    "window_days": (1, 730),
    "effort": (0, 10),
    "passing_on": (False, True),
    "overlap": (0, 1),
    "unknown_credibility": (_TINY, 1),
    "least_credibility": (_TINY, 1),
    "typical_influence": (_TINY, 1),
    "unknown_influence": (0, 1),
    "weight_reach": (0, 1),
    "weight_amplification": (0, 1),
    "weight_network": (0, 1),
    "scale_decades": (4, 12),
    "enough_posts": (0, 1_000),
    "enough_people": (0, 1_000),
}
assert set(_RANGES) == {column.name for column in fields(Params)}
