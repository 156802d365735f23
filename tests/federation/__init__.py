"""Several centres with real PostgreSQL and real Kafka: cases up, directives down."""
