"""A server process is ready before its first request."""

from typing import Any

import pytest
from django.template import engines

from kloutsite.warming import warm


@pytest.mark.one_engine
def test_a_process_reads_its_pages_before_the_first_request_without_asking_a_database() -> None:
    django: Any = engines["django"]
    (loader,) = django.engine.template_loaders
    loader.reset()

    warm()

    assert {"base.html", "perks/perk.html", "scoring/home.html"} <= loader.get_template_cache.keys()
