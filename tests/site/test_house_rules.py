"""Rules of this house that no linter knows. Exceptions are listed, and the lists only shrink."""

import ast
import re
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from scoring.models import Job

APPS = ("kloutsite", "accounts", "scoring", "perks")
PUBLIC = {
    "landing",
    "healthz",
    "readyz",
    "how_it_counts",
    "what_we_read",
    "bluesky_client_metadata",
    "bluesky_jwks",
    "try",
    "sandbox",
    "sandbox_authorize",
    "sandbox_place",
    "sandbox_post",
    "letters_stop",
    "language",
    "meta_deletion",
    "meta_deauthorise",
    "meta_deletion_status",
    "profile",
    "profile_badge",
    "profile_card",
    "oembed",
    "picture",
    "public_score",
    "seen",
    "profile_feed_json",
    "profile_feed_atom",
    "topics",
    "topic",
    "pulse",
    "compare",
    "klout_v1",
    "klout_v2",
    "perk_report",
    "klout_badge",
    "klout_feed",
    "klout_hover",
    "klout_page",
    "klout_topic_id",
    "klout_user",
    "klout_user_id",
    "api_docs",
    "api_openapi",
    "api_score",
    "api_history",
    "api_why",
    "api_my_badges",
    "api_my_milestones",
    "api_my_moments",
    "api_my_style",
    "api_me",
    "api_my_topics",
    "api_my_topic",
    "api_links",
    "api_link",
    "api_cases",
    "api_case",
    "api_my_tokens",
    "api_blocks",
    "api_my_notices",
    "api_read",
    "api_kinds",
    "api_switch",
    "api_mails",
    "api_perks",
    "api_perk",
    "api_claims",
    "api_claim",
    "api_given_of_you",
    "api_my_moved",
    "api_my_pulse",
    "api_when",
    "api_access_log",
    "api_received",
    "api_given",
    "api_give",
    "api_people",
    "api_person",
    "api_public_score",
    "api_nothing",
    "api_root",
}
LONG_FUNCTIONS = {"of_people", "facts_of", "reading_succeeded", "register", "made_of"}


def ours(
    patterns: list[URLPattern | URLResolver], prefix: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Yield (address, pattern) of every page that is neither allauth's nor the admin's."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if path.startswith(("accounts/", "admin/")):
            continue
        if isinstance(pattern, URLResolver):
            yield from ours(pattern.url_patterns, path)
        else:
            yield path, pattern


def pages(*, public: bool) -> dict[str, URLPattern]:
    """Return name -> pattern of pages that need no sign-in, or of those that do."""
    return {
        str(pattern.name): pattern
        for _, pattern in ours(get_resolver().url_patterns)
        if getattr(pattern.callback, "login_required", True) is not public
    }


def sources() -> list[Path]:
    """Return every module of the product, migrations left out."""
    found = [path for app in APPS for path in (settings.BASE_DIR / app).rglob("*.py")]
    return [path for path in found if "migrations" not in path.parts]


def test_only_listed_pages_can_be_seen_without_signing_in() -> None:
    assert pages(public=True).keys() == PUBLIC


@pytest.mark.django_db
@pytest.mark.one_engine
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_other_page_asks_for_a_sign_in(method: str) -> None:
    stand_ins = {
        "grant_id": uuid.uuid4(),
        "source_id": 1,
        "case_id": 1,
        "plusk_id": 1,
        "post_id": 1,
        "notice_id": 1,
        "kind": "first_score",
        "token_id": 1,
        "network": "sandbox",
        "slug": "science",
        "act": "hide",
        "handle": "nora",
        "user_id": 1,
        "campaign_id": 1,
        "claim_id": 1,
        "ref": uuid.uuid4(),
        "digest": "0" * 64,
    }
    for name, pattern in pages(public=False).items():
        needed = {key: stand_ins[key] for key in pattern.pattern.converters}

        response = getattr(Client(), method)(reverse(name, kwargs=needed))

        assert response.status_code == 302, name
        assert response["Location"].startswith(reverse("account_login")), name


def test_modules_stay_small_enough_to_read_at_once() -> None:
    lines = {path: len(path.read_text().splitlines()) for path in sources()}

    assert not [path for path, number in lines.items() if number > 400]
    assert not [path for path, number in lines.items() if "views" in path.parts and number > 250]


def test_functions_stay_short() -> None:
    long = {
        node.name
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 40
    }

    assert long == LONG_FUNCTIONS


def test_the_description_of_the_architecture_names_each_layer_and_each_kind_of_job() -> None:
    root = Path(settings.BASE_DIR)
    told = (root / "docs" / "architecture.md").read_text()
    rules = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]

    layers = [rule["layers"] for rule in rules["contracts"] if rule["type"] == "layers"]
    jobs = re.findall(r"^\| (\w+) \|", told.partition("## Work")[2], re.MULTILINE)

    assert all(f"`{' > '.join(each)}`" in told for each in layers)
    assert set(jobs) - {"Job"} == set(Job.Kind.values)
