"""Can what is promised be read? An acceptance and a certificate are about one exact text, so it must lie in the release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from licet.errors import Finding

if TYPE_CHECKING:
    from licet.release.release import Component, Release

TEXT_FOLDERS = ("LICENSES", "licenses", ".")
"""Where a license text may lie in a release, as REUSE and the hubs have it: `LICENSES/CC-BY-NC-4.0.txt`."""


def find_text(folder: Path, component: Component, license: str = "") -> Path | None:
    """The file with the text of the component's license: by the license's name, else the component's own LICENSE.

    Of another `license`, which a tier carries for the component: by its name alone.
    """
    license = license or component.license or ""
    if not license:
        return None
    names = (f"{license}.txt", f"{license}.md")
    places = [folder / f / name for f in TEXT_FOLDERS for name in names]
    own = folder / component.path if component.path else folder
    if license == component.license and own != folder:
        places += [own / name for name in ("LICENSE", "LICENSE.txt", "LICENSE.md")]
    inside = folder.resolve()
    return next((p for p in places if p.is_file() and p.resolve().is_relative_to(inside)), None)


def unreadable(release: Release, folder: Path) -> Iterator[Finding]:
    """A finding for each text that lies nowhere, though a component asks for its acceptance or a tier carries it."""
    from licet.release.bundle_texts import source

    for part in release.components:
        if part.accept and part.license and find_text(folder, part) is None:
            yield Finding(
                release.path,
                part.line,
                "accept-no-text",
                f"`{part.name}` asks for an acceptance of {part.license}, and its text lies nowhere here: "
                "nobody can accept it, so nobody gets its files",
                f"put the text at LICENSES/{part.license}.txt ({source(part.license)}), or take `accept` out",
                "warning",
            )
    for tier in release.tiers:
        for name, license in tier.licenses.items():
            of = release.component(name)
            if of is not None and find_text(folder, of, license) is None:
                yield Finding(
                    release.path,
                    tier.line,
                    "carried-no-text",
                    f"tier `{tier.name}` carries {license} for `{name}`, and its text lies nowhere here: "
                    "nobody can read what its certificate promises",
                    f"put the text at LICENSES/{license}.txt ({source(license)})",
                    "warning",
                )
