"""Every test of Fengqiao, one folder per tier; `make test` runs them all, `make test-TIER` one of them."""
