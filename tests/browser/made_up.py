"""Pages that exist for a test only: answered inside the browser, under the site's own policy."""

from typing import Any

from django.template import engines
from playwright.sync_api import BrowserContext, Page

from kloutsite.middleware import POLICY

_HEAD = '{% extends "base.html" %}{% block title %}Test{% endblock %}'


def serve(context: BrowserContext, path: str, *, main: str, head: str = "", **names: Any) -> Page:
    """Open `path` on a page of base.html around `main`; static files come from the site."""
    template = (
        f"{_HEAD}{{% block head %}}{head}{{% endblock %}}{{% block main %}}{main}{{% endblock %}}"
    )
    return answer(
        context,
        path,
        engines["django"].from_string(template).render({"nobody_known": True, **names}),
    )


def answer(context: BrowserContext, path: str, html: str) -> Page:
    """Open `path`, answered with `html`."""
    context.route(
        f"**{path}",
        lambda route: route.fulfill(
            body=html,
            content_type="text/html; charset=utf-8",
            headers={"Content-Security-Policy": POLICY.format(loopback="")},
        ),
    )
    page = context.new_page()
    page.goto(path)
    return page
