"""The interface of Klout, v1 and v2, and its widgets, over people who opened their score to all.

What is answered, what differs and where the shapes come from: docs/klout-api.md.
"""
