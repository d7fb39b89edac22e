"""Where allauth asks us: who may link what, where people land, and what they read when it fails.

Each guard answers a trap that was reproduced against allauth 65.21; tests/accounts/
test_linking_traps.py walks into every one of them.
"""

import logging
import time
from http import HTTPStatus
from typing import Any, ClassVar, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers import registry
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import connectors, unlinking
from accounts.connectors.base import Access
from accounts.linking import network_of
from accounts.models import Grant, Source, User

NOT_SENT = HTTPStatus.SERVICE_UNAVAILABLE  # of the page that says so of a mail

logger = logging.getLogger(__name__)

# LinkedIn's words for "the person said no"; everybody else says access_denied.
_SAID_NO = frozenset({"access_denied", "user_cancelled_login", "user_cancelled_authorize"})
# Its word for a permission whose product was never approved for this site's app.
_NOT_APPROVED = frozenset({"unauthorized_scope_error"})

# Passes when the person proved lately who they are; else allauth asks and repeats the request.
_confirm_person = reauthentication_required(app="accounts.linking")(lambda _request: HttpResponse())


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in and sign-up."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Tell whether an account can be made with an address: where a mail can reach it.

        On one machine it is printed where the site was started, and there its person is too.
        """
        return settings.MAIL_SERVER is not None or bool(settings.LOCAL)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail at once; where the mail server does not take it, say so on a page."""
        try:
            super().send_mail(template_prefix, email, context | {"site_url": settings.SITE_URL})
        except OSError as error:  # also of smtplib
            logger.error("a mail was not taken: %s", type(error).__name__)  # noqa: TRY400 (addresses)
            page = render(self.request, "account/mail_not_sent.html", status=NOT_SENT)
            raise ImmediateHttpResponse(page) from error

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Go on where the person left off: an unfinished choice, else home."""
        return _unfinished_choice(request) or reverse("home")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """Go to the choice when a network came along, else to the list of networks."""
        return _unfinished_choice(request) or reverse("start")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Tell whether the person must prove again who they are.

        Linking asks when it starts, not when the network answers: allauth would put the network's
        token into the session meanwhile. Having just signed in is proof enough.
        """
        match = self.request.resolver_match
        if match is not None and (match.url_name or "").endswith("_callback"):
            return False
        records = get_authentication_records(self.request, self.request.user)
        if records and time.time() - records[-1]["at"] < REAUTHENTICATION_TIMEOUT:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Sign-in and linking by a network."""

    error_messages: ClassVar[dict[str, Any]] = DefaultSocialAccountAdapter.error_messages | {
        "no_password": unlinking.ONLY_WAY_IN,
        "no_verified_email": unlinking.ONLY_WAY_IN,
    }

    def is_open_for_signup(self, _request: HttpRequest, _login: SocialLogin) -> bool:
        """Tell that a network lets everybody in: that needs no mail."""
        return True

    def generate_state_param(self, state: dict[str, Any]) -> str:
        """Note in the state who starts, and let nobody add a way in who just found a session."""
        request = self.request
        state["started_by"] = request.user.pk
        if state.get("process") == "connect":
            _confirm_person(request)
        return str(super().generate_state_param(state))

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Stop an answer that would link, split or take over the wrong profile.

        Runs before anything is kept: receivers write the grant after this let the login pass.
        """
        sociallogin.email_addresses = []  # a network's word about an address proves nothing here
        asks = request.user.pk  # None: not signed in
        same_person = sociallogin.state.get("started_by") == asks
        if not same_person:
            _refuse(
                request,
                sociallogin,
                _(
                    "%(network)s answered, but you are not signed in as the person who asked. "
                    "Nothing was linked. Start again here."
                ),
            )
        if asks is None:
            return
        if sociallogin.account.user_id not in {None, asks}:
            _refuse(
                request,
                sociallogin,
                _(
                    "This %(network)s account is linked to another profile here, and nothing was "
                    "changed. If that profile is yours, sign in there with it, unlink it, and link "
                    "it here again; or go on using that profile."
                ),
            )
        if sociallogin.state.get("process") != "connect":
            _refuse(
                request,
                sociallogin,
                _(
                    "You are signed in already, so %(network)s was not used to sign in. To add it "
                    "to your profile, link it here."
                ),
            )

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        exception: Exception | None = None,
        **_kwargs: Any,
    ) -> None:
        """Say in one sentence what happened and bring the person back to where they can go on.

        A network of many servers asks again on a page of its own, with the server filled in.
        """
        said = request.GET.get("error", "")
        if said in _SAID_NO:
            words = _("You said no at %(network)s. Nothing was stored.")
        elif said in _NOT_APPROVED:
            words = _(
                "%(network)s has not approved this site for what it asks. That is ours to mend, "
                "and not yours. Nothing was stored."
            )
        elif provider.id in connectors.OF_MANY_SERVERS:
            return
        elif isinstance(exception, OAuth2Error) and str(exception):
            words = _("%(network)s could not be linked: %(why)s Nothing was stored.")
        elif exception is None and not said:
            words = _(
                "%(network)s answered to a question that this browser did not ask, or asked more "
                "than 10 minutes ago, or asked once already. Nothing was linked. Start again here."
            )
        else:
            words = _(
                "%(network)s did not finish the link; what it answered was no answer we know. "
                "Nothing was stored. Try again in a minute."
            )
        _stop(request, words % {"network": provider.name, "why": exception})

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        """Take handle and name from the network; never an address."""
        user: User = super().populate_user(
            request, sociallogin, {"username": data.get("username") or ""}
        )
        name = " ".join(str(data.get("name") or "").split())
        user.display_name = "".join(c for c in name if c.isprintable())[:80]
        user.username = self._free_username(user)
        return user

    @staticmethod
    def _free_username(user: User) -> str:
        wanted = [user.username, user.display_name, "person"]
        return str(DefaultAccountAdapter().generate_unique_username(wanted))

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: SocialAccount) -> str:
        """Go to the choice of the new grant; to the links when it was connected once more."""
        grant = Grant.objects.filter(
            account=socialaccount.pk, account__user=request.user.pk
        ).first()
        if grant is None or grant.sources.filter(selected=True).exists():
            return reverse("links")
        return reverse("choose", args=[grant.pk])

    def validate_disconnect(self, account: SocialAccount, *_accounts: Any) -> None:
        """Refuse to remove the only way in: allauth counts a password without an address as one.

        And refuse while something of it counts: the page of unlinking says what that does to the
        score. accounts.views.ways_in puts check and removal into one transaction.
        """
        unlinking.hold_links(account.user_id)
        if not account.user.can_sign_in_without(account):
            raise ValidationError(unlinking.ONLY_WAY_IN)
        if Source.objects.counted().filter(grant__account=account).exists():
            raise ValidationError(unlinking.STILL_COUNTS)

    def list_providers(self, request: HttpRequest) -> list[Any]:
        """Return what can be signed in with here; a network of many servers is listed once.

        Such a network has no app before its server is known: forms ask for the server first.
        """
        listed = [
            each
            for each in super().list_providers(request)
            if (each.id not in connectors.SIGN_IN or connectors.signs_in(each.id))
            and each.id not in connectors.OF_MANY_SERVERS
        ]
        asked = filter(connectors.has, connectors.OF_MANY_SERVERS)
        classes = [registry.get_class(network) for network in asked]
        return listed + [
            each(request, app=SocialApp(provider=each.id, name=each.name))
            for each in classes
            if each
        ]

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the apps asked for; with no question, those an operator configured.

        Every Mastodon server is a row of its own: the sign-in page must not load thousands of them.
        """
        if provider is not None or client_id is not None:
            return list(super().list_apps(request, provider=provider, client_id=client_id))
        return [
            app
            for name in settings.SOCIALACCOUNT_PROVIDERS
            for app in super(SocialAccountAdapter, self).list_apps(request, provider=name)
            if not app.settings.get("hidden")
        ]

    def serialize_instance(self, instance: Any) -> dict[str, Any]:
        """Return `instance` for the session; a token loses its secrets on the way."""
        if isinstance(instance, SocialToken):
            instance = SocialToken(expires_at=instance.expires_at)
        return dict(super().serialize_instance(instance))

    def get_requests_session(self) -> NoReturn:
        """Refuse: only accounts/connectors/http.py opens connections, and it guards them."""
        raise RuntimeError("Providers talk to networks through accounts.connectors.http only.")


def _refuse(request: HttpRequest, sociallogin: SocialLogin, sentence: str) -> NoReturn:
    """Stop a login of which nothing is kept, and have its network forget what it gave for it.

    Where that would end an access that somebody here goes on using, it is left alone.
    """
    granted, account = getattr(sociallogin, "granted", None), sociallogin.account
    if granted is not None:
        access = Access(
            token=granted.token,
            account_id=account.uid,
            server=granted.server,
            refresh=granted.refresh,
            key=granted.key,
        )
        network, _issuer = network_of(account)
        unlinking.forget_given(access, network=network, user_id=request.user.pk)
    _stop(request, sentence % {"network": sociallogin.provider.name})


def _stop(request: HttpRequest, sentence: str) -> NoReturn:
    """End the flow with a sentence on the page from which it can be started again."""
    messages.error(request, sentence)
    here = "links" if request.user.is_authenticated else "account_login"
    raise ImmediateHttpResponse(redirect(here))


def _unfinished_choice(request: HttpRequest) -> str:
    """Return the address of the newest grant that offers sources of which none counts, or ""."""
    grant = (
        Grant.objects.filter(account__user=request.user.pk, sources__isnull=False)
        .exclude(sources__selected=True)
        .order_by("-issued_at")
        .first()
    )
    return reverse("choose", args=[grant.pk]) if grant else ""
