"""Addresses of linking and settings."""

from django.urls import URLPattern, path

from accounts.providers.bluesky.views import client_metadata, jwks
from accounts.views import (
    archives,
    cases,
    doctor,
    language,
    letters,
    links,
    meta,
    ops,
    profile,
    settings,
    start,
)

urlpatterns: list[URLPattern] = [
    path("oauth/bluesky/client-metadata.json", client_metadata, name="bluesky_client_metadata"),
    path("oauth/bluesky/jwks.json", jwks, name="bluesky_jwks"),
    path("language/", language.language, name="language"),
    path("start/", start.start, name="start"),
    path("start/choose/<uuid:grant_id>/", start.choose, name="choose"),
    path("start/choose/<uuid:grant_id>/again/", start.choose_again, name="choose_again"),
    path("start/choose/<uuid:grant_id>/missing/", start.choose_missing, name="choose_missing"),
    path("links/", links.links, name="links"),
    path("links/what-we-read/<slug:network>/", start.what_we_read, name="what_we_read"),
    path("links/archive/", archives.archive_upload, name="archive_upload"),
    path("links/archive/example.csv", archives.archive_example, name="archive_example"),
    path("links/<int:source_id>/", links.link, name="link"),
    path("links/<int:source_id>/check/", doctor.link_check, name="link_check"),
    path("links/<int:source_id>/read/", links.link_read, name="link_read"),
    path("links/<int:source_id>/pause/", links.link_pause, name="link_pause"),
    path("links/<int:source_id>/resume/", links.link_resume, name="link_resume"),
    path("links/<int:source_id>/unlink/", links.link_unlink, name="link_unlink"),
    path("links/<int:source_id>/ask/", cases.ask, name="case_ask"),
    path("cases/", cases.listed, name="cases"),
    path("cases/ask/", cases.ask_anything, name="case_ask_anything"),
    path("cases/<int:case_id>/", cases.case, name="case"),
    path("cases/<int:case_id>/close/", cases.close, name="case_close"),
    path("mails/stop/<str:token>/", letters.stop, name="letters_stop"),
    path("meta/<slug:network>/deletion/", meta.deletion, name="meta_deletion"),
    path("meta/<slug:network>/deauthorise/", meta.deauthorise, name="meta_deauthorise"),
    path("meta/deleted/<slug:code>/", meta.deletion_status, name="meta_deletion_status"),
    path("settings/", settings.settings, name="settings"),
    path("settings/profile/", profile.profile_settings, name="profile_settings"),
    path(
        "settings/profile/unblock/<int:user_id>/", profile.profile_unblock, name="profile_unblock"
    ),
    path("people/", profile.people, name="people"),
    path("@<str:handle>/block/", profile.profile_block, name="profile_block"),
    path("ops/", ops.overview, name="ops"),
    path("ops/<slug:network>/pause/", ops.pause, name="ops_pause"),
    path("ops/<slug:network>/resume/", ops.resume, name="ops_resume"),
    path("ops/networks/", ops.networks, name="ops_networks"),
    path("ops/cases/", ops.cases_waiting, name="ops_cases"),
    path("ops/cases/<int:case_id>/", ops.case, name="ops_case"),
    path("ops/cases/<int:case_id>/close/", ops.case_close, name="ops_case_close"),
]
