"""Addresses of linking and settings."""

from django.urls import URLPattern, path

urlpatterns: list[URLPattern] = []
