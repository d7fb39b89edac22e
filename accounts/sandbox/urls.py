"""Addresses of the made-up network."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
