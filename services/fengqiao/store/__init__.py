"""PostgreSQL: migrations, named SQL blocks and the unit of work; the only room that knows psycopg.

Deliberately absent: rules, clocks (`now` is a parameter), and SQL inside Python (DESIGN section 6).
"""
