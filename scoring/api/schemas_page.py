"""What stands on the page of a person beside the score: badges, style, moments; and the page."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from scoring.api.schemas import HANDLE, Account, Milestone, Points, PublicScore, Topic, Url

SLUG = Field(description="The code of a badge; codes never change.", examples=["likes"])


class Badge(BaseModel):
    """The highest level of a badge that somebody earned."""

    badge: str = SLUG
    name: str = Field(examples=["Well liked, 1,000"])
    level: int = Field(description="How many it took.", examples=[1000])
    took: str = Field(
        description="What it took, as a sentence.", examples=["The posts got 1,000 likes."]
    )
    earned_on: date = Field(description="UTC.", examples=["2026-11-12"])
    exact: bool = Field(
        description="It was earned on that day; else counted then, and maybe earned earlier."
    )


class OwnBadge(Badge):
    """A badge of the person who asks, with its rule."""

    counted: str = Field(
        description="How it is counted, as a sentence.",
        examples=["As the networks count them, over all posts that are held here."],
    )
    rule: str = Field(description="Which rule was in force.", examples=["2026"])
    old: bool = Field(description="Earned by what was there before its account was chosen here.")
    pinned: bool = Field(description="Others see it first.")
    hidden: bool = Field(description="Others do not see it.")
    lower_levels: list[int] = Field(
        description="Lower levels that they have.", examples=[[500, 100]]
    )
    share_percent: float | None = Field(
        description="Percent of the people here who have this level; null where they are few.",
        examples=[9.1],
    )


class NextBadge(BaseModel):
    """The next level of a badge."""

    badge: str = SLUG
    name: str = Field(examples=["Full house, 500"])
    level: int = Field(description="How many it takes.", examples=[500])
    count: int | None = Field(
        description="How many there are; null where no linked network tells.", examples=[312]
    )
    missing: int | None = Field(
        description="How many more it takes; null where no linked network tells.", examples=[188]
    )
    near: bool = Field(description="One of the three of which most is done.")
    counted: str = Field(
        description="How it is counted, as a sentence.",
        examples=["As the networks count them, over all posts that are held here."],
    )


class Badges(BaseModel):
    """What somebody earned, the pinned and then the newest first, and what is next."""

    as_of: datetime | None = Field(description="When it was counted; null before the first time.")
    badges: list[OwnBadge]
    next: list[NextBadge]


class Style(BaseModel):
    """One of sixteen ways to be among people, by somebody's own posts."""

    kind: str = Field(
        description="Its code; empty while there is too little to say.", examples=["specialist"]
    )
    name: str = Field(examples=["Specialist"])
    meaning: str = Field(
        description="In a sentence.",
        examples=["Knows one field thoroughly, and is there to answer questions about it."],
    )
    across: float | None = Field(
        description="From sharing and casual, 0, to creating and consistent, 4.", examples=[3.2]
    )
    down: float | None = Field(
        description="From participating and broad, 0, to listening and focused, 4.", examples=[3.6]
    )


class StyleNumbers(BaseModel):
    """What a style is made of: posts of the window."""

    posts: int = Field(examples=[64])
    own: int = Field(description="Of them, those that answer nobody.", examples=[44])
    links: int = Field(description="Of those, how many lead elsewhere.", examples=[6])
    topical: int = Field(description="Posts whose topic is known.", examples=[40])
    topics: float = Field(
        description="As many topics, evenly used, would be as broad.", examples=[5.2]
    )
    days: int = Field(description="Days with a post.", examples=[38])
    weeks: int = Field(description="From the first post to the last reading.", examples=[12])


class OwnStyle(Style):
    """The style of the person who asks, with the numbers behind it."""

    as_of: datetime | None = Field(description="When it was counted; null before the first time.")
    window_days: int = Field(description="Days whose posts count.", examples=[90])
    numbers: StyleNumbers | None
    missing: list[str] = Field(
        description="What there is too little of, in sentences.", examples=[[]]
    )


class Moment(BaseModel):
    """A post that moved the score."""

    text: str = Field(description="The beginning of the post.", examples=["Talk recap"])
    url: Url
    account: str = Field(examples=["Mastodon, Map Room Lisbon"])
    posted_at: datetime
    points: Points
    reactions: dict[str, int] = Field(description="Kind and number.", examples=[{"repost": 214}])


class OwnMoment(Moment):
    """A moment of the person who asks."""

    people: int | None = Field(description="Whom the network named.", examples=[160])
    public: bool = Field(description="Everyone can read it at the network.")


class Moments(BaseModel):
    """Posts of the last 90 days that moved most, the largest first."""

    moments: list[OwnMoment]


class Person(BaseModel):
    """What somebody shows to whoever asks. A part that is not open is null, not empty."""

    handle: str = HANDLE
    name: str = Field(examples=["Nora Lindqvist"])
    about: str = Field(examples=["Maps of harbours, old and new."])
    score: PublicScore | None
    topics: list[Topic] | None
    badges: list[Badge] | None
    style: Style | None
    moments: list[Moment] | None
    accounts: list[Account] | None
    milestones: list[Milestone] | None
