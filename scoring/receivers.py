"""Turns news from accounts into jobs."""
