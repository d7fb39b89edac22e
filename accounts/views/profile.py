"""What others see of a person: their handle, what they show and to whom, and whom they block."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts import blocking, handles, searching
from accounts.models import BIO, HANDLE, Audience, Profile, User
from accounts.views import person, pressed
from accounts.visibility import ITEMS, reach
from accounts.written import check


def _audience(label: Any, explained: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=Audience.choices, required=False, help_text=explained
    )


class ProfileForm(forms.Form):
    """What a person shows of themselves. Everything is closed until they open it."""

    display_name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=80, required=False, validators=[check]
    )
    handle = forms.CharField(
        label=gettext_lazy("Your handle"),
        max_length=HANDLE + 1,
        required=False,
        help_text=gettext_lazy(
            "The address of your page: 3 to 30 letters a to z, digits or _. It can be changed once "
            "in 30 days; the old one leads to you for 90 days and is given to nobody else."
        ),
    )
    bio = forms.CharField(
        label=gettext_lazy("About you"), max_length=BIO, required=False, validators=[check]
    )
    page = _audience(
        gettext_lazy("Who may open your page"),
        gettext_lazy("Everybody else reads the same as for a handle that nobody has."),
    )
    score = _audience(
        gettext_lazy("Your score"),
        gettext_lazy("Also in the pulse, by name, and beside others in Compare."),
    )
    history = _audience(
        gettext_lazy("How it went over 90 days"),
        gettext_lazy(
            "The score of each day: seen only by those who see your score too. With both open to "
            "everyone, milestones can be followed by feed."
        ),
    )
    topics = _audience(
        gettext_lazy("Your topics"),
        gettext_lazy(
            "Also on the pages of these topics: your name, your place and your public posts that "
            "moved people. Never those on health, belief, party or love, though you added them."
        ),
    )
    badges = _audience(
        gettext_lazy("Your badges"),
        gettext_lazy(
            "Pinned ones first, hidden ones never. They are in the feed of milestones too."
        ),
    )
    style = _audience(gettext_lazy("Your style"))
    moments = _audience(
        gettext_lazy("Your moments"),
        gettext_lazy(
            "Your public posts of 90 days that moved most, with their points; nobody who responded."
        ),
    )
    networks = _audience(gettext_lazy("Your linked accounts"))
    plusk = _audience(
        gettext_lazy("Your +K"),
        gettext_lazy(
            "How much you have in each topic, to those who see your topics, and why it was given "
            "where who gave it lets that be read."
        ),
    )
    findable = forms.BooleanField(
        label=gettext_lazy("Members may find me by handle or name"), required=False
    )
    indexed = forms.BooleanField(
        label=gettext_lazy("Search engines may list my page, if everyone may open it"),
        required=False,
    )

    def __init__(self, data: QueryDict | None, *, initial: dict[str, Any], had: str) -> None:
        super().__init__(data, initial=initial, label_suffix="")
        self.had = had

    def clean_handle(self) -> str:
        """Return the handle in its one spelling. Raises ValidationError."""
        text = str(self.cleaned_data["handle"])
        if not text and not self.had:
            return ""
        try:
            return handles.checked(text)
        except handles.HandleError as error:
            raise ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        """Ask for a handle where there is to be a page."""
        known = super().clean() or self.cleaned_data
        if known.get("page") and not known.get("handle") and "handle" not in self.errors:
            self.add_error("handle", _("A page needs a handle for its address. Choose one."))
        return known


_KEPT = (
    "bio", "page", "score", "history", "topics", "badges", "style", "moments", "networks", "plusk",
    "findable", "indexed",
)  # fmt: skip


@require_http_methods(["GET", "POST"])
def profile_settings(request: HttpRequest) -> HttpResponse:
    """Show what others see and save what the person changes."""
    user = person(request)
    had = handles.current(user)
    kept = Profile.objects.filter(user=user).first() or Profile(user=user)
    known = {name: getattr(kept, name) for name in _KEPT}
    known |= {"handle": had, "display_name": user.display_name}
    form = ProfileForm(request.POST or None, initial=known, had=had)
    if request.method == "POST" and form.is_valid() and _saved(form, user):
        messages.success(request, _("Saved. Have a look at what others see now."))
        return redirect("profile_settings")
    context = {
        "form": form,
        "handle": had,
        "circle": reach(kept, "page"),
        "opened": sum(bool(reach(kept, item)) for item in ITEMS),
        "parts": len(ITEMS),
        "blocks": blocking.blocked_by(user),
    }
    status = 400 if form.errors else 200
    return render(request, "accounts/profile.html", context, status=status)


def _saved(form: ProfileForm, user: User) -> bool:
    """Save a sound form; False where the handle could not be had, which the form then says."""
    values = form.cleaned_data
    try:
        with transaction.atomic():
            if values["handle"]:
                handles.take(user, values["handle"], now=timezone.now())
            User.objects.filter(pk=user.pk).update(display_name=values["display_name"])
            Profile.objects.update_or_create(
                user=user, defaults={name: values[name] for name in _KEPT}
            )
    except handles.HandleError as error:
        form.add_error("handle", str(error))
        return False
    return True


@pressed("profile", "handle")
def profile_block(request: HttpRequest, handle: str) -> HttpResponse:
    """Block the person of a page that the viewer may see."""
    user, now = person(request), timezone.now()
    found = handles.find(handle, viewer=user, now=now)
    if found.profile is None or found.profile.user_id == user.pk:
        raise Http404
    blocking.block(by=user, whom=found.profile.user, now=now)
    messages.success(
        request,
        _("@%(name)s is blocked and finds nothing of yours any more. They are not told.")
        % {"name": found.name},
    )
    return redirect("profile_settings")


@pressed("people")
def profile_unblock(request: HttpRequest, user_id: int) -> HttpResponse:
    """Take a block back."""
    blocking.unblock(by=person(request), whom_id=user_id)
    messages.success(request, _("The block is taken back."))
    return redirect("profile_settings")


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Find people who want to be found."""
    asked = request.GET.get("q", "")[: searching.LONGEST].strip()
    context = {
        "asked": asked,
        "short": 0 < len(asked) < searching.SHORTEST,
        "found": searching.search(asked, viewer=person(request)),
    }
    return render(request, "accounts/people.html", context)
