"""Addresses of linking and settings."""

from django.urls import URLPattern, path

from accounts.views import archives, links, settings, start

urlpatterns: list[URLPattern] = [
    path("start/", start.start, name="start"),
    path("start/choose/<uuid:grant_id>/", start.choose, name="choose"),
    path("start/choose/<uuid:grant_id>/again/", start.choose_again, name="choose_again"),
    path("start/choose/<uuid:grant_id>/missing/", start.choose_missing, name="choose_missing"),
    path("links/", links.links, name="links"),
    path("links/what-we-read/<slug:network>/", start.what_we_read, name="what_we_read"),
    path("links/archive/", archives.archive_upload, name="archive_upload"),
    path("links/archive/example.csv", archives.archive_example, name="archive_example"),
    path("links/<int:source_id>/", links.link, name="link"),
    path("links/<int:source_id>/read/", links.link_read, name="link_read"),
    path("links/<int:source_id>/pause/", links.link_pause, name="link_pause"),
    path("links/<int:source_id>/resume/", links.link_resume, name="link_resume"),
    path("links/<int:source_id>/unlink/", links.link_unlink, name="link_unlink"),
    path("settings/", settings.settings, name="settings"),
]
