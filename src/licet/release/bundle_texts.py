"""Where is the text of each license? In the release's own folder first, then wherever the provider has it; never here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from licet.errors import Finding
from licet.licenses.expression import parsed
from licet.release.check.kinds import is_license
from licet.release.release import Component, Release

_SUFFIXES = ("", ".txt", ".md")


@dataclass(frozen=True, slots=True)
class Use:
    """Why a text is needed: for a component, on this line. `own`: its own license, not that of what it was made from."""

    id: str
    component: str
    line: int
    own: bool


type Provider = Callable[[Use], bytes | None]
"""The text of a license, or None where it is not at hand."""


def wanted(components: Sequence[Component], now_s: int, headers: Iterable[str] = ()) -> list[Use]:
    """Every license and exception whose text must go along, in the order written; `headers` are expressions of files."""
    uses: dict[str, Use] = {}
    for component in components:
        for id in texts_of(component.license_at(now_s) or ""):
            uses.setdefault(id, Use(id, component.name, component.line, True))
    for upstream, component in ((u, c) for c in components for u in c.upstream):
        for id in texts_of(upstream.license):
            uses.setdefault(id, Use(id, component.name, upstream.line, False))
    for id in (id for expression in headers for id in texts_of(expression)):
        uses.setdefault(id, Use(id, "", 0, False))
    return list(uses.values())


def texts_of(expression: str) -> tuple[str, ...]:
    """The ids in an expression that have a text of their own, exceptions too."""
    return tuple(dict.fromkeys(_leaves(parsed(expression)))) if expression else ()


def _leaves(tree: Any) -> Iterator[str]:
    match tree:
        case str():
            yield tree.removesuffix("+")
        case ("WITH", license, exception):
            yield from (str(license).removesuffix("+"), str(exception))
        case (_, parts):
            for part in parts:
                yield from _leaves(part)


def places(id: str, paths: Iterable[str], release: Release, now_s: int) -> Iterator[tuple[str, bool]]:
    """The files that may hold the text of a license, the surest first; True where the name alone says so."""
    at_hand = sorted(paths)
    for name in _spellings(id):
        for folder in ("LICENSES/", "licenses/", ""):
            yield from ((path, True) for suffix in _SUFFIXES if (path := folder + name + suffix) in at_hand)
    folders = [c.path.rstrip("/") for c in release.components if id in texts_of(c.license_at(now_s) or "")]
    for folder in (*folders, ""):
        for path in at_hand:
            if path.rpartition("/")[0] == folder and is_license(path):
                yield path, False


def _spellings(id: str) -> tuple[str, ...]:
    """One text serves `GPL-3.0-only` and `GPL-3.0-or-later`."""
    stem = id.removesuffix("-only").removesuffix("-or-later")
    return (id,) if stem == id else (id, f"{stem}-only", f"{stem}-or-later", stem)


def gather(
    uses: Iterable[Use],
    paths: Iterable[str],
    read: Callable[[str], bytes],
    release: Release,
    now_s: int,
    provider: Provider,
) -> tuple[Mapping[str, bytes], list[Finding]]:
    """The texts by id, and a finding for each that is not at hand. `read` gives a file of the release."""
    at_hand, found = list(paths), {}
    findings: list[Finding] = []
    for use in uses:
        text = next(
            (body for path, sure in places(use.id, at_hand, release, now_s) if _is(use.id, body := read(path), sure)),
            None,
        ) or provider(use)
        if text:
            found[use.id] = text
        else:
            findings.append(_missing(use, release.path))
    return found, findings


def _is(id: str, body: bytes, sure: bool) -> bool:
    """A file that only is called LICENSE may hold any license: its words say which. A text of one's own nobody knows."""
    if not body.strip():
        return False
    if sure:
        return True
    from licet.licenses.identify import identify

    told = identify(body.decode("utf-8", "replace"), "LICENSE")
    return told.id == id or told.id in _spellings(id) or (id.startswith("LicenseRef-") and told.closest is None)


def _missing(use: Use, path: str) -> Finding:
    says = f"the text of {use.id} is not at hand" + (f"; `{use.component}` goes out with it" if use.component else "")
    return Finding(path, use.line, "no-text", says, f"put it at LICENSES/{use.id}.txt: {source(use.id)}", "warning")


def source(id: str) -> str:
    """Where a text can be got."""
    from licet.licenses.shelf import sheet
    from licet.licenses.write_sources import address

    own = id.startswith("LicenseRef-") and sheet(id) is None
    return "only its author has it" if own else address(id)


def installed(licensor: str, year: str) -> Provider:
    """The provider of a build: texts that other packages on this machine carry, found by `licet write`'s own search.

    The licensor's name goes into the texts of the licensor's own licenses only.
    """
    from licet.licenses.write import filled
    from licet.licenses.write_sources import at_hand

    def text(use: Use) -> bytes | None:
        found = at_hand(use.id)
        if found is None:
            return None
        return (filled(found.text, licensor, year).text if use.own else found.text).encode()

    return text
