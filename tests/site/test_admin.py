"""Staff sign in where everybody does: with a second factor and with rate limits."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "a long pass phrase"


def staff() -> User:
    return User.objects.create_superuser("ada", "ada@example.org", PASSWORD)


def test_the_admin_has_no_sign_in_of_its_own(client: Client) -> None:
    staff()

    response = client.post(
        reverse("admin:login"),
        {"username": "ada", "password": PASSWORD, "next": reverse("admin:index")},
    )

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))
    assert "_auth_user_id" not in client.session


def test_staff_who_signed_in_reach_the_admin(client: Client) -> None:
    client.force_login(staff())

    assert client.get(reverse("admin:index")).status_code == 200


def test_everybody_else_is_refused_in_words(client: Client) -> None:
    client.force_login(User.objects.create_user("bob"))

    response = client.get(reverse("admin:login"))

    assert response.status_code == 403
    assert "This is not yours to open" in response.content.decode()
