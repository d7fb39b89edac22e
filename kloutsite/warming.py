"""What a server process would else do in its first requests, done before it takes any.

The first request of a process imports every page, reads the languages and writes the templates as
Python: half a second of CPU, which whoever comes first would wait for, and with a crowd many.
"""

from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation

# What most people open. Templates that these include are read with the first page that does.
_PAGES = (
    "base.html",
    "account/login.html",
    "kloutsite/landing.html",
    "perks/claim.html",
    "perks/list.html",
    "perks/mine.html",
    "perks/one.html",
    "perks/perk.html",
    "scoring/home.html",
    "scoring/score.html",
    "scoring/why.html",
)


def warm() -> None:
    """Import the pages, and read languages and templates. Asks neither database nor network."""
    reverse("healthz")
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            translation.gettext("")
    for name in _PAGES:
        get_template(name)
