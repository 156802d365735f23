"""Fixtures for all tiers."""

import os

# Tests fork to start servers, and gRPC's own handling of forks crashes such a child; it is read when grpc is imported.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

pytest_plugins = ["tests.parts", "tests.stack"]
