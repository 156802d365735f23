"""The embedded parts: PostgreSQL and Kafka as processes of this machine, from Python packages alone (DESIGN section 7).

Deliberately absent: nodes (the command line starts them), anything for production, and reading of configuration:
folders, ports and the cache come as arguments.
"""
