"""Plumbing shared by all tests."""
