"""Tests against the networks' own servers, run on this machine: `make test-peers`."""
