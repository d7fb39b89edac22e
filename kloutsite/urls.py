"""All addresses. Names are stable: templates and tests link by name only."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from accounts.views.signup import SignUp
from accounts.views.ways_in import WaysIn
from kloutsite import api, views
from scoring.klout.feed import feed
from scoring.klout.v1 import v1
from scoring.klout.v2 import v2
from scoring.klout.widgets import page, person_of_id, topic_of_id

# Django's own form would let staff in by password alone, without second factor or rate limit.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.landing, name="landing"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("how-it-counts/", views.how_it_counts, name="how_it_counts"),
    path("accounts/signup/", SignUp.as_view(), name="account_signup"),
    path("accounts/3rdparty/", WaysIn.as_view(), name="socialaccount_connections"),
    path("accounts/", include("allauth.urls")),
    *api.urlpatterns,
    path("", include("accounts.urls")),
    path("", include("scoring.urls")),
    path("ops/perks/", include("perks.ops_urls")),
    path("", include("perks.urls")),
    path("admin/", admin.site.urls),
    # Whatever is asked of the interface of Klout is answered by it, never by a page.
    re_path(r"^v2(?:/(?P<path>[\s\S]*))?$", v2, name="klout_v2"),
    re_path(r"^1(?:/(?P<path>[\s\S]*))?$", v1, name="klout_v1"),
    re_path(r"^user/id/(?P<klout_id>[0-9]{1,24})/?$", person_of_id, name="klout_user_id"),
    re_path(r"^user/(?P<name>[A-Za-z0-9_]{1,30})/?$", page, name="klout_user"),
    re_path(r"^topic/id/(?P<number>[0-9]{1,24})/?$", topic_of_id, name="klout_topic_id"),
    re_path(r"^feed/(?P<key>[^/]+)/(?P<name>[^/]+)\.xml/?$", feed, name="klout_feed"),
]
if settings.SANDBOX:
    from accounts.sandbox.views import try_it

    urlpatterns.append(path("try/", try_it, name="try"))
    urlpatterns.append(path("sandbox/", include("accounts.sandbox.urls")))
# One word that is no page above: where klout.com had the page of a person.
urlpatterns.append(re_path(r"^(?P<name>[A-Za-z0-9_]{1,30})/?$", page, name="klout_page"))

handler400 = "kloutsite.errors.bad_request"
handler403 = "kloutsite.errors.forbidden"
handler404 = "kloutsite.errors.not_found"
handler500 = "kloutsite.errors.server_error"
