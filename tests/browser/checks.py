"""What is looked for on a page that a browser shows. tests/browser/test_watch.py proves each."""

import os
import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Where pictures go; unset, none are taken.
SHOTS = os.environ.get("SHOTS")
STANDARD = [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice",
]  # fmt: skip
_AXE = Axe().axe_script
_RUN_AXE = """async (options) => (await axe.run(options)).violations.map(
    ({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`)"""


def axe(page: Page, rules: list[str] = STANDARD) -> list[str]:
    """Return what axe finds: rule, and the first element of each finding."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(_AXE)
    return list(page.evaluate(_RUN_AXE, {"runOnly": rules, "resultTypes": ["violations"]}))


def side_scroll(page: Page) -> list[str]:
    """Return by how many pixels the page is wider than the window, if it is."""
    width = int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
    return [f"scrolls sideways by {width} px"] if width > 0 else []


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
