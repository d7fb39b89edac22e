"""Addresses of the made-up network."""

from django.urls import path

from accounts.sandbox import views

urlpatterns = [
    path("", views.index, name="sandbox"),
    path("authorize/", views.authorize, name="sandbox_authorize"),
    path("faults/", views.faults, name="sandbox_faults"),
    path("posts/<str:post_id>/", views.post, name="sandbox_post"),
    path("places/<slug:place_id>/", views.place, name="sandbox_place"),
]
