"""Where somebody lives and when they were born: asked where a perk needs it, and nowhere else."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.countries import COUNTRIES
from accounts.models import GivenFacts
from accounts.views import person
from perks.models import Campaign

EARLIEST = 1900
YOUNGEST = 13  # years: younger ones may have no account at most of the networks that are read


def _countries() -> list[tuple[str, str]]:
    names = sorted((str(name), code) for code, name in COUNTRIES.items())
    return [("", _("I would rather not say")), *((code, name) for name, code in names)]


class GivenForm(forms.Form):
    """Two facts that nothing here can read, both left out if one likes."""

    country = forms.ChoiceField(
        label=gettext_lazy("Country where you live"), choices=lazy(_countries, list), required=False
    )
    birth_year = forms.IntegerField(
        label=gettext_lazy("Year of birth"),
        required=False,
        min_value=EARLIEST,
        error_messages={"min_value": gettext_lazy("Check the year, or leave it out.")},
    )

    def clean_birth_year(self) -> int | None:
        """Refuse years that are to come, and those of children."""
        year: int | None = self.cleaned_data["birth_year"]
        today = timezone.localdate().year
        if year is not None and year > today:
            raise forms.ValidationError(_("This year is still to come."))
        if year is not None and year > today - YOUNGEST:
            raise forms.ValidationError(
                _("You would be younger than %(age)s. Check the year, or leave it out.")
                % {"age": YOUNGEST}
            )
        return year


@require_http_methods(["GET", "POST"])
def given(request: HttpRequest) -> HttpResponse:
    """Show the form and save it; who came from a perk goes back there."""
    user = person(request)
    kept = GivenFacts.objects.filter(user=user).first() or GivenFacts(user=user)
    slug = request.POST.get("perk", "") or request.GET.get("perk", "")
    came = Campaign.objects.filter(slug=slug, published_at__isnull=False).first()
    known: dict[str, Any] = {"country": kept.country, "birth_year": kept.birth_year}
    form = GivenForm(request.POST or None, initial=known, label_suffix="")
    if request.method == "POST" and form.is_valid():
        GivenFacts.objects.update_or_create(user=user, defaults=form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("perk", came.slug) if came else redirect("perks")
    context = {"form": form, "came": came}
    return render(request, "perks/given.html", context, status=400 if form.errors else 200)
