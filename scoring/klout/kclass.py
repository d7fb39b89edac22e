"""The style of people, in Klout's word a class, as they tell everyone."""

from collections.abc import Collection
from typing import NamedTuple

from django.utils import translation

from scoring import models
from scoring.klout.people import Person
from scoring.views import style_words


class Style(NamedTuple):
    """A style in English, as all of this interface."""

    name: str
    meaning: str


def styles_of(people: Collection[Person]) -> dict[int, Style]:
    """Return, by user, the styles of those who show theirs and have one. One query at most."""
    shows = [one.user_id for one in people if one.visible.style]
    if not shows:
        return {}
    rows = models.Style.objects.filter(user__in=shows).exclude(kind="")
    with translation.override("en"):
        return {
            user_id: Style(style_words.name(kind), style_words.meaning(kind))
            for user_id, kind in rows.values_list("user_id", "kind")
        }
