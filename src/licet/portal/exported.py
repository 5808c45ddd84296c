"""What does an exported audit say? Its lines as rows of the chain, without a database and without Django."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from licet.errors import LicetError
from licet.portal.chain import Row


def read(lines: Iterable[str], path: Path) -> Iterator[Row]:
    """The rows of an exported file, one a line. LicetError names the line that is none."""
    for number, text in enumerate(lines, 1):
        try:
            told = json.loads(text)
            told.pop("at")
            yield Row(**told)
        except (ValueError, TypeError, AttributeError, KeyError):
            raise LicetError(
                "not a line of an exported audit", where=f"{path}:{number}", mend="export it again"
            ) from None
