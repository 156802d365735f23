"""The county of deploy/compose.yaml, run from built images: `make test-compose`, where a Docker engine is."""
