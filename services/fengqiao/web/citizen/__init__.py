"""Pages that everybody may see, on a listener of their own: no session, no cookie (F33; the doors of F01 come here)."""
