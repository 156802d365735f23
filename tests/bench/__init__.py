"""Benchmarks with their floors from the same run (DESIGN section 9); `make bench` prints the table and writes JSON."""
