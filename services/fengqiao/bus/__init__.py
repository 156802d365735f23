"""Edges between centres: Kafka topics, relay, carriers, Link and dead letters.

Deliberately absent: rules, SQL, Faust tables and exactly-once mode (DESIGN section 4).
"""
