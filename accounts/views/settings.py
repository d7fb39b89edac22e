"""Settings: name, language, time zone, look. Passwords and addresses have allauth's own pages."""

import zoneinfo

from django import forms
from django.conf import settings as django_settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import mailing
from accounts.models import User
from accounts.views import person
from accounts.written import check


def _zones() -> list[tuple[str, str]]:
    """Return the time zones named by a place, and UTC, as choices."""
    places = {name for name in zoneinfo.available_timezones() if "/" in name}
    odd = ("Etc/", "SystemV/", "US/", "posix/", "right/")
    return [(name, name) for name in ["UTC", *sorted(n for n in places if not n.startswith(odd))]]


def _languages() -> list[tuple[str, str]]:
    """Return the languages of this site by their own names, that of the browser first."""
    return [("", _("As my browser")), *django_settings.LANGUAGES]


class SettingsForm(forms.Form):
    """What a person may change about themselves here."""

    display_name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=80,
        required=False,
        validators=[check],
        help_text=gettext_lazy("What we call you. Leave it empty to be called by your user name."),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=lazy(_zones, list),
        help_text=gettext_lazy("Times are shown in it, and your day begins and ends by it."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=lazy(_languages, list),
        required=False,
        help_text=gettext_lazy("Of pages and of the mails to you."),
    )
    theme = forms.ChoiceField(
        label=gettext_lazy("Look"), choices=User.Theme.choices, required=False
    )


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Show the form and save it."""
    user = person(request)
    known = {name: getattr(user, name) for name in SettingsForm.base_fields}
    form = SettingsForm(request.POST or None, initial=known, label_suffix="")
    if request.method == "POST" and form.is_valid():
        for name in form.changed_data:
            setattr(user, name, form.cleaned_data[name])
        user.save(update_fields=form.changed_data)
        if "time_zone" in form.changed_data:
            mailing.replan(user=user, now=timezone.now())
        with translation.override(user.language or translation.get_language()):
            messages.success(request, _("Saved."))
        return redirect("settings")
    status = 400 if form.errors else 200
    return render(request, "accounts/settings.html", {"form": form}, status=status)
