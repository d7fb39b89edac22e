"""Addresses under /accounts/."""

from django.urls import path

from accounts.providers.bluesky import views

urlpatterns = [
    path("bluesky/start/", views.start, name="bluesky_start"),
    path("bluesky/callback/", views.callback, name="bluesky_callback"),
]
