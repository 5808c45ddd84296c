"""What stands beside a license's text for whoever accepts it? Its plain reading as text, and the digest that proves it.

The reading is that of this version of Licet; a receipt names it by its SHA-256.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from licet.errors import LicetError
from licet.licenses.explain import explain
from licet.licenses.expression import ids
from licet.release.release import Release


def summary(release: Release, license: str) -> str:
    """One sentence a line, each with its place; "" where neither Licet nor the licensor has read the license."""
    lines = [line for id in _ids(license) for line in _lines(release, id)]
    return "\n".join(lines) + "\n" if lines else ""


def digest(text: str) -> str:
    """The SHA-256 of a summary; "" of none."""
    return sha256(text.encode()).hexdigest() if text else ""


def _lines(release: Release, license: str) -> Iterator[str]:
    if (promise := release.promise(license)) is not None:
        here = release.cite(promise.line, newest=False)
        yield f"You may, commercially too: {', '.join(promise.can)}. ({here})"
        yield from (f"You owe: {duty} ({here})" for duty in promise.must)
        return
    try:
        told = explain(license)
    except LicetError:
        return
    for one in (*told.you_may, *told.you_must, *told.you_may_not):
        yield f"{one.sentence} ({one.cite})"


def _ids(license: str) -> tuple[str, ...]:
    try:
        return ids(license)
    except LicetError:
        return (license,)
