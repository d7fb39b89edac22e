"""A site that has posts already can tell topics once it is brought up to date."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import Profile
from scoring import topics
from scoring.models import Post
from tests.scoring.upgrades import Nodes, bring_up_to_date, taken_back

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def before() -> Iterator[Nodes]:
    """Take the database back to before there were topics, and bring it up to date afterwards."""
    with taken_back("0005_link_checks") as nodes:
        yield nodes


def test_posts_of_before_are_looked_at_like_new_ones(before: Nodes) -> None:
    apps = MigrationExecutor(connection).loader.project_state(before).apps
    user = apps.get_model("accounts", "User").objects.create(username="nora")
    source = apps.get_model("accounts", "Source").objects.create(
        user=user, network="csv", external_id="1", kind="archive", title="Posts", selected=True
    )
    apps.get_model("scoring", "Post").objects.create(
        source=source, external_id="1", created_at=NOON, excerpt="Screen readers on the web"
    )

    bring_up_to_date()

    assert Post.objects.get().topics_by == ""
    assert topics.assign_new(user.pk, now=NOON) == 1
    assert Post.objects.get().topics.exists()


@pytest.mark.slow
def test_who_asked_to_be_named_to_members_shows_them_their_topics_unless_the_page_is_closed() -> (
    None
):
    with taken_back("0007_plusk") as nodes:
        apps = MigrationExecutor(connection).loader.project_state(nodes).apps
        users, profiles = (apps.get_model("accounts", name).objects for name in ("User", "Profile"))
        for name, listed, shows in (
            ("new", True, None),
            ("open", True, {"page": "everyone", "score": "everyone"}),
            ("wide", True, {"page": "everyone", "topics": "everyone"}),
            ("closed", True, {"page": "", "score": "everyone"}),
            ("silent", False, {"page": "everyone"}),
        ):
            user = users.create(username=name)
            if shows is not None:
                profiles.create(user=user, **shows)
            if listed:
                apps.get_model("scoring", "TopicListing").objects.create(user=user, since=NOON)

    rows = Profile.objects.values_list("user__username", "page", "score", "topics")
    assert sorted(rows) == [
        ("closed", "", "everyone", ""),
        ("new", "members", "", "members"),
        ("open", "everyone", "everyone", "members"),
        ("silent", "everyone", "", ""),
        ("wide", "everyone", "", "everyone"),
    ]
