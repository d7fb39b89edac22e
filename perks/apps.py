"""Perks: campaigns and claims. The app holds its place in the layers; no feature yet."""

from django.apps import AppConfig


class PerksConfig(AppConfig):
    """Place of the perks app in the import order kloutsite > perks > scoring > accounts."""

    name = "perks"
