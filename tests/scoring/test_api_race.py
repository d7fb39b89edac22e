"""Two requests at once under one Idempotency-Key give one +K, and both read which; a control."""

import json
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from scoring import plusk
from scoring.engine.plusk import Reason
from scoring.models import GivenOnce, PlusK
from tests.meeting import Act, meeting
from tests.scoring import api_scenes as scenes
from tests.scoring.api_scenes import KEY, give, program, token_of, told
from tests.scoring.builders import NOW
from tests.scoring.pages import at_noon
from tests.scoring.plusk_scenes import erasable_ledger

__all__ = ["at_noon", "erasable_ledger"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("erasable_ledger"),
    pytest.mark.postgres,
]


def test_two_requests_under_one_key_give_once_and_both_are_told_what() -> None:
    secret = token_of(scenes.member("nora"))
    scenes.member("ahmed")
    told(program(secret), "/me")  # the first of a day writes that the token was used
    answers: list[Any] = []

    def asking() -> None:
        answers.append(give(program(secret), {"to": "ahmed", "topic": "jazz"}, **KEY))

    failed = meeting(asking, asking)

    assert failed == []
    assert [one.status_code for one in answers] == [201, 200]
    assert json.loads(answers[0].content) == json.loads(answers[1].content)
    assert (PlusK.objects.count(), GivenOnce.objects.count()) == (1, 1)


def looking_without_the_lock(giver: User, receiver: User) -> Act:
    """Return what a request does that looks for its key before it waits for the other."""

    def act() -> None:
        with transaction.atomic():
            assert not GivenOnce.objects.filter(user=giver, key="one-key").exists()
            given = plusk.give(giver_id=giver.pk, receiver_id=receiver.pk, topic="jazz", now=NOW)
            GivenOnce.objects.create(user=giver, key="one-key", asked="", plusk=given, at=NOW)

    return act


def test_control_without_the_lock_the_second_is_refused_what_it_has_given() -> None:
    nora, ahmed = scenes.member("nora"), scenes.member("ahmed")
    act = looking_without_the_lock(nora, ahmed)

    (failed,) = meeting(act, act)

    assert isinstance(failed, plusk.PlusKError)
    assert failed.reason is Reason.TOO_SOON
