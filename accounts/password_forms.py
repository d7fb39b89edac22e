"""The form that asks for a new password."""

from allauth.account.forms import ResetPasswordForm
from allauth.account.models import EmailAddress

from accounts.models import User


class NewPasswordForm(ResetPasswordForm):  # type: ignore[misc]
    """Sends the way to a new password to a confirmed address, where a person has one.

    One that they added with a slip may be somebody else's, who learns of it by the mail that asks
    to confirm it, and would get in.
    """

    users: list[User]

    def clean_email(self) -> str:
        """Return the address, and leave out of `users` whose it may not be."""
        email: str = super().clean_email()
        self.users = [user for user in self.users if _may_be_theirs(user, email)]
        return email


def _may_be_theirs(user: User, email: str) -> bool:
    """Tell whether a person confirmed this address, or none at all so far."""
    confirmed = EmailAddress.objects.filter(user=user, verified=True)
    addresses = {one.lower() for one in confirmed.values_list("email", flat=True)}
    return not addresses or email.lower() in addresses
