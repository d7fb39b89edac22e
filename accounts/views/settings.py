"""Settings: name, time zone, look. Passwords, addresses and keys have allauth's own pages."""

import zoneinfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.views import person


def _zones() -> list[tuple[str, str]]:
    """Return every time zone of this machine: ("Europe/Lisbon", "Europe/Lisbon")."""
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())]


class SettingsForm(forms.ModelForm[User]):
    """What a person may change about themselves here."""

    time_zone = forms.ChoiceField(choices=lazy(_zones, list))

    class Meta:
        model = User
        fields = ["display_name", "time_zone", "theme"]


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Show the form and save it."""
    user = person(request)
    form = SettingsForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        user.save(update_fields=form.changed_data)
        messages.success(request, _("Saved."))
        return redirect("settings")
    return render(
        request, "accounts/settings.html", {"form": form}, status=400 if form.errors else 200
    )
