"""What the commands say: Chinese, or English for who asks for it; and the one error that ends a command."""

import os
import sys


class Trouble(Exception):
    """What was asked for was not done; its text says why and what to do."""


def said(chinese: str, english: str) -> str:
    """Give the words in the language of the reader: Chinese, unless FENGQIAO_LANG begins with `en`."""
    return english if os.environ.get("FENGQIAO_LANG", "").lower().startswith("en") else chinese


def tell(line: str) -> None:
    """Write a line for the person at the machine."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def complain(line: str) -> None:
    """Write a line about what went wrong."""
    sys.stderr.write(f"{line}\n")
