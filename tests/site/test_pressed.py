"""No page answers a bare "not allowed" to somebody who opens its address."""

from collections.abc import Iterable, Iterator
from uuid import UUID

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern

from accounts.models import User
from tests.accounts.builders import person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
OURS = ("accounts.", "kloutsite.", "perks.", "scoring.")
# Machines post to these and read the status of the answer: they are no pages.
MACHINES = {"meta_deletion", "meta_deauthorise"}
# What stands in an address for each kind of thing in it.
NOBODYS = UUID(int=0)
SAMPLES = {"IntConverter": 987654, "SlugConverter": "x", "UUIDConverter": NOBODYS}


def pages(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    """Yield what the site itself answers, the ways in of networks and the API apart."""
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from pages(one.url_patterns)
        elif one.name and one.name not in MACHINES and not one.name.startswith("api_"):
            where = one.callback.__module__
            typed = isinstance(one.pattern, RoutePattern)  # the others are pictures and old links
            if typed and where.startswith(OURS) and ".providers." not in where:
                yield one


def test_who_opens_an_address_that_is_only_pressed_is_led_to_a_page() -> None:
    staff = person("olga")
    User.objects.filter(pk=staff.pk).update(is_staff=True)
    client = signed_in(User.objects.get(pk=staff.pk))
    asked, bare = 0, []

    for page in pages(get_resolver().url_patterns):
        kinds = page.pattern.converters.items()
        given = {name: SAMPLES.get(type(kind).__name__, "x") for name, kind in kinds}
        asked += 1
        if client.get(reverse(str(page.name), kwargs=given)).status_code == 405:
            bare.append(page.name)

    assert asked > 100
    assert bare == []
