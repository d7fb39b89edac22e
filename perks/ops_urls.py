"""Addresses of the operators' pages of perks, below /ops/perks/."""

from django.urls import URLPattern, path

from perks.views import ops, ops_codes, ops_edit, ops_people, ops_report

urlpatterns: list[URLPattern] = [
    path("", ops.listed, name="ops_perks"),
    path("new/", ops_edit.new, name="ops_perk_new"),
    path("reach/", ops_edit.reach, name="ops_perk_reach"),
    path("<int:campaign_id>/", ops.campaign, name="ops_perk"),
    path("<int:campaign_id>/edit/", ops_edit.edit, name="ops_perk_edit"),
    path("<int:campaign_id>/picture/", ops_edit.picture, name="ops_perk_picture"),
    path("<int:campaign_id>/codes/", ops_codes.upload, name="ops_perk_codes"),
    path("<int:campaign_id>/codes.csv", ops_codes.made, name="ops_perk_codes_made"),
    path("<int:campaign_id>/preview/", ops_people.preview, name="ops_perk_preview"),
    path("<int:campaign_id>/parcels/", ops_people.parcels, name="ops_perk_parcels"),
    path("<int:campaign_id>/parcels/<int:claim_id>/", ops_people.ship, name="ops_perk_ship"),
    path("<int:campaign_id>/waiting/", ops_people.waiting, name="ops_perk_waiting"),
    path("<int:campaign_id>/report/", ops_report.report, name="ops_perk_report"),
    path("<int:campaign_id>/report/address/", ops_report.address, name="ops_perk_report_address"),
    path("<int:campaign_id>/days.csv", ops_report.days_csv, name="ops_perk_days"),
    path("<int:campaign_id>/claims.csv", ops_report.claims_csv, name="ops_perk_claims"),
    path("<int:campaign_id>/<slug:act>/", ops.act, name="ops_perk_act"),
]
