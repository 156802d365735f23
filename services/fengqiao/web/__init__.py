"""The HTTP door: the desk of staff, the pages of citizens, probes and metrics.

Deliberately absent: rules, SQL, and client-side state that the server does not know (DESIGN section 8).
"""
