"""One centre on a real PostgreSQL: store, handlers, doors."""
