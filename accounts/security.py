"""Tells people of what protects their account: signing in, passwords, addresses, keys, ways in.

Each is mailed at once (accounts.notice_kinds). One kind is told once a minute at most: setting up a
second factor makes recovery codes too, and that is one thing to its person.
"""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.signals import (
    email_added,
    email_changed,
    email_removed,
    password_changed,
    password_reset,
    password_set,
    user_logged_in,
)
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.signals import social_account_added, social_account_removed
from django.conf import settings
from django.core import signing
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import linking, notices
from accounts.models import User

JUST_MADE = timedelta(minutes=10)  # of an account: whoever signs in then has just signed up
REMEMBERED = timedelta(days=400)  # the longest that browsers keep a cookie
PEOPLE_A_BROWSER = 8
_SALT = "accounts.known_browser"

# Signs in what a browser says of itself, the telling ones first: each also names those after it.
_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iOS",
    "iPad": "iOS",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


@receiver(user_logged_in)
def tell_of_new_browser(
    request: HttpRequest, response: HttpResponse, user: User, **_kwargs: Any
) -> None:
    """Tell that somebody signed in with a browser that never did, and remember it in a cookie.

    Made-up people of the sandbox are shared, and whoever has just signed up knows.
    """
    known = _known(request)
    if user.pk in known:
        return
    now = timezone.now()
    if not user.is_sample and now - user.date_joined > JUST_MADE:
        said = request.headers.get("User-Agent", "")
        values = {"browser": _named(said, _BROWSERS), "system": _named(said, _SYSTEMS)}
        _tell(user, "new_sign_in", now, values)
    response.set_cookie(
        _cookie(),
        signing.dumps([user.pk, *known][:PEOPLE_A_BROWSER], salt=_SALT),
        max_age=REMEMBERED,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@receiver([password_changed, password_set, password_reset])
def tell_of_password(user: User, **_kwargs: Any) -> None:
    """Tell that the password is another one."""
    _tell(user, "password_changed", timezone.now())


@receiver([email_added, email_changed, email_removed])
def tell_of_address(user: User, **_kwargs: Any) -> None:
    """Tell that there is an address more or less, or another first one."""
    _tell(user, "address_changed", timezone.now())


@receiver([authenticator_added, authenticator_removed, authenticator_reset])
def tell_of_second_factor(user: User, **_kwargs: Any) -> None:
    """Tell that there is a passkey or second factor more or less."""
    _tell(user, "second_factor_changed", timezone.now())


@receiver(social_account_added)
def tell_of_way_in(sociallogin: SocialLogin, **_kwargs: Any) -> None:
    """Tell that another account elsewhere signs in to this one."""
    account = sociallogin.account
    _tell(account.user, "way_in_added", timezone.now(), _network_of(account))


@receiver(social_account_removed)
def tell_of_lost_way_in(socialaccount: SocialAccount, **_kwargs: Any) -> None:
    """Tell that an account elsewhere does not sign in to this one any more."""
    account = socialaccount
    _tell(account.user, "way_in_removed", timezone.now(), _network_of(account))


def _tell(user: User, kind: str, now: datetime, values: notices.Values | None = None) -> None:
    notices.tell(person_id=user.pk, kind=kind, key=f"{now:%Y%m%d%H%M}", values=values, now=now)


def _network_of(account: SocialAccount) -> dict[str, str]:
    network, _issuer = linking.network_of(account)
    return {"network": linking.name_of(network)}


def _cookie() -> str:
    return "__Host-known" if settings.SESSION_COOKIE_SECURE else "known"


def _known(request: HttpRequest) -> list[int]:
    """Return who signed in with this browser before, the last first."""
    try:
        known = signing.loads(request.COOKIES.get(_cookie(), ""), salt=_SALT)
    except signing.BadSignature:
        return []
    return [int(one) for one in known]


def _named(said: str, signs: dict[str, str]) -> str:
    return next((name for sign, name in signs.items() if sign in said), "")
