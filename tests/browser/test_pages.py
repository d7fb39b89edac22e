"""What holds for every page, whoever opens it on whatever screen."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page

from tests.browser.pages import PAGES, PageEntry, Visit
from tests.browser.sessions import signed_in
from tests.browser.watch import Watch

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.name),
]

# Where pictures go; unset, none are taken.
SHOTS = os.environ.get("SHOTS")
STANDARD = [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice",
]  # fmt: skip


def test_a_page_has_no_accessibility_findings_in_any_look(
    entry: PageEntry, open_page: Any, watch: Watch
) -> None:
    watch.expected.add(entry.status)
    visit = entry.prepare()
    page = opened(open_page, visit)

    findings = []
    for scheme in ("light", "dark"):
        for width in (1280, 390):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            # Light and dark differ in colours alone.
            rules = STANDARD if scheme == "light" else ["color-contrast"]
            findings += [f"{scheme} {width}: {found}" for found in axe(page, rules)]
            shoot(page, f"{entry.name}-{scheme}-{width}")

    assert findings == []


def test_a_page_fits_a_small_phone(entry: PageEntry, open_page: Any, watch: Watch) -> None:
    watch.expected.add(entry.status)
    visit = entry.prepare()

    page = opened(open_page, visit, width=320)

    assert side_scroll(page) == 0
    assert small_targets(page) == []
    shoot(page, f"{entry.name}-light-320")


def test_a_page_works_without_scripts(entry: PageEntry, open_page: Any, watch: Watch) -> None:
    watch.expected.add(entry.status)
    visit = entry.prepare()

    page = opened(open_page, visit, scripts=False)

    assert page.locator("h1").count() == 1
    assert page.locator("h1").is_visible()
    assert page.locator("[data-theme-set]:visible").count() == 0
    shoot(page, f"{entry.name}-noscript-1280")


def test_a_page_is_small_and_holds_no_inline_code(entry: PageEntry) -> None:
    visit = entry.prepare()
    client = signed_in(visit.user, just_signed_in=visit.just_signed_in) if visit.user else Client()

    response = client.get(visit.path)

    html = response.content.decode()
    assert response.status_code == entry.status
    assert inline_code(html) == []
    assert len(html.encode()) < 30_000


def opened(open_page: Any, visit: Visit, **options: Any) -> Page:
    """Open the page as its visitor does, and hold that it was not sent elsewhere."""
    page: Page = open_page(
        visit.path, user=visit.user, just_signed_in=visit.just_signed_in, **options
    )
    assert page.url.endswith(visit.path)
    return page


def axe(page: Page, rules: list[str] = STANDARD) -> list[str]:
    """Return what axe finds: rule, and the first element of each finding."""
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    violations = Axe().run(page, options=options).response["violations"]
    return [f"{found['id']}: {found['nodes'][0]['html'][:200]}" for found in violations]


def side_scroll(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return max(0, int(width))


def small_targets(page: Page) -> list[str]:
    """Return buttons, fields and main links with a side under 24 px (WCAG 2.2, 2.5.8)."""
    found = page.evaluate(
        """[...document.querySelectorAll('a.btn, button, summary, select, .nav a, .foot a,'
             + ' input:not([type=hidden])')]
           .filter((item) => item.checkVisibility() && !item.closest('.sr, .skip'))
           .filter((item) => Math.min(item.offsetWidth, item.offsetHeight) < 24)
           .map((item) => item.outerHTML.slice(0, 120))"""
    )
    return list(found)


def inline_code(html: str) -> list[str]:
    """Return style and on* attributes, style elements and scripts that are not plain data."""
    return re.findall(
        r"<[^>]*\sstyle=[^>]*>"
        r"|<[^>]*\son[a-z]+=[^>]*>"
        r"|<style[^>]*>"
        r"""|<script(?![^>]*\ssrc=)(?![^>]*type="application/json")[^>]*>""",
        html,
    )


def shoot(page: Page, name: str) -> None:
    """Take a picture of the whole page when pictures are wanted."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
