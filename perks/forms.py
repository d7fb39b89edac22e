"""The form of a campaign: what an operator types, as a Draft and back.

Empty fields of the rules ask nothing. Times are those of the zone that is chosen in the form.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import connectors
from accounts.countries import COUNTRIES
from accounts.linking import name_of
from perks.acts import CampaignError
from perks.campaigns import MOST_QUESTIONS, Asked, Draft
from perks.eligibility import HIGHEST_SCORE, LONGEST_HERE, LOWEST_SCORE, OLDEST, Rules, Unclaimed
from perks.models import Campaign
from perks.models.campaigns import MOST_A_PERSON
from perks.stock import MOST_UNITS
from scoring.views import taxonomy as names

_UNCLAIMED = (
    (Unclaimed.WHATEVER, gettext_lazy("It does not matter")),
    (Unclaimed.BRAND, gettext_lazy("Nothing of this brand")),
    (Unclaimed.ANY, gettext_lazy("No perk at all")),
)
_WORDS = (
    "title", "brand", "gets", "description", "how_to_use", "contact", "disclosure", "mode",
    "delivery", "planned", "waiting_list", "per_person", "time_zone",
)  # fmt: skip
_NUMBERS = ("place", "age_from", "age_to", "new_here", "here_for")


def _line(label: Any, most: int, explained: Any = "", **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, help_text=explained, **more)


def _text(label: Any, most: int, explained: Any = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 4})
    return _line(label, most, explained, required=False, widget=area)


def _number(label: Any, most: int, explained: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=0, max_value=most, required=False, help_text=explained
    )


def _score(label: Any) -> forms.FloatField:
    return forms.FloatField(
        label=label, min_value=LOWEST_SCORE, max_value=HIGHEST_SCORE, required=False
    )


def _time(label: Any, explained: Any = "", *, required: bool = True) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        required=required,
        help_text=explained,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


def _networks() -> list[tuple[str, str]]:
    return [(name, name_of(name)) for name in sorted(connectors.names())]


def _several(label: Any, choices: Any, explained: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=choices,
        required=False,
        help_text=explained,
        widget=forms.CheckboxSelectMultiple,
    )


class CampaignForm(forms.Form):
    """Everything that a campaign says but its picture and its codes."""

    title = _line(gettext_lazy("Title"), 120)
    brand = _line(gettext_lazy("Brand"), 80)
    gets = _line(gettext_lazy("What one gets, in a sentence"), 200)
    description = _text(gettext_lazy("More about it"), 4_000)
    how_to_use = _text(gettext_lazy("How to use it, shown with the code"), 2_000)
    contact = _line(gettext_lazy("Where the brand can be written to"), 200, required=False)

    opens_at = _time(gettext_lazy("Opens"))
    closes_at = _time(gettext_lazy("Closes"), gettext_lazy("72 hours later or more, but for lots."))
    time_zone = _line(
        gettext_lazy("Time zone of these times"), 64, gettext_lazy("As in “Europe/Lisbon”.")
    )
    usable_until = _time(gettext_lazy("Can be used until"), required=False)

    mode = forms.ChoiceField(
        label=gettext_lazy("Who gets one"),
        choices=Campaign.Mode.choices,
        help_text=gettext_lazy(
            "By lot, the SHA-256 of the seed is shown from the day it is published, and the seed "
            "after the draw, so that anybody can draw again."
        ),
    )
    delivery = forms.ChoiceField(
        label=gettext_lazy("What is handed over"), choices=Campaign.Delivery.choices
    )
    planned = forms.IntegerField(
        label=gettext_lazy("How many there are"), min_value=1, max_value=MOST_UNITS
    )
    per_person = forms.IntegerField(
        label=gettext_lazy("At most for one person, and for one account elsewhere"),
        min_value=1,
        max_value=MOST_A_PERSON,
    )
    waiting_list = forms.BooleanField(
        label=gettext_lazy("People may wait when all are taken"), required=False
    )

    score_from = _score(gettext_lazy("Score from"))
    score_to = _score(gettext_lazy("Score to"))
    topic = _line(
        gettext_lazy("Known for the topic"),
        120,
        gettext_lazy("By its name, as it stands on the page of topics."),
        required=False,
    )
    place = _number(gettext_lazy("Among the first so many there"), 1_000_000)
    countries = forms.MultipleChoiceField(
        label=gettext_lazy("Lives in one of these countries"),
        choices=[*COUNTRIES.items()],
        required=False,
        widget=forms.SelectMultiple({"size": 6}),
    )
    age_from = _number(gettext_lazy("Years old, at least"), OLDEST)
    age_to = _number(gettext_lazy("Years old, at most"), OLDEST)
    networks = _several(gettext_lazy("Has linked all of these"), _networks)
    new_here = _number(gettext_lazy("Days here, at most"), LONGEST_HERE)
    here_for = _number(gettext_lazy("Days here, at least"), LONGEST_HERE)
    unclaimed = forms.ChoiceField(
        label=gettext_lazy("Claimed before"), choices=_UNCLAIMED, required=False
    )

    disclosure = _line(
        gettext_lazy("A sentence to copy for whoever writes about it"),
        300,
        gettext_lazy("No post is owed. Who writes says with it that this was a gift."),
        required=False,
    )
    learns = _several(
        gettext_lazy("What the brand gets to know"),
        Campaign.Learns.choices,
        gettext_lazy("Nothing that is not ticked, and never a score."),
    )

    def __init__(
        self, data: QueryDict | None = None, *, initial: dict[str, Any], was: Draft | None = None
    ) -> None:
        super().__init__(data, initial=initial, label_suffix="")
        self.was = was
        for at in range(1, MOST_QUESTIONS + 1):
            self.fields |= _question(at)

    def full_clean(self) -> None:
        """Read times as those of the chosen zone."""
        with timezone.override(_zone(self.data.get("time_zone", ""))):
            super().full_clean()

    def clean_time_zone(self) -> str:
        """Return the name of a zone that there is. Raises ValidationError."""
        name = str(self.cleaned_data["time_zone"])
        if _zone(name).key != name:
            raise ValidationError(_("There is no such time zone. Write it as in “Europe/Lisbon”."))
        return name

    def clean_topic(self) -> str:
        """Return the slug of a topic of this name. Raises ValidationError."""
        typed = names.asked(str(self.cleaned_data["topic"]))
        slug = names.called(typed) if typed else ""
        if typed and not slug:
            raise ValidationError(
                _("There is no topic of exactly this name. Look at the page of topics.")
            )
        return slug

    def rules(self) -> Rules | None:
        """Return whom the campaign is for, None with the error at its field.

        What else is wrong with the form does not matter; a rule that is wrong asks nothing.
        """
        self.is_valid()
        known = self.cleaned_data
        try:
            return Rules(
                score_from=known.get("score_from"),
                score_to=known.get("score_to"),
                topic=known.get("topic") or "",
                countries=tuple(known.get("countries") or ()),
                networks=tuple(known.get("networks") or ()),
                unclaimed=Unclaimed(known.get("unclaimed") or ""),
                **{name: known.get(name) or 0 for name in _NUMBERS},
            )
        except ValueError as error:
            name = str(error)
            if name not in self.errors:
                self.add_error(name, _DISAGREE[name])
            return None

    def draft(self) -> Draft | None:
        """Return what was typed, None when something is wrong with it."""
        rules = self.rules()
        if self.errors or rules is None:
            return None
        known = self.cleaned_data
        return Draft(
            **{name: known[name] for name in _WORDS},
            **{name: self._time(name) for name in ("opens_at", "closes_at", "usable_until")},
            learns=tuple(known["learns"]),
            rules=rules,
            questions=self._questions(),
        )

    def refused(self, error: CampaignError) -> None:
        """Show what the domain refused at the fields concerned."""
        for name, sentence in error.troubles.items():
            at = {"questions": "question_1"}.get(name, name)
            self.add_error(at if at in self.fields else None, sentence)

    def question_rows(self) -> list[list[forms.BoundField]]:
        """Return the fields of each question."""
        return [[self[name] for name in _question(at)] for at in range(1, MOST_QUESTIONS + 1)]

    def _time(self, name: str) -> Any:
        """Return a time; the one of before where the form shows the same minute."""
        typed, was = self.cleaned_data[name], getattr(self.was, name, None)
        return was if was and typed and was.replace(second=0, microsecond=0) == typed else typed

    def _questions(self) -> tuple[Asked, ...]:
        known, found = self.cleaned_data, []
        for at in range(1, MOST_QUESTIONS + 1):
            text = known[f"question_{at}"].strip()
            lines = (line.strip() for line in known[f"choices_{at}"].splitlines())
            choices = tuple(line for line in lines if line)
            if text:
                found.append(Asked(text, choices, known[f"required_{at}"]))
        return tuple(found)


_DISAGREE: dict[str, Any] = {
    "score_to": gettext_lazy("This is below the score from which it begins: nobody fits both."),
    "age_to": gettext_lazy("This is below the age from which it begins: nobody fits both."),
    "here_for": gettext_lazy("This is more than the most days: nobody fits both."),
    "topic": gettext_lazy("A place needs a topic in which it is."),
}


def _question(at: int) -> dict[str, forms.Field]:
    return {
        f"question_{at}": _line(_("Question %(number)s") % {"number": at}, 200, required=False),
        f"choices_{at}": forms.CharField(
            label=_("Its choices, one a line; none for an answer in words"),
            required=False,
            max_length=2_500,
            widget=forms.Textarea(attrs={"rows": 3}),
        ),
        f"required_{at}": forms.BooleanField(label=_("It needs an answer"), required=False),
    }


def _zone(name: str) -> ZoneInfo:
    """Return a zone; UTC for what is none, which the field itself refuses."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def initial_of(draft: Draft) -> dict[str, Any]:
    """Return what the form shows of a campaign."""
    rules = draft.rules
    found: dict[str, Any] = {name: getattr(draft, name) for name in _WORDS}
    found |= {name: getattr(rules, name) or None for name in _NUMBERS}
    found |= {
        "score_from": rules.score_from,
        "score_to": rules.score_to,
        "topic": names.name_of(rules.topic) if rules.topic else "",
        "countries": rules.countries,
        "networks": rules.networks,
        "unclaimed": rules.unclaimed,
        "learns": draft.learns,
    }
    for name in ("opens_at", "closes_at", "usable_until"):
        found[name] = _local(getattr(draft, name), draft.time_zone)
    for at, question in enumerate(draft.questions, start=1):
        found[f"question_{at}"] = question.text
        found[f"choices_{at}"] = "\n".join(question.choices)
        found[f"required_{at}"] = question.required
    return found


def _local(at: datetime | None, zone: str) -> datetime | None:
    return None if at is None else at.astimezone(_zone(zone)).replace(tzinfo=None)
