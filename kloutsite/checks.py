"""System checks: a half-configured site stops at the start with a sentence."""
