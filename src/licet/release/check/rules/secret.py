"""Do secrets lie in the tree? What goes out once cannot be taken back."""

from __future__ import annotations

from collections.abc import Iterator

from licet.errors import Finding
from licet.release.check.kinds import is_test
from licet.release.check.view import DOCUMENT, View


def find(view: View) -> Iterator[Finding]:
    for place in view.tree.secrets:
        if place.path == DOCUMENT and view.release is None:
            continue  # the reader of licet.toml has told it
        mild = is_test(place.path) or place.what == "a password in an address"
        yield Finding(
            place.path,
            place.line,
            "secret",
            f"{place.what} seems to stand here",
            "take it out and revoke it; if it is made up, say so: `licet: ignore[secret] made up`",
            "warning" if mild else "error",
        )
