"""The desk of staff: server-rendered pages that work without JavaScript, and are refreshed by server-sent events (F29).

Deliberately absent: client-side routing, inline scripts and styles, and anything fetched from another host.
"""
