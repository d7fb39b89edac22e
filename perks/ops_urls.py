"""Addresses of the operators' pages of perks, below /ops/perks/."""

from django.urls import URLPattern, path

from perks.views import ops, ops_codes, ops_edit

urlpatterns: list[URLPattern] = [
    path("", ops.listed, name="ops_perks"),
    path("new/", ops_edit.new, name="ops_perk_new"),
    path("reach/", ops_edit.reach, name="ops_perk_reach"),
    path("<int:campaign_id>/", ops.campaign, name="ops_perk"),
    path("<int:campaign_id>/edit/", ops_edit.edit, name="ops_perk_edit"),
    path("<int:campaign_id>/picture/", ops_edit.picture, name="ops_perk_picture"),
    path("<int:campaign_id>/codes/", ops_codes.upload, name="ops_perk_codes"),
    path("<int:campaign_id>/codes.csv", ops_codes.made, name="ops_perk_codes_made"),
    path("<int:campaign_id>/<slug:act>/", ops.act, name="ops_perk_act"),
]
