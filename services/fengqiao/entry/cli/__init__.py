"""The command line: one module per group of commands; arguments in, exit code out (DESIGN section 11)."""
