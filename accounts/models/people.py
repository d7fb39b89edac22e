"""Who a person of this site is."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


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
    is_sample = models.BooleanField(default=False, help_text="A made-up person of the sandbox.")

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
