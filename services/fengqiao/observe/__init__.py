"""Metrics, structured logs and traces; the registry of a node is passed in.

Deliberately absent: global registries, unbounded labels and personal data (F36).
"""
