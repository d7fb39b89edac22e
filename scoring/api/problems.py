"""What can go wrong for a program, each in its own words, as problem details.

Source: RFC 9457.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, Field
from pydantic_core import to_json

CONTENT_TYPE = "application/problem+json"
Text = str | Promise


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its status, what it is called, and what is the matter and what to do."""

    status: int
    title: Text
    detail: Text


KINDS: dict[str, Kind] = {
    "not-json": Kind(
        400, _("This is no JSON"), _("The body could not be read. Send one JSON object.")
    ),
    "token-in-address": Kind(
        400,
        _("A token does not belong into an address"),
        _(
            "Addresses are kept in logs. Send it as “Authorization: Bearer …”, and revoke this "
            "token if it was one: others may have read it."
        ),
    ),
    "no-token": Kind(
        401,
        _("A token is needed"),
        _("Send one as “Authorization: Bearer …”. You make it under Settings, Tokens."),
    ),
    "malformed-token": Kind(
        401,
        _("This is no token of ours"),
        _("The header is “Authorization: Bearer ” and the whole token, which begins with ks_."),
    ),
    "unknown-token": Kind(
        401,
        _("Nobody has this token"),
        _("Make a new one under Settings, Tokens."),
    ),
    "expired-token": Kind(
        401, _("This token has ended"), _("Make a new one under Settings, Tokens.")
    ),
    "revoked-token": Kind(
        401, _("This token was revoked"), _("Make a new one under Settings, Tokens.")
    ),
    "missing-scope": Kind(
        403,
        _("This token is not for that"),
        _("Its person did not tick what is needed. Make a token for which it is ticked."),
    ),
    "not-found": Kind(
        404,
        _("There is nothing here"),
        _("Nobody has this address, or it is not open to you: the answer is the same for both."),
    ),
    "no-score": Kind(
        404, _("There is no score yet"), _("There was not enough to count until now.")
    ),
    "not-allowed": Kind(
        405, _("This address takes no such request"), _("The header Allow names those it takes.")
    ),
    "refused": Kind(409, _("A rule of +K says no"), _("The rule says what is so.")),
    "key-used": Kind(
        409,
        _("This key stands for another request"),
        _("Under it something else was given. Choose a new key for a new request."),
    ),
    "too-large": Kind(413, _("The body is too large"), _("No request here needs so much.")),
    "no-such-format": Kind(
        415, _("Send JSON"), _("The body must be JSON, and Content-Type: application/json.")
    ),
    "invalid": Kind(422, _("Something in it cannot be taken"), _("“errors” says what, and where.")),
    "too-many": Kind(
        429,
        _("That was more than the limit"),
        _("Wait for as many seconds as the header Retry-After says."),
    ),
    "our-fault": Kind(
        500, _("Something on our side failed"), _("It was written down. Try again later.")
    ),
}


class Fault(BaseModel):
    """One thing in a request that cannot be taken."""

    where: str = Field(description="The part of the request.", examples=["query.limit"])
    what: str = Field(examples=["Input should be less than or equal to 100"])


class ProblemDetails(BaseModel):
    """What went wrong, and what to do."""

    type: str = Field(
        description="Address that tells kinds apart; it leads to the words about it.",
        examples=["/api/#no-token"],
    )
    title: str = Field(description="What is the matter, in few words.")
    status: int = Field(description="The HTTP status once more.", examples=[401])
    detail: str = Field(description="What is so and what to do, fit to show to a person.")
    scope: str | None = Field(
        None, description="The scope that is missing.", examples=["score:read"]
    )
    reason: str | None = Field(None, description="Code of the rule that says no.")
    errors: list[Fault] | None = Field(None, description="What cannot be taken, and where.")


class Problem(Exception):
    """Something is in the way of an answer. `detail` replaces the usual words of the kind."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.headers = headers or {}
        self.more = more


def answer(_request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return a problem as a response."""
    kind = KINDS[problem.code]
    told = ProblemDetails(
        type=f"/api/#{problem.code}",
        title=str(kind.title),
        status=kind.status,
        detail=problem.detail or str(kind.detail),
        **problem.more,
    )
    body = to_json(told.model_dump(exclude_none=True))
    headers = problem.headers
    if kind.status == 401:
        headers = {"WWW-Authenticate": "Bearer"} | headers
    return HttpResponse(body, status=kind.status, content_type=CONTENT_TYPE, headers=headers)
