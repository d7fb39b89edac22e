"""Pages of lists: a cursor names where the next page begins, so that new rows move nothing."""

from collections.abc import Sized
from datetime import date
from typing import Annotated

from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

MOST = 100  # items of a page, where the asker says how many


class ByDay(Schema):
    """Which page of a list by days."""

    cursor: date | SkipJsonSchema[None] = Field(
        None, description="“next_cursor” of the page before: a day."
    )
    limit: int = Field(30, ge=1, le=MOST, description="How many a page holds at most.")


class ById(Schema):
    """Which page of a list by numbers."""

    cursor: Annotated[int, Field(ge=1, lt=2**53)] | SkipJsonSchema[None] = Field(
        None, description="“next_cursor” of the page before: a number."
    )


class Between(Schema):
    """Two days, in any order; the nearest that were counted are taken."""

    from_day: date | SkipJsonSchema[None] = Field(
        None, alias="from", description="A day, UTC. Without it, a week before the other."
    )
    to_day: date | SkipJsonSchema[None] = Field(
        None, alias="to", description="A day, UTC. Without it, the newest."
    )


def note(items: Sized, cursor: object) -> str:
    """Return what is said of a page that is empty since nothing lies beyond its cursor; else ""."""
    return "" if items or cursor is None else _("Nothing lies beyond this cursor.")
