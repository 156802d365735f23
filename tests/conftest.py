"""Fixtures for all tiers."""

pytest_plugins = ["tests.parts", "tests.stack"]
