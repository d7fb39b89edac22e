"""What the API tells, field by field: the OpenAPI document and its page are made of this.

Points are those of the score, which runs from 1 to 100. Times are UTC in ISO 8601.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from scoring.engine.plusk import LONGEST
from scoring.models.api import REQUEST_KEY
from scoring.models.topics import SLUG

HANDLE = Field(description="The handle, without @.", examples=["nora"])
TOPIC = Field(description="The slug of a topic.", examples=["accessibility"])
TOPIC_NAME = Field(description="The topic in the asker's language.", examples=["Accessibility"])
Url = Annotated[str, Field(description="An address, or empty.", examples=["https://example.org/1"])]
Points = Annotated[float, Field(description="Points, with their sign.", examples=[1.6])]


def _whole(said: object) -> object:
    """Return 7 for 7.0, which is the same number in JSON; anything else as it is."""
    return int(said) if isinstance(said, float) and said.is_integer() else said


Whole = Annotated[int, BeforeValidator(_whole)]  # in a body


class Body(BaseModel):
    """What a request says: nothing else, and each value of its own type, so that true is no 1."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Parts(BaseModel):
    """The three parts of a score, each from 1 to 100."""

    true_reach: float = Field(description="People who acted; 1 to 100.", examples=[55.2])
    amplification: float = Field(description="How far it was passed on; 1 to 100.", examples=[48.9])
    network_impact: float = Field(
        description="How much those people are heard; 1 to 100.", examples=[41.0]
    )


class Day(BaseModel):
    """The score of a day."""

    day: date = Field(description="The day, UTC.", examples=["2026-11-21"])
    score: float | None = Field(
        description="1 to 100; null where there was not enough to count, which is not 1.",
        examples=[50.4],
    )
    low: float | None = Field(
        description="Lower end of the range that comes from what cannot be read.", examples=[47.4]
    )
    high: float | None = Field(description="Upper end of that range.", examples=[52.4])
    parts: Parts
    reconstructed: bool = Field(
        description="Worked out afterwards, from the posts and reactions of that day."
    )
    model: str = Field(description="The way of counting.", examples=["2026.1"])


class Score(Day):
    """The newest score of a person."""

    as_of: datetime = Field(description="Up to when it was counted.")
    posts: int = Field(description="Posts with a reaction in 90 days.", examples=[40])
    people: int = Field(description="People who acted.", examples=[300])
    sources_read: int = Field(description="Sources read within 26 hours.", examples=[2])
    sources: int = Field(description="Sources that count.", examples=[3])
    percentile: float | None = Field(
        description="Percent of the people here with a lower score; null where they are few.",
        examples=[81.0],
    )
    population: int | None = Field(description="Of how many people that is said.", examples=[340])


class Page(BaseModel):
    """What all pages of a list have."""

    next_cursor: str | None = Field(
        description="Send it as “cursor” for the page after this one; null on the last page.",
        examples=["2026-10-22"],
    )
    note: str = Field(
        description="Says that a page is empty because nothing lies beyond its cursor; else empty.",
        examples=[""],
    )


class History(Page):
    """Days with a score or without enough for one, the newest first."""

    days: list[Day]


class WhyLine(BaseModel):
    """One reason for a change."""

    reason: str = Field(description="Its code; codes never change.", examples=["reactions"])
    text: str = Field(description="It in words.", examples=["passed on 214 times by 160 people"])
    points: Points
    shown: float = Field(
        description="The points as they are shown: these add up to the change exactly.",
        examples=[1.6],
    )
    first_day: date = Field(examples=["2026-11-14"])
    last_day: date = Field(examples=["2026-11-14"])
    part: str = Field(
        description="Part with most of the points: reach, amplification, network, or empty.",
        examples=["amplification"],
    )
    network: str = Field(description="Of the source, or empty.", examples=["mastodon"])
    source: str = Field(description="The linked account, or empty.", examples=["Map Room Lisbon"])
    post: str = Field(description="The post in its own words, or empty.", examples=["Talk recap"])
    post_url: Url
    lines: int = Field(description="Lines of the ledger behind this one.", examples=[3])


