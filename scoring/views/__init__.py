"""Pages of the score. They read stored rows and compute no score."""
