"""Rules alone: no process, no network, no file outside a private folder."""
