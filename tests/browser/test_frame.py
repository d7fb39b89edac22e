"""What is around every page: menu, look, skip link, error pages, paper."""

from typing import Any

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser.checks import axe, shoot, side_scroll
from tests.browser.made_up import answer, serve
from tests.browser.pages import ada

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look_of(page: Page) -> str:
    """Return the colour of the page's ground."""
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


LIGHT, DARK = "rgb(251, 250, 248)", "rgb(20, 18, 15)"


@pytest.mark.parametrize("scripts", [True, False])
def test_the_person_menu_opens_and_signs_out(scripts: bool, open_page: Any) -> None:
    page = open_page(reverse("account_email"), user=ada(), scripts=scripts)
    menu = page.get_by_role("navigation", name="Your account")
    expect(menu).to_be_hidden()

    page.set_viewport_size({"width": 390, "height": 420})  # lower than the menu is long
    page.get_by_role("button", name="Ada").click()
    expect(menu).to_be_visible()
    page.get_by_role("button", name="Sign out").click()

    expect(page).to_have_url(f"{page.url.partition('://')[0]}://{page.url.split('/')[2]}/")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def test_escape_closes_the_person_menu(open_page: Any) -> None:
    page = open_page(reverse("account_email"), user=ada())
    page.get_by_role("button", name="Ada").click()

    page.keyboard.press("Escape")

    expect(page.get_by_role("navigation", name="Your account")).to_be_hidden()
    expect(page.get_by_role("button", name="Ada")).to_be_focused()


def test_the_open_person_menu_has_no_accessibility_findings(open_page: Any) -> None:
    page = open_page(reverse("account_email"), user=ada())

    page.get_by_role("button", name="Ada").click()

    assert axe(page) == []
    shoot(page, "person-menu-light-1280")


def test_the_look_follows_the_device_until_one_is_chosen(open_page: Any) -> None:
    page = open_page(reverse("account_login"), color_scheme="dark")
    assert look_of(page) == DARK

    page.get_by_role("button", name="Light or dark").click()
    chosen = look_of(page)
    page.reload()

    assert chosen == LIGHT
    assert look_of(page) == LIGHT


def test_a_look_set_for_the_account_afterwards_wins_over_the_device(open_page: Any) -> None:
    user = ada()
    page = open_page(reverse("account_email"), user=user, color_scheme="light")
    page.get_by_role("button", name="Light or dark").click()
    page.get_by_role("button", name="Light or dark").click()
    assert look_of(page) == LIGHT

    user.theme = user.Theme.DARK
    user.save()
    page.reload()

    assert look_of(page) == DARK


def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(open_page: Any) -> None:
    page = open_page(reverse("account_login"))

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def test_what_takes_focus_is_not_hidden_by_the_bars_of_a_phone(open_page: Any) -> None:
    page = open_page(reverse("how_it_counts"), user=ada(), width=390)
    bars = page.evaluate(
        """[document.querySelector('.top').getBoundingClientRect().bottom,
            document.querySelector('.nav').getBoundingClientRect().top]"""
    )

    hidden = []
    for _ in range(25):
        page.keyboard.press("Tab")
        top, bottom, inside, name = page.evaluate(
            """(() => { const e = document.activeElement, r = e.getBoundingClientRect();
                 return [r.top, r.bottom, !!e.closest('main'), e.outerHTML.slice(0, 80)]; })()"""
        )
        if inside and (bottom <= bars[0] or top >= bars[1]):
            hidden.append(name)

    assert hidden == []


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_have_no_accessibility_findings(name: str, open_context: Any) -> None:
    html = render_to_string(f"kloutsite/{name}.html", {"report": "7f2c91aa", "sandbox": True})

    page = answer(open_context(width=320), f"/{name}/", html)

    assert axe(page) == []
    assert side_scroll(page) == []
    shoot(page, f"error-{name}-light-320")


def test_the_networks_refusal_page_has_no_accessibility_findings(open_context: Any) -> None:
    html = render_to_string("socialaccount/authentication_error.html", {"sandbox": True})

    page = answer(open_context(), "/refused/", html)

    assert axe(page) == []


def test_copying_says_that_it_is_done_and_then_what_it_does_again(open_context: Any) -> None:
    context = open_context(permissions=["clipboard-read", "clipboard-write"])
    context.clock.install()
    page = serve(
        context,
        "/copy/",
        main="<h1>Copy</h1><pre id='report'>link 12</pre>"
        "<button class='btn' data-copy='report' data-done='Copied' hidden>Copy the report</button>",
    )

    for label in ("Copy the report", "Copied"):
        page.evaluate("navigator.clipboard.writeText('')")
        page.get_by_role("button", name=label).click()
        page.wait_for_function("navigator.clipboard.readText().then((text) => text === 'link 12')")
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
    context.clock.run_for(10_000)

    expect(page.get_by_role("button", name="Copy the report")).to_be_visible()


def test_forced_colours_keep_the_ring_and_the_place(open_page: Any) -> None:
    page = open_page(reverse("landing"), forced_colors="active")

    ring = page.locator(".ring .v")

    assert ring.evaluate("e => getComputedStyle(e).stroke") != ring.evaluate(
        "e => getComputedStyle(e.ownerSVGElement.querySelector('.t')).stroke"
    )
    shoot(page, "landing-forced-1280")


def test_on_paper_the_frame_is_left_out_and_the_ledger_stays(open_page: Any) -> None:
    page = open_page(reverse("how_it_counts"), color_scheme="dark")

    page.emulate_media(media="print")

    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator(".foot")).to_be_hidden()
    expect(page.locator(".ledger").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 26, 23)"
    shoot(page, "how-it-counts-paper-1280")


def test_pages_that_run_from_right_to_left_fit_a_phone(
    open_context: Any, live_server: Any, settings: Any
) -> None:
    settings.LANGUAGES = [("en-gb", "English"), ("he", "עברית")]
    chosen = {"name": settings.LANGUAGE_COOKIE_NAME, "value": "he", "url": live_server.url}
    context = open_context(user=ada(), width=320)
    context.add_cookies([chosen])
    page = context.new_page()

    for name in ("how_it_counts", "style", "settings", "home"):
        page.goto(reverse(name))

        assert page.locator("html").get_attribute("dir") == "rtl"
        assert side_scroll(page) == [], name
    shoot(page, "home-right-to-left-light-320")


def test_the_places_fit_a_small_phone_in_every_language(
    open_context: Any, live_server: Any, settings: Any
) -> None:
    context = open_context(user=ada(), width=320)
    page = context.new_page()

    for code, _language in settings.LANGUAGES:
        name = settings.LANGUAGE_COOKIE_NAME
        context.add_cookies([{"name": name, "value": code, "url": live_server.url}])
        page.goto(reverse("style"))

        assert page.locator("html").get_attribute("lang") == code
        wide = "links => links.filter(a => a.scrollWidth > a.clientWidth).map(a => a.textContent)"
        assert page.locator(".nav a").evaluate_all(wide) == [], code
        box = page.locator(".nav li").last.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 320, code
