"""What the API tells of perks. Never a code, never an address."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

SLUG = Field(description="The perk, as in its address.", examples=["fieldnote-a5-notebook"])
TITLE = Field(examples=["Fieldnote A5 notebook"])
REF = Field(description="The claim.", examples=["7f1f3f0e-0000-4000-8000-000000000000"])


class Rule(BaseModel):
    """One rule: what it needs and what you have."""

    fits: bool = Field(examples=[True])
    needed: str = Field(examples=["Score 40 or more"])
    you: str = Field(examples=["50.4"])
    missing: str = Field(description="And what to do about it; empty where it fits.", examples=[""])


class Perk(BaseModel):
    """A perk, and how somebody stands to it."""

    perk: str = SLUG
    title: str = TITLE
    brand: str = Field(examples=["Fieldnote"])
    gets: str = Field(description="What one gets.", examples=["A notebook of 96 dotted pages"])
    picture: str = Field(description="Its address, or empty.", examples=[""])
    state: str = Field(description="scheduled, live, paused or ended.", examples=["live"])
    group: str = Field(
        description="Where it stands in your list: yours, open, full, nearly, soon or closed.",
        examples=["open"],
    )
    opens_at: datetime
    closes_at: datetime
    by_lot: bool = Field(description="Lots decide, and not who comes first.", examples=[False])
    total: int = Field(description="How many there are.", examples=[60])
    left: int | None = Field(description="How many are left; null by lot.", examples=[12])
    waiting: int = Field(description="People on the waiting list.", examples=[0])
    fits: bool = Field(description="Every rule fits you.", examples=[True])
    rules: list[Rule]
    claims: list[UUID] = Field(description="Yours that hold or keep one of it.", examples=[[]])
    waits: bool = Field(description="You are on the waiting list.", examples=[False])
    takes_part: bool = Field(description="You are in the draw.", examples=[False])


class Perks(BaseModel):
    """Perks, what closes first in front."""

    perks: list[Perk]


class Draw(BaseModel):
    """A draw that anybody can do again."""

    commitment: str = Field(description="SHA-256 of the seed, known before.", examples=["9f86d081"])
    seed: str = Field(description="Empty until it was drawn.", examples=[""])
    drawn_at: datetime | None
    name: str = Field(description="Under which you are in it; empty if not.", examples=["a1b2c3"])
    lot: int | None = Field(description="Your place by lot; null before.", examples=[4])


class PerkDetail(Perk):
    """A perk with all that its page says."""

    description: str = Field(examples=["Made in Lisbon."])
    disclosure: str = Field(
        description="For whoever writes of it; no post is owed.",
        examples=["Fieldnote gave me this for nothing."],
    )
    learns: list[str] = Field(
        description="What the brand gets to know: name, email, address, answers. Never the score.",
        examples=[["name"]],
    )
    per_person: int = Field(description="How many one may have.", examples=[1])
    usable_until: datetime | None
    waiting_place: int | None = Field(description="Your place, from 1.", examples=[3])
    reminds: bool = Field(description="A mail reminds you before it closes.", examples=[False])
    draw: Draw | None


class Claim(BaseModel):
    """A perk that somebody has or had. A code stands on its page alone."""

    claim: UUID = REF
    perk: str = SLUG
    title: str = TITLE
    state: str = Field(
        description="held, claimed, redeemed, returned or expired.", examples=["claimed"]
    )
    says: str = Field(description="It in a sentence.", examples=["Yours since 12:00 today."])
    held_at: datetime
    held_until: datetime | None = Field(description="null once it is no longer held.")
    claimed_at: datetime | None
    redeemed_at: datetime | None = Field(description="When you said that it was used.")
    ended_at: datetime | None = Field(description="When it was given back, or ran out.")
    code_shown_at: datetime | None = Field(description="When you first saw its code.")


class Waits(BaseModel):
    """A place on a waiting list."""

    perk: str = SLUG
    title: str = TITLE
    place: int = Field(description="From 1, who is next.", examples=[3])


class TakesPart(BaseModel):
    """A draw that is still to come."""

    perk: str = SLUG
    title: str = TITLE
    name: str = Field(description="Under which one is in it.", examples=["a1b2c3"])
    closes_at: datetime


class Claims(BaseModel):
    """Claims, the newest first, with waiting lists and draws; a hundred of each at most."""

    claims: list[Claim]
    waits: list[Waits]
    draws: list[TakesPart]


class ClaimDetail(Claim):
    """A claim with all that its page says but the code and the address."""

    how_to_use: str = Field(examples=["Type the code at the checkout."])
    contact: str = Field(description="Of the brand.", examples=["help@fieldnote.example"])
    disclosure: str = Field(
        description="For whoever writes of it; no post is owed.",
        examples=["Fieldnote gave me this for nothing."],
    )
    usable_until: datetime | None
    shipment: str = Field(
        description="waiting, packed, sent, arrived, came_back; empty where nothing is sent.",
        examples=[""],
    )
    shipped_at: datetime | None = Field(description="When that last changed.")
    tracking: str = Field(examples=[""])
    case_id: int | None = Field(description="The case about a problem with it.", examples=[12])
    stars: int | None = Field(description="1 to 5, as you said; null if you did not.", examples=[5])
    words: str = Field(description="What you said of it.", examples=["Good paper."])
    posts: list[str] = Field(description="Addresses of posts that you named.", examples=[[]])


class GivenOfYou(BaseModel):
    """What somebody said of themselves, for perks alone."""

    country: str = Field(description="ISO 3166; empty where it was not said.", examples=["PT"])
    birth_year: int | None = Field(description="null where it was not said.", examples=[1990])
