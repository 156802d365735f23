"""Read models without a database."""
