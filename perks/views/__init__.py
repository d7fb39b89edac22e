"""Pages of perks, one module a page group."""
