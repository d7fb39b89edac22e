"""The widgets of Klout, over people who opened their score to all."""
