"""Our own API: JSON for programs that a person gives a token, described by an OpenAPI document."""
