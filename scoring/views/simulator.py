"""What would change my score: the engine on supposed weeks, a supposed source, a supposed rest."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.figures import moment
from accounts.models import Source
from accounts.views import person
from scoring import evidence
from scoring.engine import Evidence
from scoring.engine.simulate import NEEDED_DAYS, Beyond, reaching, simulate
from scoring.engine.supposed import Change, Known, known
from scoring.models import ScoreSnapshot, ScoreState
from scoring.pipeline import PARAMS
from scoring.views import cards, links
from scoring.views import simulator_words as say


class MoreForm(forms.Form):
    """What else might happen, each week and at once."""

    replies = forms.IntegerField(
        label=gettext_lazy("More people a week who reply"), min_value=0, required=False
    )
    reposts = forms.IntegerField(
        label=gettext_lazy("More people a week who pass a post on"), min_value=0, required=False
    )
    likes = forms.IntegerField(
        label=gettext_lazy("More people a week who like a post"), min_value=0, required=False
    )
    posts = forms.IntegerField(label=gettext_lazy("More posts a week"), min_value=0, required=False)
    regular = forms.BooleanField(required=False)
    source = forms.BooleanField(
        label=gettext_lazy("One more source of about the same kind"), required=False
    )


class WantForm(forms.Form):
    """A score that somebody wants to reach."""

    to = forms.FloatField(
        label=gettext_lazy("The score you want"), min_value=1, max_value=100, required=False
    )


class RestForm(forms.Form):
    """A time in which nothing comes."""

    rest = forms.IntegerField(
        label=gettext_lazy("Weeks in which nothing comes"), min_value=1, required=False
    )


@dataclass(frozen=True, slots=True)
class Ground:
    """What an estimate stands on: the evidence of the newest score."""

    held: Evidence
    as_of: datetime
    limits: Known
    paused: frozenset[int]  # sources whose clock stands
    all_paused: bool

    @property
    def as_of_us(self) -> int:
        """The time of the score as the engine takes it."""
        return evidence.microseconds(self.as_of)


@require_GET
def score_try(request: HttpRequest) -> HttpResponse:
    """Show what the score would be if something else happened, and what would reach a score."""
    now = timezone.now()
    user = person(request)
    sources = list(Source.objects.filter(user=user).order_by("pk"))
    newest = ScoreSnapshot.objects.filter(user=user).defer("made_of").order_by("-day", "-as_of")
    latest = newest.first()
    context: dict[str, Any] = {
        "linked": any(source.selected for source in sources),
        "latest": latest,
    }
    if latest is not None:
        context |= {
            "card": cards.card(latest),
            "as_of": moment(latest.as_of, now),
            "stale": links.stale(sources, latest.as_of, now),
        }
    ground = _ground(latest, sources)
    if ground is not None:
        context |= _limits(ground)
        if ground.limits.days >= NEEDED_DAYS:
            context |= _more(request.GET, ground) | _want(request.GET, ground)
            context |= _rest(request.GET, ground)
    wrong = any(form.errors for form in context.values() if isinstance(form, forms.Form))
    return render(request, "scoring/try.html", context, status=400 if wrong else 200)


def _ground(latest: ScoreSnapshot | None, sources: list[Source]) -> Ground | None:
    """Return what stands behind a score; None without a score or without its evidence."""
    if latest is None or latest.score is None:
        return None
    state = ScoreState.objects.filter(snapshot=latest).first()
    if state is None:
        return None
    held = Evidence.unpack(bytes(state.evidence))
    counted = frozenset(held.source_id.tolist())
    paused = counted & {source.pk for source in sources if source.paused_at}
    return Ground(
        held=held,
        as_of=latest.as_of,
        limits=known(held, PARAMS, evidence.microseconds(latest.as_of)),
        paused=paused,
        all_paused=paused == counted,
    )


def _limits(ground: Ground) -> dict[str, Any]:
    missing = NEEDED_DAYS - ground.limits.days
    return {
        "limits": ground.limits,
        "needed": NEEDED_DAYS,
        "young_until": say.day(ground.as_of + timedelta(days=missing)) if missing > 0 else "",
        "paused": ground.paused,
    }


def _more(query: QueryDict, ground: Ground) -> dict[str, Any]:
    form = MoreForm(query if MoreForm.base_fields.keys() & query.keys() else None, label_suffix="")
    context: dict[str, Any] = {"more_form": form}
    if not (form.is_bound and form.is_valid()):
        return context
    more: dict[str, Any] = {name: value or 0 for name, value in form.cleaned_data.items()}
    change = Change(**more)
    try:
        outcome = simulate(ground.held, change, PARAMS, ground.as_of_us)
    except Beyond as beyond:
        return context | {"more_unknown": say.beyond(beyond)}
    if change == Change(posts=change.posts):
        return context | {"only_posts": bool(change.posts), "nothing_asked": not change.posts}
    return context | {
        "more": say.answer(outcome),
        "more_when": say.by_when(outcome, ground.as_of, paused=ground.all_paused),
    }


def _want(query: QueryDict, ground: Ground) -> dict[str, Any]:
    form = WantForm(query if "to" in query else None, label_suffix="")
    context: dict[str, Any] = {"want_form": form}
    wanted = form.cleaned_data["to"] if form.is_bound and form.is_valid() else None
    if wanted is None:
        return context
    levers = reaching(ground.held, wanted, PARAMS, ground.as_of_us)
    before = levers[0].outcome.before
    paused = ground.all_paused
    return context | {
        "wanted": say.score(wanted),
        "reached": round(before, 1) >= round(wanted, 1),  # as both are shown
        "leads": any(lever.amount is not None for lever in levers),
        "ways": [say.way(one, ground.limits, ground.as_of, paused=paused) for one in levers],
    }


def _rest(query: QueryDict, ground: Ground) -> dict[str, Any]:
    form = RestForm(query if "rest" in query else None, label_suffix="")
    context: dict[str, Any] = {"rest_form": form}
    weeks = form.cleaned_data["rest"] if form.is_bound and form.is_valid() else None
    if weeks is None:
        return context
    try:
        outcome = simulate(
            ground.held, Change(rest=weeks), PARAMS, ground.as_of_us, still=ground.paused
        )
    except Beyond as beyond:
        return context | {"rest_unknown": say.beyond(beyond)}
    return context | {
        "rest": say.answer(outcome),
        "rest_until": say.day(ground.as_of + timedelta(weeks=weeks)),
        "rest_enough": outcome.enough,
    }
