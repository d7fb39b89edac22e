"""Addresses under /accounts/; every server has a redirect address of its own."""

from django.urls import path

from accounts.providers.mastodon import views

urlpatterns = [
    path("mastodon/start/", views.start, name="mastodon_start"),
    path("mastodon/<str:host>/callback/", views.callback, name="mastodon_callback"),
]
