"""What the API tells of one link, of cases, and of tokens and blocks."""

from datetime import datetime

from pydantic import BaseModel, Field

from scoring.api.schemas import Link


class Finding(BaseModel):
    """One thing that is not as it should be."""

    code: str = Field(description="It; codes never change.", examples=["expiring"])
    severity: str = Field(description="bad, warn or info.", examples=["warn"])
    title: str = Field(examples=["The access ends soon"])
    why: str = Field(description="What is so, in sentences.")
    what_to_do: str = Field(examples=["Connect again before then."])


class Run(BaseModel):
    """One read of a link."""

    started_at: datetime
    ended_at: datetime
    code: str = Field(description="ok, or what was in the way.", examples=["ok"])
    title: str = Field(description="It in words.", examples=["Read"])
    posts: int = Field(examples=[31])
    reactions: int = Field(description="Those that were new.", examples=[12])
    left_out: str = Field(
        description="What was not counted and why; empty when nothing was.",
        examples=["3 not public"],
    )


class LinkDetail(BaseModel):
    """A link, what is wrong with it, and its reads of 30 days, the newest first."""

    link: Link
    findings: list[Finding]
    reads: list[Run]


class Case(BaseModel):
    """Something that somebody asked for help with."""

    id: int = Field(examples=[12])
    subject: str = Field(examples=["A question"])
    link_id: int | None = Field(description="The link it is about, if any.", examples=[7])
    opened_at: datetime
    changed_at: datetime
    closed_at: datetime | None = Field(description="null while it is open.")
    answered: bool = Field(description="An operator wrote last.", examples=[True])


class Cases(BaseModel):
    """Cases, the open ones first, fifty at most."""

    cases: list[Case]


class Message(BaseModel):
    """One entry of a case."""

    by: str = Field(description="you, operator or site.", examples=["operator"])
    text: str = Field(examples=["Connect it again, please: it was our fault."])
    at: datetime


class CaseDetail(BaseModel):
    """A case with the facts as they stood when it was opened, and its messages in order."""

    case: Case
    report: str = Field(description="Facts as lines of text; empty without a link.")
    messages: list[Message]


class Token(BaseModel):
    """A token that works; the token itself is kept nowhere."""

    id: int = Field(examples=[3])
    name: str = Field(examples=["Desk display"])
    begins: str = Field(description="Its first letters.", examples=["ks_AbCdEfG"])
    scopes: list[str] = Field(examples=[["score:read"]])
    made_at: datetime
    ends_at: datetime
    last_used_on: str | None = Field(description="A day, UTC.", examples=["2026-11-21"])


class Tokens(BaseModel):
    """Tokens that work, the newest first."""

    tokens: list[Token]


class Blocked(BaseModel):
    """Somebody whom the person blocked."""

    name: str = Field(description="Empty where they have none.", examples=["Eve"])
    handle: str = Field(description="Empty where they have none.", examples=["eve"])
    at: datetime


class Blocks(BaseModel):
    """Whom the person blocked, the newest first."""

    blocked: list[Blocked]