class Why(BaseModel):
    """Why the score moved between two days that were counted."""

    from_day: date = Field(examples=["2026-11-14"])
    to_day: date = Field(examples=["2026-11-21"])
    before: float = Field(description="Score on from_day, 1 to 100.", examples=[49.1])
    after: float = Field(description="Score on to_day, 1 to 100.", examples=[50.4])
    change: float = Field(description="Points, as shown: the sum of the lines.", examples=[1.3])
    lines: list[WhyLine]


class Topic(BaseModel):
    """A topic that somebody is known for."""

    topic: str = TOPIC
    name: str = TOPIC_NAME
    mark: str = Field(description="expertise, interest or empty.", examples=["expertise"])
    plusk: float | None = Field(
        description="How much +K counts in it; null where that is not open.", examples=[18]
    )


class OwnTopic(Topic):
    """A topic of the person who asks, with what it rests on."""

    place: int | None = Field(
        description="Place among the people here; null where they are few.", examples=[12]
    )
    population: int | None = Field(description="Of how many.", examples=[340])
    added: bool = Field(description="They added it themselves.")
    strength: float | None = Field(
        description="Strength, without a unit; null while no post proves it.", examples=[38.2]
    )
    share_percent: float | None = Field(
        description="Percent of all that their posts brought.", examples=[41.0]
    )
    posts: int = Field(description="Posts with a reaction in 90 days.", examples=[12])
    people: int = Field(description="People who reacted.", examples=[64])
    reactions: int = Field(examples=[210])
    as_of: datetime | None = Field(description="When it was worked out.")


class Topics(BaseModel):
    """What somebody is known for, in their own order."""

    topics: list[OwnTopic]


class Evidence(BaseModel):
    """A post that led to a topic."""

    text: str = Field(description="The beginning of the post.", examples=["Talk recap"])
    url: Url
    posted_at: datetime
    strength: float = Field(description="Its part of the strength.", examples=[4.2])
    because: list[str] = Field(description="Words that led there.", examples=[["queryset"]])
    reactions: dict[str, int] = Field(description="Kind and number.", examples=[{"like": 12}])


class TopicEvidence(BaseModel):
    """What led to a topic: the parts and the rest add up to the strength."""

    topic: str = TOPIC
    name: str = TOPIC_NAME
    told: bool = Field(description="Others see it where the person shows their topics.")
    hidden: bool = Field(description="The person hid it.")
    strength: float | None = Field(description="null while no post leads there.", examples=[38.2])
    posts: list[Evidence]
    rest_strength: float = Field(description="Strength of smaller posts together.", examples=[0.8])
    rest_posts: int = Field(description="How many those are.", examples=[3])


class Link(BaseModel):
    """A linked account or page, and how reading it goes."""

    id: int = Field(examples=[7])
    network: str = Field(examples=["mastodon"])
    kind: str = Field(description="profile, page, channel, archive …", examples=["profile"])
    title: str = Field(examples=["Map Room Lisbon"])
    url: Url
    counts: bool = Field(description="It is one of those that count.")
    state: str = Field(description="One word for its health.", examples=["healthy"])
    says: str = Field(description="That in a sentence.", examples=["Read at 06:05 today."])
    followers: int | None = Field(
        description="null where the network does not say.", examples=[6120]
    )
    posts_90_days: int | None = Field(examples=[31])
    limited: list[str] = Field(description="What could not be read, in sentences.", examples=[[]])
    read_at: datetime | None = Field(description="Last read without fault.")
    tried_at: datetime | None = Field(description="Last try.")
    retry_at: datetime | None = Field(description="No try before this.")


class Links(BaseModel):
    """Everything that somebody linked."""

    links: list[Link]


class PlusK(BaseModel):
    """A +K that somebody received or gave."""

    id: int = Field(examples=[4711])
    person: str = Field(
        description="Who gave or got it, by name; empty where they cannot be named.",
        examples=["Ahmed"],
    )
    handle: str = Field(
        description="Theirs, where their page is open to you; else empty.", examples=["ahmed"]
    )
    topic: str = TOPIC
    name: str = TOPIC_NAME
    because: str = Field(examples=["Your talk on forms changed how we build ours"])
    public: bool = Field(description="These words may be read on the receiver's page.")
    at: datetime
    counts: bool | None = Field(
        description="It is part of what counts. Null for one that you gave: nobody is told what "
        "its receiver hid."
    )
    waiting: bool = Field(description="The receiver has not accepted the topic yet.")
    thanked: bool
    taken_back: bool


