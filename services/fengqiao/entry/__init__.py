"""Composition: settings, command line, a node as a value, the host of many nodes, the local stack.

Deliberately absent: rules and SQL; this is the only room that reads configuration and the clock.
"""
