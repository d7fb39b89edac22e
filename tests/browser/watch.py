"""What a browser complains of while it shows our pages."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# Runs before any script of the page. Console lines would name the violation too, but not all of it.
_LISTEN = """
document.addEventListener('securitypolicyviolation', (event) => {
  const { effectiveDirective, blockedURI, sourceFile, lineNumber } = event;
  reportViolation(`${effectiveDirective} ${blockedURI} ${sourceFile}:${lineNumber}`);
});
"""
_STATUS_LINE = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")


@dataclass
class Watch:
    """Collects faults of one browser context; a test that ends with any fails.

    `expected` holds the statuses that the test asks for on purpose (a 404 page is a 404).
    """

    origin: str
    expected: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Begin to listen."""
        context.expose_binding("reportViolation", self._violation)
        context.add_init_script(_LISTEN)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)

    def _violation(self, source: object, what: str) -> None:
        self.faults.append(f"policy: {what}")

    def _console(self, message: ConsoleMessage) -> None:
        status = _STATUS_LINE.match(message.text)
        if status and int(status[1]) in self.expected:
            return
        if message.type in {"error", "warning"}:
            self.faults.append(f"console: {message.text}")

    def _error(self, error: WebError) -> None:
        self.faults.append(f"script: {error.error.message}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and not request.url.startswith(
            f"{self.origin}/"
        ):
            self.faults.append(f"left the site: {request.url}")

    def _failed(self, request: Request) -> None:
        # A poll that is cut off by leaving the page is no fault.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"request: {request.url} {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"status {response.status}: {response.url}")
