"""Receivers of allauth signals."""
