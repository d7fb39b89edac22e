"""Addresses of linking and settings."""

from django.urls import URLPattern, path

from accounts.views import archives

urlpatterns: list[URLPattern] = [
    path("links/archive/", archives.archive_upload, name="archive_upload"),
    path("links/archive/example.csv", archives.archive_example, name="archive_example"),
]
