"""Every table can be searched and looked at in the admin, and next to nothing can be changed."""

import uuid
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import models
from django.test import Client
from django.urls import reverse

from accounts.models import User
from kloutsite.admin import APPS, is_secret
from perks.models import Campaign
from tests.perks.scenes import campaign_of, claimant

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

OURS = [model for label in APPS for model in apps.get_app_config(label).get_models()]
SHOWN = sorted(admin.site._registry, key=lambda model: model._meta.label)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
_numbers = count(1)


def a_row(model: type[models.Model]) -> models.Model:
    """Return a row of any table, with a made-up value in each column that needs one."""
    needed = [
        field
        for field in model._meta.concrete_fields
        if not (field.null or field.has_default() or isinstance(field, models.AutoField))
    ]
    values = {field.name: _value(field) for field in needed}
    return model._default_manager.create(**(values | SPECIAL.get(model._meta.label, {})))


def _value(field: Any) -> Any:
    if field.is_relation:
        return a_row(field.related_model)
    if field.choices:
        return field.choices[0][0]
    made: list[tuple[Any, Any]] = [
        (models.DateTimeField, NOW),
        (models.DateField, date(2026, 11, 21)),
        (models.UUIDField, uuid.uuid4()),
        (models.JSONField, {}),
        (models.BinaryField, b"x"),
        (models.BooleanField, False),
        ((models.IntegerField, models.FloatField), 1),
        ((models.CharField, models.TextField), f"made-up-{next(_numbers)}"[: field.max_length]),
    ]
    return next(value for kind, value in made if isinstance(field, kind))


SPECIAL: dict[str, dict[str, Any]] = {
    "perks.Campaign": {"opens_at": datetime(2026, 11, 20, tzinfo=UTC)},
    "perks.Claim": {"state": "returned"},
    "scoring.PlusKWeight": {"weight": 0.5},
}


@pytest.fixture
def root() -> Client:
    """Return the browser of somebody who may do whatever anybody may."""
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    return client


def test_every_table_of_ours_is_there() -> None:
    assert not [model._meta.label for model in OURS if not admin.site.is_registered(model)]


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model._meta.label)
def test_it_is_listed_searched_and_opened_and_shows_nothing_secret(
    model: type[models.Model], root: Client
) -> None:
    row = a_row(model)
    place = f"admin:{model._meta.app_label}_{model._meta.model_name}"

    listed = root.get(reverse(f"{place}_changelist"))
    searched = root.get(reverse(f"{place}_changelist"), {"q": "made-up 7"})
    opened = root.get(reverse(f"{place}_change", args=[row.pk]))

    shown = set(opened.context["adminform"].model_admin.get_fields(opened.wsgi_request, row))
    assert [answer.status_code for answer in (listed, searched, opened)] == [200, 200, 200]
    assert not [
        one.name for one in model._meta.concrete_fields if is_secret(one) and one.name in shown
    ]


def test_what_people_have_is_changed_and_removed_by_nobody(root: Client) -> None:
    campaign = campaign_of(units=1)
    nora = claimant()
    unit = campaign.units.get()
    rows = [("perks_campaign", campaign), ("perks_unit", unit), ("accounts_user", nora)]

    removed = [
        root.post(reverse(f"admin:{name}_delete", args=[row.pk]), {"post": "yes"})
        for name, row in rows
    ]
    changed = root.post(reverse("admin:perks_unit_change", args=[unit.pk]), {"state": "taken"})
    added = root.get(reverse("admin:perks_claim_add"))

    unit.refresh_from_db()
    assert {answer.status_code for answer in (*removed, changed, added)} == {403}
    assert unit.state == "free"
    assert Campaign.objects.filter(pk=campaign.pk).exists()


def test_who_runs_the_site_can_be_changed_and_that_is_written_down(root: Client) -> None:
    nora = claimant()

    root.post(
        reverse("admin:accounts_user_change", args=[nora.pk]),
        {"is_active": "on", "is_staff": "on", "is_superuser": "on", "username": "root"},
    )

    nora.refresh_from_db()
    assert (nora.is_staff, nora.is_superuser, nora.username) == (True, False, "nora")
    assert LogEntry.objects.filter(object_id=str(nora.pk), user__username="ada").exists()
