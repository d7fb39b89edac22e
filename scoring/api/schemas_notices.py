"""What the API tells of notices and mails."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from scoring.api.schemas import Body, Page, Url, Whole


class Notice(BaseModel):
    """Something that happened."""

    id: int = Field(examples=[815])
    kind: str = Field(description="Its code; codes never change.", examples=["plusk_received"])
    title: str = Field(description="Of the kind.", examples=["Somebody gave you +K"])
    text: str = Field(
        description="In a sentence, in the asker's language and their person's zone.",
        examples=["Ahmed gave you +K in Django."],
    )
    url: Url
    at: datetime
    read_at: datetime | None = Field(description="null while it is unread.")


class Notices(Page):
    """What happened, the newest first."""

    notices: list[Notice]
    unread: int = Field(description="Of all that is listed, on other pages too.", examples=[2])


class Read(Body):
    """Up to which notice all was read."""

    until: Whole = Field(description="“id” of a notice.", ge=1, lt=2**53, examples=[815])
    only_this: bool = Field(False, description="That one, and none before it.", examples=[False])


class Unread(BaseModel):
    """How many are left."""

    unread: int = Field(examples=[0])


class Kind(BaseModel):
    """A kind of notice, and what the person chose for it."""

    kind: str = Field(description="Its code; codes never change.", examples=["badge_earned"])
    title: str = Field(examples=["A badge"])
    group: str = Field(description="Kinds that stand together.", examples=["Badges"])
    listed: bool = Field(description="It stands in the list and counts as unread.")
    mail: Literal["always", "own", "morning"] = Field(
        description="always: at once; own: a letter of its own; morning: in the mail of a day.",
        examples=["morning"],
    )
    mailed: bool | None = Field(
        description="Chosen for the morning mail; null for kinds that are not in it.",
        examples=[False],
    )


class Kinds(BaseModel):
    """Every kind of notice."""

    kinds: list[Kind]


class Switch(Body):
    """Whether a kind is listed."""

    listed: bool = Field(examples=[False])


class Mails(BaseModel):
    """What comes by mail, and when."""

    address: str = Field(
        description="Where mails go; empty without a confirmed address.",
        examples=["nora@example.org"],
    )
    links_and_cases: bool = Field(description="When a link needs the person; answers to cases.")
    perks: bool = Field(description="About what was claimed or waited for.")
    digest: Literal["never", "weekly", "monthly"] = Field(examples=["weekly"])
    quiet_from: int | None = Field(
        description="Hour where the person is, 0 to 23; null without quiet hours.", examples=[22]
    )
    quiet_to: int | None = Field(description="Hour at which they end.", examples=[7])
    next_morning_at: datetime | None = Field(
        description="When the next morning mail is looked into; null where none was asked for."
    )
    refused: str = Field(description="An address whose server takes no mail.", examples=[""])
    refused_at: datetime | None
    refused_words: str = Field(description="What that server said.", examples=[""])
