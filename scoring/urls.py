"""Addresses of the score pages."""

from django.urls import URLPattern, path, re_path

from scoring.klout.widgets import badge, hover
from scoring.views.badge_shown import badge_shown
from scoring.views.badges import badge_change, badge_page, badges_old, my_badges
from scoring.views.compare import link_compare
from scoring.views.embeds import embed, public_answer
from scoring.views.first_scoring import first_scoring
from scoring.views.history import score, score_csv, score_json
from scoring.views.home import home
from scoring.views.moments import moment_change, moments
from scoring.views.moved import moved
from scoring.views.my_topics import my_topics
from scoring.views.oembed import oembed
from scoring.views.plusk import plusk_act, plusk_give, plusk_log
from scoring.views.plusk_files import plusk_csv, plusk_json
from scoring.views.plusk_ops import ops_plusk, ops_plusk_rule
from scoring.views.profile import profile, profile_preview
from scoring.views.profile_card import card
from scoring.views.profile_feeds import feed_atom, feed_json
from scoring.views.pulse import pulse
from scoring.views.side_by_side import compare
from scoring.views.simulator import score_try
from scoring.views.style import style
from scoring.views.topic_changes import my_topic_change
from scoring.views.topic_evidence import my_topic, my_topic_wrong
from scoring.views.topic_files import topics_csv, topics_json
from scoring.views.topic_page import topic
from scoring.views.topics import topics
from scoring.views.when import when
from scoring.views.why import why, why_csv

urlpatterns: list[URLPattern] = [
    path("home/", home, name="home"),
    path("score/", score, name="score"),
    path("score/history.csv", score_csv, name="score_csv"),
    path("score/history.json", score_json, name="score_json"),
    path("score/why/", why, name="why"),
    path("score/why.csv", why_csv, name="why_csv"),
    path("score/try/", score_try, name="score_try"),
    path("links/<int:source_id>/compare/", link_compare, name="link_compare"),
    path("plusk/", plusk_log, name="plusk"),
    path("plusk.csv", plusk_csv, name="plusk_csv"),
    path("plusk.json", plusk_json, name="plusk_json"),
    path("plusk/give/", plusk_give, name="plusk_give"),
    path("plusk/<int:plusk_id>/<slug:act>/", plusk_act, name="plusk_act"),
    path("badges/", my_badges, name="badges"),
    path("badges/old-posts/", badges_old, name="badges_old"),
    path("badges/<slug:slug>/", badge_page, name="badge"),
    path("badges/<slug:slug>/<slug:act>/", badge_change, name="badge_change"),
    path("style/", style, name="style"),
    path("compare/", compare, name="compare"),
    path("pulse/", pulse, name="pulse"),
    path("people/moved/", moved, name="moved"),
    path("when/", when, name="when"),
    path("moments/", moments, name="moments"),
    path("moments/<int:post_id>/<slug:act>/", moment_change, name="moment_change"),
    path("topics/", topics, name="topics"),
    path("topics/mine/", my_topics, name="my_topics"),
    path("topics/mine.csv", topics_csv, name="topics_csv"),
    path("topics/mine.json", topics_json, name="topics_json"),
    path("topics/mine/<slug:slug>/", my_topic, name="my_topic"),
    path("topics/mine/<slug:slug>/wrong/", my_topic_wrong, name="my_topic_wrong"),
    path("topics/mine/<slug:slug>/<slug:act>/", my_topic_change, name="my_topic_change"),
    path("topics/<slug:slug>/", topic, name="topic"),
    path("ops/plusk/", ops_plusk, name="ops_plusk"),
    path("ops/plusk/<int:plusk_id>/<slug:act>/", ops_plusk_rule, name="ops_plusk_rule"),
    path("settings/profile/preview/", profile_preview, name="profile_preview"),
    path("settings/embed/", embed, name="embed"),
    path("oembed", oembed, name="oembed"),
    # In service kloutsite.ahead answers these before Django does.
    re_path(r"^@(?P<handle>[^/]+)/(?P<kind>badge|card|chart)\.svg$", public_answer, name="picture"),
    re_path(r"^@(?P<handle>[^/]+)/score\.json$", public_answer, name="public_score"),
    re_path(
        r"^seen/(?P<secret>[\w-]+)/((?P<kind>badge|card|chart)\.svg|score\.json)$",
        public_answer,
        name="seen",
    ),
    path("@<str:handle>/card.png", card, name="profile_card"),
    path("@<str:handle>/feed.json", feed_json, name="profile_feed_json"),
    path("@<str:handle>/feed.atom", feed_atom, name="profile_feed_atom"),
    path("@<str:handle>/badges/<slug:slug>/", badge_shown, name="profile_badge"),
    # With a slash at the end it is the same page, which sends on to its one address.
    re_path(r"^@(?P<handle>[^/]+)/?$", profile, name="profile"),
    re_path(r"^badge/(?P<name>[^/]+)/?$", badge, name="klout_badge"),
    re_path(r"^public/scripts/widget_hover\.js/?$", hover, name="klout_hover"),
    path("start/scoring/", first_scoring, name="first_scoring"),
]
