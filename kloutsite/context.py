"""What every template may know about the site."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the main navigation. `current`: "page", "true" (a page below it) or ""."""

    label: str | Promise
    url: str
    current: str


# URL name of the place, its label, and the names of the pages below it.
_PLACES: tuple[tuple[str, str | Promise, frozenset[str]], ...] = (
    ("home", _("Home"), frozenset()),
    ("score", _("Score"), frozenset({"why"})),
    ("plusk", "+K", frozenset({"plusk_give"})),
    (
        "perks",
        _("Perks"),
        frozenset(
            {
                "perk",
                "perk_act",
                "perk_claim",
                "perks_mine",
                "perk_mine",
                "perk_mine_act",
                "perk_leave",
                "perk_correct",
                "perk_give_back",
            }
        ),
    ),
    (
        "links",
        _("Links"),
        frozenset(
            {
                "link",
                "link_unlink",
                "archive_upload",
                "what_we_read",
                "start",
                "choose",
                "choose_missing",
            }
        ),
    ),
)
# Pages that search engines may list: they are the same for everybody.
_PUBLIC = frozenset({"landing", "how_it_counts", "api_docs"})


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the sandbox flag, the viewer's chosen theme ("" follows the device) and the places.

    `languages`: those of this site, each by its own name, whatever language is read.
    `mails_printed`: there is no mail server, so a mail stands where the site was started.
    `places` and `menu` are empty for people who are not signed in.
    """
    match = request.resolver_match
    name = match.url_name or "" if match else ""
    user: Any = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    language = translation.get_language() or settings.LANGUAGE_CODE
    return {
        "sandbox": settings.SANDBOX,
        "languages": settings.LANGUAGES,
        "mails_printed": settings.MAIL_SERVER is None,
        "theme": getattr(user, "theme", ""),
        "public": name in _PUBLIC,
        "places": _places(name) if signed_in else (),
        "menu": _menu(language, user.is_staff) if signed_in else "",
    }


@cache
def _menu(language: str, staff: bool) -> SafeString:
    """Return what a person's menu leads to: it stands on every page, and is the same for all."""
    with translation.override(language):
        return render_to_string("kloutsite/_person_menu_links.html", {"staff": staff})


@cache
def _places(name: str) -> tuple[Place, ...]:
    return tuple(_place(*place, name) for place in _PLACES)


def _place(url_name: str, label: str | Promise, below: frozenset[str], name: str) -> Place:
    current = "page" if name == url_name else "true" if name in below else ""
    return Place(label, reverse(url_name), current)
