"""What a person does about their topics: one form on each page, each button says where it goes."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.views import person, pressed
from scoring import topics
from scoring.views import taxonomy as names
from scoring.views import topic_words as say


class Act(NamedTuple):
    """What is done, and what is said when it is."""

    do: Callable[..., None]
    said: str | Promise


ACTS: dict[str, Act] = {
    "hide": Act(topics.hide, gettext_lazy("%(topic)s is gone, and we will not guess it again.")),
    "restore": Act(topics.restore, gettext_lazy("%(topic)s is back as far as posts lead to it.")),
    "take-back": Act(topics.restore, gettext_lazy("%(topic)s is shown only if posts lead to it.")),
    "add": Act(topics.add, gettext_lazy("%(topic)s is among your topics.")),
    "up": Act(partial(topics.move, by=-1), gettext_lazy("%(topic)s moved up.")),
    "down": Act(partial(topics.move, by=1), gettext_lazy("%(topic)s moved down.")),
    "expertise": Act(
        partial(topics.set_kind, kind="expertise"),
        gettext_lazy("%(topic)s is marked as expertise."),
    ),
    "interest": Act(
        partial(topics.set_kind, kind="interest"),
        gettext_lazy("%(topic)s is marked as interest."),
    ),
    "unmarked": Act(
        partial(topics.set_kind, kind=""), gettext_lazy("%(topic)s has no mark any more.")
    ),
}


@pressed("my_topic", "slug")
def my_topic_change(request: HttpRequest, slug: str, act: str) -> HttpResponse:
    """Do one thing about a topic of the person, and go back to where it stands on their list."""
    if act not in ACTS:
        raise Http404(_("There is nothing of this name to do about a topic."))
    refused = _do(ACTS[act], person(request).pk, slug, timezone.now())
    if refused:
        messages.error(request, refused)
    else:
        said = ACTS[act].said % {"topic": names.name_of(slug)}
        more = say.still_above(slug) if act == "hide" else ""
        messages.success(request, f"{said} {more}".strip())
    return redirect(f"{reverse('my_topics')}#topic-{slug}")


def _do(act: Act, user_id: int, slug: str, now: datetime) -> str:
    """Return why it could not be done, or ""."""
    try:
        act.do(user_id, slug, now=now)
    except topics.TopicError as error:
        return str(error)
    return ""
