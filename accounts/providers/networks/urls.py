"""Addresses under /accounts/: start and come back, for each network of one address."""

from django.urls import path

from accounts.connectors import SIGN_IN
from accounts.providers.networks import views

urlpatterns = [
    pattern
    for network in SIGN_IN
    for pattern in (
        path(f"{network}/login/", views.start, {"network": network}, name=f"{network}_login"),
        path(
            f"{network}/login/callback/",
            views.callback,
            {"network": network},
            name=f"{network}_callback",
        ),
    )
]
