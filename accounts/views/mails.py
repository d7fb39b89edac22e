"""Mails: what comes, and when?"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import mailing
from accounts.models import Mailing, NoticeChoice, User
from accounts.notice_kinds import GROUPS, KINDS, Mail
from accounts.views import person, pressed

_HOURS = [("", gettext_lazy("None")), *((str(hour), f"{hour:02}:00") for hour in range(24))]
_CHOSEN = {name: kind for name, kind in KINDS.items() if kind.mail == Mail.MORNING}


class MailsForm(forms.Form):
    """What a person wants mailed."""

    link_mails = forms.BooleanField(
        label=gettext_lazy("When a link needs me, and answers to my cases"),
        required=False,
        help_text=gettext_lazy(
            "One mail when a link needs you, one reminder after five days, and answers to your "
            "cases."
        ),
    )
    perks = forms.BooleanField(
        label=gettext_lazy("About perks I claimed, wait for or asked to be reminded of"),
        required=False,
    )
    digest = forms.ChoiceField(
        label=gettext_lazy("How my score went"), choices=Mailing.Digest.choices, required=False
    )
    kinds = forms.MultipleChoiceField(
        choices=[(name, kind.title) for name, kind in _CHOSEN.items()], required=False
    )
    quiet_from = forms.ChoiceField(label=gettext_lazy("Quiet from"), choices=_HOURS, required=False)
    quiet_to = forms.ChoiceField(label=gettext_lazy("until"), choices=_HOURS, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse quiet hours with one end, or with no length."""
        said: dict[str, Any] = super().clean() or {}
        begins, ends = said.get("quiet_from", ""), said.get("quiet_to", "")
        if bool(begins) != bool(ends):
            self.add_error("quiet_to", _("Quiet hours need both a beginning and an end."))
        elif begins and begins == ends:
            self.add_error("quiet_to", _("These begin and end at once. Choose two hours."))
        return said

    @property
    def quiet(self) -> tuple[int, int] | None:
        """The quiet hours, of a form that is valid."""
        begins, ends = self.cleaned_data["quiet_from"], self.cleaned_data["quiet_to"]
        return (int(begins), int(ends)) if begins else None


@require_http_methods(["GET", "POST"])
def mails(request: HttpRequest) -> HttpResponse:
    """Show what comes by mail, and save it."""
    user = person(request)
    mine = Mailing.objects.filter(user=user).first() or Mailing(user=user)
    form = MailsForm(request.POST or None, initial=_known(user, mine), label_suffix="")
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        user.link_mails = said["link_mails"]
        user.save(update_fields=["link_mails"])
        mailing.choose(
            user=user,
            digest=said["digest"],
            quiet=form.quiet,
            perks=said["perks"],
            kinds=said["kinds"],
            now=timezone.now(),
        )
        messages.success(request, _("Saved."))
        return redirect("mails")
    ticked = set(form["kinds"].value() or [])
    context = {
        "form": form,
        "groups": [
            (label, [(n, k.title, n in ticked) for n, k in _CHOSEN.items() if k.group == group])
            for group, label in GROUPS.items()
        ],
        "always": [kind.title for kind in KINDS.values() if kind.mail == Mail.ALWAYS],
        "address": mailing.address_of(user),
        "refused": mailing.refused(user),
        "zone": user.time_zone,
        "morning": mailing.MORNING,
    }
    return render(request, "accounts/mails.html", context, status=400 if form.errors else 200)


@pressed("mails")
def again(request: HttpRequest) -> HttpResponse:
    """Write to a refused address again: its person says that it works."""
    mailing.try_again(user=person(request))
    messages.success(
        request, _("Mails go there again. If it is refused once more, this page says so.")
    )
    return redirect("mails")


def _known(user: User, mine: Mailing) -> dict[str, Any]:
    chosen = NoticeChoice.objects.filter(user=user, mailed=True)
    return {
        "link_mails": user.link_mails,
        "perks": mine.perks,
        "digest": mine.digest,
        "kinds": list(chosen.values_list("kind", flat=True)),
        "quiet_from": "" if mine.quiet_from is None else str(mine.quiet_from),
        "quiet_to": "" if mine.quiet_to is None else str(mine.quiet_to),
    }
