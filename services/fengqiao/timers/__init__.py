"""The door of time: sleeps until the next due instant, claims what is due and calls a handler.

Deliberately absent: scans of everything that is open, and rules about limits (DESIGN section 5).
"""
