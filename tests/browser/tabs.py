"""Windows of the browser: a fresh profile, and a tab that visitors take over from each other."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Browser, BrowserContext, Page, Response

from tests.browser.sessions import session_cookie
from tests.browser.watch import Watch

if TYPE_CHECKING:  # conftest.py imports this before Django's apps are loaded
    from tests.browser.pages import Visit


def new_context(
    browser: Browser, watch: Watch, *, width: int = 1280, scripts: bool = True, **options: Any
) -> BrowserContext:
    """Return a fresh profile at the site that is watched."""
    context = browser.new_context(
        base_url=watch.origin,
        viewport={"width": width, "height": 900},
        java_script_enabled=scripts,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
        **options,
    )
    watch.over(context)
    return context


@dataclass
class Tab:
    """A page that stays open: starting a browser's process costs more than most pages do."""

    page: Page
    watch: Watch

    def open(self, visit: "Visit", *, status: int) -> Response:
        """Show an address to its visitor, in light and wide; it answers with `status`."""
        self.watch.expected = {status}
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": 1280, "height": 900})
        self.page.context.clear_cookies()
        if visit.user is not None:
            cookie = session_cookie(visit.user, just_signed_in=visit.just_signed_in)
            self.page.context.add_cookies([{**cookie, "url": self.watch.origin}])
        response = self.page.goto(visit.path)
        assert response is not None
        return response

    def leave(self) -> list[str]:
        """Leave the page, which then asks for nothing more; return the complaints about it."""
        self.page.goto("about:blank")
        faults, self.watch.faults[:] = list(self.watch.faults), []
        return faults
