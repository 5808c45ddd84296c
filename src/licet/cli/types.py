"""Which types do the commands share? What `add(commands)` is given, and values that argparse reads for several of them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def port(text: str) -> int:
    """The number of a port; argparse says the complaint, with the option's name before it."""
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"`{text[:20]}` is not a port; take a number from 0 to 65535")
    return int(text)


def count(text: str) -> int:
    """A whole number, 0 or more."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"`{text[:20]}` is no count; write a whole number, 0 or more")
    return int(text)
