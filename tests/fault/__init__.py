"""Real parts killed, stopped and emptied while cases flow; seeds are printed."""
