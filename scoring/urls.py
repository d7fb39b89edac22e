"""Addresses of the score pages."""

from django.urls import URLPattern, path

from scoring.views.compare import link_compare
from scoring.views.first_scoring import first_scoring
from scoring.views.history import score, score_csv, score_json
from scoring.views.home import home
from scoring.views.why import why, why_csv

urlpatterns: list[URLPattern] = [
    path("home/", home, name="home"),
    path("score/", score, name="score"),
    path("score/history.csv", score_csv, name="score_csv"),
    path("score/history.json", score_json, name="score_json"),
    path("score/why/", why, name="why"),
    path("score/why.csv", why_csv, name="why_csv"),
    path("links/<int:source_id>/compare/", link_compare, name="link_compare"),
    path("start/scoring/", first_scoring, name="first_scoring"),
]