class PlusKs(Page):
    """+K of somebody, the newest first."""

    plusk: list[PlusK]


class Give(Body):
    """+K to give."""

    to: str = Field(description="Handle of the receiver.", examples=["ahmed"], max_length=64)
    topic: str = Field(description="Slug of a topic.", examples=["django"], max_length=SLUG)
    because: str = Field(
        "", description="Why, read by the receiver.", examples=["Your talk"], max_length=LONGEST
    )
    public: bool = Field(
        False, description="Others may read why, on the receiver's page.", examples=[False]
    )


class Given(BaseModel):
    """A +K that was given, by this request or by an earlier one with the same key."""

    id: int = Field(examples=[4711])
    to: str = HANDLE
    topic: str = TOPIC
    waiting: bool = Field(description="The receiver is asked first: they do not show this topic.")
    left_today: int = Field(description="+K that are left today.", examples=[7])
    more_at: datetime = Field(description="When new ones come: midnight where the giver is.")


class Milestone(BaseModel):
    """A day on which a score first reached something."""

    code: str = Field(description="first, score-10 … score-100.", examples=["score-50"])
    day: date = Field(examples=["2026-11-21"])
    points: int | None = Field(description="null for the first score.", examples=[50])


class Milestones(BaseModel):
    """Milestones, the newest first."""

    milestones: list[Milestone]


Who = Literal["nobody", "members", "everyone"]
# The fields of Me that tell who sees a part of the page.
AUDIENCES = (
    "page",
    "score",
    "history",
    "topics",
    "badges",
    "style",
    "moments",
    "networks",
    "plusk",
)


class Me(BaseModel):
    """The person of the token, and what others see of them."""

    handle: str = Field(description="Empty where they have none.", examples=["nora"])
    name: str = Field(examples=["Nora Lindqvist"])
    about: str = Field(examples=["Maps of harbours, old and new."])
    time_zone: str = Field(examples=["Europe/Lisbon"])
    language: str = Field(description="Empty: as the browser asks.", examples=["de"])
    look: str = Field(description="light, dark, or empty: as the device is.", examples=["dark"])
    page: Who = Field(description="Who may open the page.")
    score: Who = Field(description="Who of these sees the score.")
    history: Who
    topics: Who
    badges: Who
    style: Who
    moments: Who
    networks: Who
    plusk: Who
    findable: bool = Field(description="Members find them by handle or name.")
    indexed: bool = Field(description="Search engines may list the page.")


class PublicScore(BaseModel):
    """The score of somebody who shows it to whoever asks."""

    handle: str = HANDLE
    name: str = Field(examples=["Nora Lindqvist"])
    score: float | None = Field(
        description="1 to 100; null where there is not enough to count.", examples=[50.4]
    )
    low: float | None = Field(description="Lower end of the range.", examples=[47.4])
    high: float | None = Field(description="Upper end of the range.", examples=[52.4])
    day: date | None = Field(description="The day of the score, UTC.", examples=["2026-11-21"])
    as_of: datetime | None = Field(description="Up to when it was counted.")


class Account(BaseModel):
    """A linked account that somebody shows."""

    name: str = Field(examples=["Mastodon, Map Room Lisbon"])
    url: Url


class FoundPerson(BaseModel):
    """Somebody who wants to be found."""

    handle: str = HANDLE
    name: str = Field(examples=["Nora Lindqvist"])


class FoundPeople(BaseModel):
    """People who want to be found, those whose handle begins so first."""

    people: list[FoundPerson]


class Asked(BaseModel):
    """How often somebody's programs asked for the score on a day."""

    day: date = Field(description="UTC.", examples=["2026-11-21"])
    who: str = Field(examples=["A program of @ahmed"])
    handle: str = Field(description="Empty where they are not told by name.", examples=["ahmed"])
    times: int = Field(examples=[12])


class AccessLog(BaseModel):
    """Who asked for the score of the person of the token, in 90 days, the newest day first."""

    asked: list[Asked]


class Keyed(BaseModel):
    """The key of a request, by which it is done once."""

    key: str = Field(
        alias="Idempotency-Key",
        min_length=8,
        max_length=REQUEST_KEY,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="A key of your own making for this one request, as a UUID.",
        examples=["made-by-you-0001"],
    )
