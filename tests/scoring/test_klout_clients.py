"""Clients that were written for Klout, against this site over HTTP: the host alone is changed."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from klout import Klout, KloutHTTPError
from pytest_django.live_server_helper import LiveServer

from scoring import limits
from scoring.engine.topics.klout_files import topic_id
from tests.scoring.klout_scenes import EVE_ID, NORA_AT_X, NORA_ID, eve, key_of, nora, reacts
from tests.scoring.pages import at_noon

__all__ = ["at_noon"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_engine]
ME = {"id": NORA_ID, "network": "ks"}


def test_the_client_of_the_package_index_runs_all_its_methods(live_server: LiveServer) -> None:
    me, other = nora(), eve()
    reacts(other, me)
    client: Any = Klout(key_of(me), domain=urlsplit(live_server.url).netloc)

    assert client.identity.klout(screenName="nora_maps") == ME
    assert client.identity.klout(tw=NORA_AT_X) == ME
    assert client.identity.tw(klout=NORA_ID) == {"id": NORA_AT_X, "network": "tw"}
    assert client.identity.klout(ks="nora", timeout=60) == ME
    score = client.user.score(kloutId=NORA_ID)
    assert score["score"] == 50.25
    assert score["scoreDelta"] == {"dayChange": 0.125, "weekChange": 0.5, "monthChange": 1.25}
    topics = client.user.topics(kloutId=NORA_ID)
    assert [one["id"] for one in topics] == [topic_id("django"), topic_id("music")]
    limits.forget()
    influence = client.user.influence(kloutId=NORA_ID)
    assert influence["myInfluencees"][0]["entity"]["id"] == EVE_ID
    assert client.user(kloutId=NORA_ID)["nick"] == "nora"


def test_the_client_reads_what_is_refused_as_an_error_of_http(live_server: LiveServer) -> None:
    key = key_of(nora())
    host = urlsplit(live_server.url).netloc

    with pytest.raises(KloutHTTPError) as unknown:
        Klout(key, domain=host).identity.klout(gp="112975106809988327760")
    with pytest.raises(KloutHTTPError) as refused:
        Klout("no-key", domain=host).user.score(kloutId=NORA_ID)

    assert unknown.value.e.code == 404
    assert refused.value.e.code == 403
    assert refused.value.e.headers["X-Mashery-Error-Code"] == "ERR_403_DEVELOPER_INACTIVE"
    for error in (unknown, refused):
        error.value.e.close()
