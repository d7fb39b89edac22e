"""Addresses of the score pages."""

from django.urls import URLPattern, path

urlpatterns: list[URLPattern] = []
