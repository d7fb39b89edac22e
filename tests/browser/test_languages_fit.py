"""Words are longer in other languages: pages fit the smallest phone in each all the same."""

from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.browser.checks import side_scroll
from tests.browser.pages import PAGES, PageEntry
from tests.scoring.plusk_scenes import erasable_ledger

__all__ = ["erasable_ledger"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.one_engine,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("erasable_ledger"),
]
# Pages where words and buttons stand side by side.
_CROWDED = {
    "landing",
    "sign-in",
    "home",
    "score-try",
    "my-topics",
    "badges",
    "profile-signed-in",
    "plusk",
    "links",
    "link-checked",
    "notes",
    "perk-mine",
    "ops-perk",
}


@pytest.mark.parametrize(
    "entry", [page for page in PAGES if page.name in _CROWDED], ids=lambda entry: entry.name
)
def test_a_page_fits_the_smallest_phone_in_every_language(
    entry: PageEntry, open_context: Callable[..., BrowserContext], live_server: LiveServer
) -> None:
    visit = entry.prepare()
    context = open_context(user=visit.user, just_signed_in=visit.just_signed_in, width=320)
    page = context.new_page()
    too_wide = {}

    for code, _name in settings.LANGUAGES:
        User.objects.update(language=code)
        cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": code, "url": live_server.url}
        context.add_cookies([cookie])
        page.goto(visit.path)
        assert page.locator("html").get_attribute("lang") == code
        too_wide[code] = side_scroll(page)

    assert not [code for code, faults in too_wide.items() if faults]
