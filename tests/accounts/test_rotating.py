"""Keys are changed while the site runs: nothing is lost, and a run can be stopped at any point."""

import threading
from datetime import timedelta
from io import StringIO
from itertools import islice

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from accounts import rotating, sealing
from accounts.models import Grant, Source
from scoring import rotating as waiting
from scoring.models import Job
from tests.accounts.builders import NOW, grant, person, source

pytestmark = pytest.mark.django_db

OLD, NEW = "a:" + "old-key-" * 6, "b:" + "new-key-" * 6


def grants(settings: Settings, count: int) -> list[Grant]:
    """Return grants sealed with the old key, with the new one put in front since."""
    settings.TOKEN_KEYS = [OLD]
    made = []
    for number in range(count):
        kept = grant(person(f"p{number}"), who=f"p{number}", places=[])
        kept.seal(token=f"token{number}", refresh=f"refresh{number}", key=f"key{number}")
        kept.save()
        made.append(kept)
    settings.TOKEN_KEYS = [NEW, OLD]
    return made


def held(kept: Grant) -> tuple[str, str, str]:
    access = Grant.objects.get(pk=kept.pk).access()
    return access.token, access.refresh, access.key


def test_everything_is_sealed_anew_and_the_old_key_can_go(settings: Settings) -> None:
    made = grants(settings, 3)
    settings.TOKEN_KEYS = [OLD]
    page = source(made[0].account.user, grant=made[0])
    page.seal_target_token("page-token")
    page.save()
    settings.TOKEN_KEYS = [NEW, OLD]

    said = list(rotating.rotate(now=NOW))

    settings.TOKEN_KEYS = [NEW]
    assert said == ["", "", "", ""]
    assert [held(each) for each in made] == [
        (f"token{n}", f"refresh{n}", f"key{n}") for n in range(3)
    ]
    assert Source.objects.get().target_token() == "page-token"
    assert rotating.left() == 0


def test_a_run_that_is_stopped_half_way_is_taken_up_where_it_ended(settings: Settings) -> None:
    made = grants(settings, 5)

    list(islice(rotating.rotate(now=NOW), 2))
    half = rotating.left()
    again = list(rotating.rotate(now=NOW))

    assert half == 3
    assert len(again) == 3
    assert rotating.left() == 0
    assert [held(each)[0] for each in made] == [f"token{n}" for n in range(5)]


def test_a_grant_that_is_being_renewed_is_left_alone(settings: Settings) -> None:
    (kept,) = grants(settings, 1)
    Grant.objects.update(renewing_until=NOW + timedelta(seconds=30))

    busy = list(rotating.rotate(now=NOW))
    later = list(rotating.rotate(now=NOW + timedelta(seconds=31)))

    assert (busy, later) == ([], [""])
    assert held(kept)[0] == "token0"


def test_a_token_that_changed_meanwhile_is_not_put_back(settings: Settings) -> None:
    grants(settings, 2)
    rows = rotating.rotate(now=NOW)
    next(rows)
    second = Grant.objects.order_by("pk").last()
    assert second is not None
    second.seal(token="newer")
    second.save()

    list(rows)

    assert held(second)[0] == "newer"


@pytest.mark.django_db(transaction=True)
def test_others_may_write_while_keys_are_changed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotating, "AT_ONCE", 2)
    made = grants(settings, 5)
    rows = rotating.rotate(now=NOW)
    next(rows)

    other = threading.Thread(target=write_and_close)
    other.start()
    other.join(60)

    assert list(rows) == [""] * 4
    assert {Grant.objects.get(pk=each.pk).server for each in made} == {"https://a.example"}
    assert rotating.left() == 0


def write_and_close() -> None:
    Grant.objects.update(server="https://a.example")
    connection.close()


def test_what_cannot_be_opened_is_named_and_stays(settings: Settings) -> None:
    grants(settings, 1)
    Grant.objects.update(sealed_token="v1.gone.xxxx")
    out, err = StringIO(), StringIO()

    with pytest.raises(CommandError, match="still need an older key"):
        call_command("rotate_keys", stdout=out, stderr=err)

    assert "cannot be opened" in err.getvalue()
    assert Grant.objects.get().sealed_token == "v1.gone.xxxx"


def test_what_waits_to_be_ended_at_a_network_is_sealed_anew_too(settings: Settings) -> None:
    (kept,) = grants(settings, 1)
    settings.TOKEN_KEYS = [OLD]
    kept.delete()
    settings.TOKEN_KEYS = [NEW, OLD]
    before = waiting.left()

    call_command("rotate_keys", stdout=StringIO())

    settings.TOKEN_KEYS = [NEW]
    payload = Job.objects.get(kind=Job.Kind.REVOKE).payload
    fields = ("sealed", "sealed_refresh", "sealed_key")
    assert (before, waiting.left()) == (1, 0)
    assert [sealing.unseal(payload[field], bound_to="revoke") for field in fields] == [
        "token0",
        "refresh0",
        "key0",
    ]


def test_what_waits_and_cannot_be_opened_is_named(settings: Settings) -> None:
    (kept,) = grants(settings, 1)
    settings.TOKEN_KEYS = [OLD]
    kept.delete()
    settings.TOKEN_KEYS = [NEW]

    (said,) = waiting.rotate()

    assert said.startswith("What waits to be ended at sandbox cannot be opened:")
    assert waiting.left() == 1


def test_the_command_says_when_the_old_key_can_go(settings: Settings) -> None:
    grants(settings, 2)
    out = StringIO()

    call_command("rotate_keys", stdout=out)

    assert "Sealed anew: 2 rows." in out.getvalue()
    assert "can be taken out of TOKEN_KEYS" in out.getvalue()
