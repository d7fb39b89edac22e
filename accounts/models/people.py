"""Who a person of this site is."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.prepared import NUMBER, Prepared

_UNREAD = "unread"


class Arriving(UserManager["User"]):
    """People as their session brings them: with how many notices they have not read.

    Being the default manager, it is what Django's sign-in asks; so the number in the header of
    every page costs no query of its own.
    """

    use_in_migrations = False

    def get_queryset(self) -> QuerySet["User"]:
        """Return people with `unread`."""
        from accounts.models.notices import Notice

        mine = Notice.objects.filter(user=OuterRef("pk")).unread().order_by().values("user")
        number = Subquery(mine.annotate(number=Count("pk")).values("number"))
        return super().get_queryset().annotate(**{_UNREAD: Coalesce(number, 0)})

    def get(self, *conditions: Any, **named: Any) -> "User":
        """Return a person. Every page asks by the id alone: that query is written once.

        Managers of a group's people, or of another database, are asked as Django asks them.
        """
        among_all = type(self) is Arriving and self._db is None
        if conditions or named.keys() != {"pk"} or not among_all:
            return super().get(*conditions, **named)
        for person in _BY_ID(named["pk"]):
            return person  # type: ignore[no-any-return]
        raise self.model.DoesNotExist


_BY_ID = Prepared(lambda pk: User.arriving.filter(pk=pk), NUMBER)


class User(AbstractUser):
    """A person of this site. Nobody is here who did not sign in."""

    class Theme(models.TextChoices):
        DEVICE = "", _("As my device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    display_name = models.CharField(_("name"), max_length=80, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    # "" is that of the browser. No choices here: a language more is no change of the table.
    language = models.CharField(_("language"), max_length=8, blank=True, default="")
    theme = models.CharField(_("look"), max_length=5, choices=Theme, blank=True, default="")
    link_mails = models.BooleanField(
        default=True, help_text="Mails when a link needs its person, and when a case is answered."
    )
    unread = 0  # notices, of somebody whom their session brought (Arriving)
    is_sample = models.BooleanField(default=False, help_text="A made-up person of the sandbox.")

    arriving: ClassVar[Arriving] = Arriving()

    class Meta:
        default_manager_name = "arriving"

    @property
    def called(self) -> str:
        """The name to greet the person by."""
        return self.display_name or self.get_full_name() or self.username

    def can_sign_in_without(self, account: SocialAccount) -> bool:
        """Tell whether there is another way in: an account, a password with address, a passkey."""
        if SocialAccount.objects.filter(user=self).exclude(pk=account.pk).exists():
            return True
        if self.has_usable_password() and EmailAddress.objects.filter(user=self).exists():
            return True
        keys = Authenticator.objects.filter(user=self, type=Authenticator.Type.WEBAUTHN)
        return any(key.wrap().is_passwordless for key in keys)
