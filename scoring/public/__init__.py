"""What other sites show of a person: badge, card and chart as pictures, and the score as JSON.

Answered from stored rows by a callable that stands before Django (kloutsite.ahead), and by views of
the same addresses: both ask `answering.answer`.
"""

from scoring.public.answering import Answer, Asked, answer, asked

__all__ = ["Answer", "Asked", "answer", "asked"]
