"""Sentences for a person at a terminal: each is one line, whatever the names of files in it."""

import sys


def say(sentence: str) -> None:
    """Print a sentence on standard error."""
    sys.stderr.write(f"{one_line(sentence)}\n")


def one_line(sentence: str) -> str:
    """The sentence, with line breaks, a terminal's commands and the like shown as Python shows them."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in sentence)
