"""Addresses of perks. No campaign may be called as one of the words here: campaigns._RESERVED."""

from django.urls import URLPattern, path

from perks.views import catalogue, claiming, correcting, given, mine, ops_report, perk

urlpatterns: list[URLPattern] = [
    path("perks/", catalogue.perks, name="perks"),
    path("perks/mine/", mine.listed, name="perks_mine"),
    path("perks/mine/<uuid:ref>/", mine.one, name="perk_mine"),
    path("perks/mine/<uuid:ref>/correct/", correcting.correct, name="perk_correct"),
    path("perks/mine/<uuid:ref>/give-back/", mine.give_back, name="perk_give_back"),
    path("perks/mine/<uuid:ref>/<slug:act>/", mine.act, name="perk_mine_act"),
    path("perks/<slug:slug>/", perk.perk, name="perk"),
    path("perks/<slug:slug>/claim/", claiming.claim, name="perk_claim"),
    path("perks/<slug:slug>/leave/", perk.leave, name="perk_leave"),
    path("perks/<slug:slug>/draw.txt", perk.draw, name="perk_draw"),
    path("perks/<slug:slug>/<slug:digest>.webp", catalogue.picture, name="perk_picture"),
    path("perks/<slug:slug>/<slug:act>/", perk.act, name="perk_act"),
    path("returned/<slug:secret>/", ops_report.for_brand, name="perk_report"),
    path("settings/given/", given.given, name="given_facts"),
]
