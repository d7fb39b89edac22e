"""In whose language work speaks that nobody waits for: jobs, and the mails that they send."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import translation

from accounts.models import User


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a person's language for as long as something is made for them; "" is the site's.

    Times stay in the zone that is active: the days of a score are no matter of who reads of them.
    """
    with translation.override(language or settings.LANGUAGE_CODE):
        yield


def language_of(user_id: int | None) -> str:
    """Return the language that a person chose; "" where they chose none, and for nobody."""
    if user_id is None:
        return ""
    return User.objects.filter(pk=user_id).values_list("language", flat=True).first() or ""
