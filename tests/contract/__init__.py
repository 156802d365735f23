"""Promises to others: messages on the wire, the schema, commands and their output, counts of round trips."""
