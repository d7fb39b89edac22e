"""Forms of passkeys and security keys, whose names allauth leaves without a label to translate."""

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy


class _Named(forms.Form):
    """A form of a key with its name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = gettext_lazy("Name")


class AddKeyForm(_Named, AddWebAuthnForm):  # type: ignore[misc]
    """Adds a passkey or security key."""


class EditKeyForm(_Named, EditWebAuthnForm):  # type: ignore[misc]
    """Gives one another name."""
