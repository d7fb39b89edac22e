"""A live site, a Chromium before it, and a watch that fails the test on any complaint."""

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests import chromium
from tests.browser.sessions import session_cookie
from tests.browser.tabs import new_context
from tests.browser.watch import Watch

if TYPE_CHECKING:  # this module is imported before Django's apps are loaded
    from accounts.models import User

# As root in a container there is no sandbox to be had; the rest keeps Chromium from asking its
# maker's hosts for updates at every start.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]

OpenPage = Callable[..., Page]


@pytest.fixture(scope="package")
def _orm_beside_a_loop() -> Iterator[None]:
    """Let the test's thread use the database.

    Playwright's sync interface keeps an event loop in the test's own thread, and Django refuses
    queries there lest they block it. Nothing but Playwright waits on that loop.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="package")
def browser(_orm_beside_a_loop: None) -> Iterator[Browser]:
    """Return one Chromium for all browser tests; it ends with them, and its event loop too."""
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium.find(), args=_FLAGS)
        yield chrome
        chrome.close()


@pytest.fixture
def watch(live_server: LiveServer) -> Iterator[Watch]:
    """Return the watch over every page of this test. Faults at the end fail the test."""
    watch = Watch(origin=live_server.url)
    yield watch
    assert not watch.faults, "The browser complained:\n" + "\n".join(dict.fromkeys(watch.faults))


@pytest.fixture
def open_context(
    browser: Browser, live_server: LiveServer, watch: Watch
) -> Iterator[Callable[..., BrowserContext]]:
    """Return a function that opens a fresh profile: `user` signed in, as `new_context` takes it."""
    opened: list[BrowserContext] = []

    def open_context(
        *,
        user: "User | None" = None,
        just_signed_in: bool = True,
        **options: Any,
    ) -> BrowserContext:
        context = new_context(browser, watch, **options)
        opened.append(context)
        if user is not None:
            cookie = session_cookie(user, just_signed_in=just_signed_in)
            context.add_cookies([{**cookie, "url": live_server.url}])
        return context

    yield open_context
    for context in opened:
        context.close()


@pytest.fixture
def open_page(open_context: Callable[..., BrowserContext]) -> OpenPage:
    """Return a function that opens a page in a fresh profile; takes what `open_context` takes."""

    def open_page(path: str, **options: Any) -> Page:
        page = open_context(**options).new_page()
        page.goto(path)
        return page

    return open_page
