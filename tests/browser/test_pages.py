"""What holds for every page, whoever opens it on whatever screen."""

from typing import Any

import pytest

from tests.browser.checks import STANDARD, axe, inline_code, shoot, side_scroll, small_targets
from tests.browser.pages import PAGES, PageEntry
from tests.browser.watch import Watch
from tests.scoring.plusk_scenes import erasable_ledger

__all__ = ["erasable_ledger"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("erasable_ledger"),
    pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.name),
]


def test_a_page_can_be_used_in_every_look_and_width(
    entry: PageEntry, open_context: Any, watch: Watch
) -> None:
    watch.expected.add(entry.status)
    visit = entry.prepare()
    page = open_context(user=visit.user, just_signed_in=visit.just_signed_in).new_page()
    page.goto(visit.path)

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
            shoot(page, f"{entry.name}-{look}-{width}")

    assert page.url.endswith(visit.path), "The page sent its visitor elsewhere."
    assert findings == []


def test_a_page_works_without_scripts_and_holds_no_inline_code(
    entry: PageEntry, open_context: Any, watch: Watch
) -> None:
    watch.expected.add(entry.status)
    visit = entry.prepare()
    context = open_context(user=visit.user, just_signed_in=visit.just_signed_in, scripts=False)
    page = context.new_page()

    response = page.goto(visit.path)

    html = response.text()
    assert response.status == entry.status
    assert inline_code(html) == []
    assert len(html.encode()) < entry.most
    assert page.locator("h1").count() == 1
    assert page.locator("h1").is_visible()
    assert page.locator("[data-theme-set]:visible").count() == 0
    shoot(page, f"{entry.name}-noscript-1280")
