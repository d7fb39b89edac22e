"""What the API tells of the person of a token among others."""

from datetime import date
from typing import Literal

from ninja import Schema
from pydantic import BaseModel, Field

from scoring.api.schemas import HANDLE, Points
from scoring.models.topics import SLUG
from scoring.people.pulse import Among

_WHOLE = 2**31


class Mover(BaseModel):
    """Somebody here, and the share of points that their reactions brought."""

    name: str = Field(examples=["Ahmed"])
    handle: str = HANDLE
    reactions: int = Field(examples=[12])
    points: Points


class Others(BaseModel):
    """Everybody else of a network."""

    network: str = Field(examples=["Mastodon"])
    people: int = Field(description="Whom the network named; 0 where it only counts.", examples=[7])
    points: Points


class Moved(BaseModel):
    """Who moved somebody, and whom they moved."""

    window_days: int = Field(examples=[90])
    people: list[Mover]
    others: list[Others]
    moved_by_you: list[Mover] | None = Field(
        description="null while you show no member your own linked accounts."
    )


class PulseOf(Schema):
    """Which list, and which page of it."""

    of: Among = Field(
        Among.FRIENDS,
        description="friends: you, and those with whom you exchanged +K; risers of the week; all.",
    )
    topic: str = Field("", max_length=SLUG, description="Slug of a topic that they show.")
    page: int = Field(1, ge=1, lt=_WHOLE, description="From 1; pages move as scores do.")


class InPulse(BaseModel):
    """Somebody in the pulse."""

    name: str = Field(examples=["Ahmed"])
    handle: str = Field(description="Empty where you have none yourself.", examples=["ahmed"])
    you: bool = Field(examples=[False])
    place: int | None = Field(description="null where too few are listed.", examples=[3])
    score: float = Field(description="1 to 100.", examples=[50.4])
    week_change: float | None = Field(
        description="Points within a week; null where that is not open.", examples=[1.3]
    )


class Pulse(BaseModel):
    """A page of people."""

    day: date = Field(description="Of the scores, UTC.", examples=["2026-11-20"])
    people: list[InPulse]
    population: int = Field(description="People here with a score that day.", examples=[340])
    listed: int = Field(description="Of those, how many are in this list.", examples=[25])
    pages: int = Field(examples=[1])
    note: str = Field(
        description="Says that a page is empty because it lies beyond the last; else empty.",
        examples=[""],
    )


class _Share(BaseModel):
    posts: int = Field(examples=[12])
    above: int = Field(description="Of them, those answered more than usual.", examples=[9])
    low_percent: float = Field(
        description="Lower end of where that share is likely to lie.", examples=[45.0]
    )
    high_percent: float = Field(description="Upper end.", examples=[91.0])
    word: Literal["more", "less", "open", "few"] = Field(
        description="What may be said: more or less than usual, nothing sure, too few posts.",
        examples=["open"],
    )


class Band(_Share):
    """Three hours of the day."""

    from_hour: int = Field(examples=[9])
    to_hour: int = Field(examples=[12])


class Weekday(_Share):
    """A day of the week."""

    weekday: int = Field(description="1 is Monday.", examples=[2])


class When(BaseModel):
    """When somebody's own posts are answered; lists are empty while there are too few posts."""

    time_zone: str = Field(examples=["Europe/Lisbon"])
    window_days: int = Field(examples=[180])
    posts: int = Field(description="Posts that count for it.", examples=[64])
    posts_missing: int = Field(description="How many more are needed.", examples=[0])
    days_missing: int = Field(description="On how many more days.", examples=[0])
    usual_percent: float | None = Field(
        description="Of all posts, those answered more than the median.", examples=[48.0]
    )
    bands: list[Band]
    weekdays: list[Weekday]
