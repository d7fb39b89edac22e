"""What holds for every page, whoever opens it on whatever screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.checks import STANDARD, axe, inline_code, shoot, side_scroll, small_targets
from tests.browser.pages import PAGES, PageEntry
from tests.browser.tabs import Tab, new_context
from tests.browser.watch import Watch
from tests.scoring.plusk_scenes import erasable_ledger

__all__ = ["erasable_ledger"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("erasable_ledger"),
]


@pytest.fixture(scope="module")
def kept_open(browser: Browser, live_server: LiveServer) -> Iterator[tuple[Tab, Tab]]:
    """Return a tab with scripts and one without."""
    watches = Watch(origin=live_server.url), Watch(origin=live_server.url)
    contexts = [new_context(browser, watches[0]), new_context(browser, watches[1], scripts=False)]
    with_scripts, without = (
        Tab(context.new_page(), watch) for context, watch in zip(contexts, watches, strict=True)
    )
    yield with_scripts, without
    for context in contexts:
        context.close()


@pytest.fixture
def tabs(kept_open: tuple[Tab, Tab]) -> Iterator[tuple[Tab, Tab]]:
    """Return these tabs for one test, which fails when the browser complained in one."""
    yield kept_open
    faults = [fault for tab in kept_open for fault in tab.leave()]
    assert not faults, "The browser complained:\n" + "\n".join(dict.fromkeys(faults))


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.name)
def test_a_page_can_be_used_in_every_look_and_width_and_without_scripts(
    entry: PageEntry, tabs: tuple[Tab, Tab]
) -> None:
    visit = entry.prepare()
    with_scripts, without = tabs

    with_scripts.open(visit, status=entry.status)
    findings = found_in_every_look_and_width(with_scripts.page, entry.name)
    response = without.open(visit, status=entry.status)
    shoot(without.page, f"{entry.name}-noscript-1280")

    html = response.text()
    assert with_scripts.page.url.endswith(visit.path), "The page sent its visitor elsewhere."
    assert findings == []
    assert response.status == entry.status
    assert inline_code(html) == []
    assert len(html.encode()) < entry.most
    assert without.page.locator("h1").count() == 1
    assert without.page.locator("h1").is_visible()
    assert without.page.locator("[data-theme-set]:visible").count() == 0


def found_in_every_look_and_width(page: Page, name: str) -> list[str]:
    """Return what is wrong with a page that is open, and where."""
    findings = []
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        for width in (1280, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            # Light and dark differ in colours alone.
            rules = STANDARD if look == "light" else ["color-contrast"]
            # No rule of the style sheets tells the two phones apart: axe looks at one of them.
            seen = axe(page, rules) if width != 390 else []
            found = [*seen, *small_targets(page), *side_scroll(page)]
            findings += [f"{look} {width}: {finding}" for finding in found]
            shoot(page, f"{name}-{look}-{width}")
    return findings
