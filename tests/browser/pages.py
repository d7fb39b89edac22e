"""Every page a person can open, and what must be there before it shows what it is for.

Add an entry for each new page: all the checks of test_pages.py then hold for it, and
`python -m tests.browser.shots FOLDER` takes its picture.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from accounts.models import User


@dataclass(frozen=True)
class Visit:
    """Who opens which address."""

    path: str
    user: User | None = None


@dataclass(frozen=True)
class PageEntry:
    """One page: the name of its picture, what makes it ready, the status it answers with."""

    name: str
    prepare: Callable[[], Visit]
    status: int = 200


def ada() -> User:
    """Return a member with a password and no links yet."""
    user = User.objects.create_user("ada", "ada@example.org", "correct horse battery")
    user.display_name = "Ada"
    user.save()
    return user


def _public(url_name: str) -> Callable[[], Visit]:
    return lambda: Visit(reverse(url_name))


def _members(url_name: str) -> Callable[[], Visit]:
    return lambda: Visit(reverse(url_name), user=ada())


PAGES = [
    PageEntry("landing", _public("landing")),
    PageEntry("how-it-counts", _public("how_it_counts")),
    PageEntry("sign-in", _public("account_login")),
    PageEntry("sign-up", _public("account_signup")),
    PageEntry("password-reset", _public("account_reset_password")),
    PageEntry("password-reset-sent", _public("account_reset_password_done")),
    PageEntry("said-no", _public("socialaccount_login_cancelled")),
    PageEntry("network-error", _public("socialaccount_login_error")),
    PageEntry("not-found", lambda: Visit("/nothing-here/"), status=404),
    PageEntry("sign-out", _members("account_logout")),
    PageEntry("e-mail", _members("account_email")),
    PageEntry("password-change", _members("account_change_password")),
    PageEntry("second-factor", _members("mfa_index")),
    PageEntry("connections", _members("socialaccount_connections")),
    PageEntry("not-found-signed-in", lambda: Visit("/nothing-here/", user=ada()), status=404),
]
