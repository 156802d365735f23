"""`python -m fengqiao` is the command `fengqiao`."""

from fengqiao.entry.cli.main import run

run()
