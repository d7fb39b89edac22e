"""What posts are about: the taxonomy, and everything about topics that is pure arithmetic."""
