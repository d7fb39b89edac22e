"""The admin: every table to search and to look at, and next to nothing to change.

Whatever happens here happens through pages and commands, which keep rows in agreement; a row that
is changed by hand would not. What can be changed is whether somebody may sign in or runs the site,
and a second factor that somebody lost can be removed; Django writes both down.

What is sealed, secret or a picture is not shown.
"""

from typing import Any

# These register what is registered anew below.
import allauth.account.admin
import allauth.mfa.admin
import allauth.socialaccount.admin  # noqa: F401
import django.contrib.auth.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest

from accounts.models import User

APPS = ("accounts", "scoring", "perks")
_SECRET = {"password", "secret", "report_secret", "token", "token_secret", "data"}
_TEXTS = (models.CharField, models.TextField)


def is_secret(field: "models.Field[Any, Any]") -> bool:
    """Tell whether a column is not for anybody's eyes."""
    hidden = field.name in _SECRET or field.name.startswith("sealed_")
    return hidden or isinstance(field, models.BinaryField)


class Look(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows to search and to look at."""

    list_per_page = 50
    show_full_result_count = False
    ordering = ("-pk",)
    changes: tuple[str, ...] = ()  # what can be changed of a row
    removable = False

    def _columns(self) -> "list[models.Field[Any, Any]]":
        return [one for one in self.model._meta.concrete_fields if not is_secret(one)]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:  # noqa: ARG002
        """Return every column that is not secret."""
        return [one.name for one in self._columns()]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return the columns that stay as they are."""
        return [name for name in self.get_fields(request, obj) if name not in self.changes]

    def get_list_display(self, request: HttpRequest) -> list[Any]:  # noqa: ARG002
        """Return what a row is called, and the first two of its times."""
        times = [one.name for one in self._columns() if isinstance(one, models.DateField)]
        return ["pk", "__str__", *times[:2]]

    def get_search_fields(self, request: HttpRequest) -> list[str]:  # noqa: ARG002
        """Return the texts of a row and the names of its people; else its number."""
        columns = self._columns()
        texts = [one.name for one in columns if isinstance(one, _TEXTS)]
        people = [f"{one.name}__username" for one in columns if one.related_model is User]
        number = "pk__pk" if self.opts.pk.related_model else "pk"  # of what the row belongs to
        return [*texts, *people] or [f"={number}"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Leave what is not shown in the database."""
        secret = [field.name for field in self.model._meta.concrete_fields if is_secret(field)]
        return super().get_queryset(request).defer(*secret)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Rows are made by what people do."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody change what holds nothing to be changed."""
        return bool(self.changes) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody remove what other rows agree with."""
        return self.removable and super().has_delete_permission(request, obj)


class People(Look):
    """Who may sign in, and who runs the site."""

    changes = ("is_active", "is_staff")


class SecondFactors(Look):
    """A second factor that is lost can be removed, once it is sure who asks."""

    removable = True


_OTHERWISE: dict[type[models.Model], type[Look]] = {User: People, Authenticator: SecondFactors}
_OF_OTHERS = (EmailAddress, SocialAccount, SocialApp, SocialToken, Authenticator, LogEntry)

# Nobody here belongs to a group: who runs the site is a column of the person.
admin.site.unregister(Group)

for _model in (
    *(one for label in APPS for one in apps.get_app_config(label).get_models()),
    *_OF_OTHERS,
):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
    admin.site.register(_model, _OTHERWISE.get(_model, Look))
