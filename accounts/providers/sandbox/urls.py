"""Addresses of signing in by the made-up network."""

from allauth.socialaccount.providers.oauth2.urls import default_urlpatterns

from accounts.providers.sandbox.provider import SandboxProvider

urlpatterns = default_urlpatterns(SandboxProvider)
