"""Under which terms do contributions come in? The paragraph of CONTRIBUTING, made from `contributions` in licet.toml."""

from __future__ import annotations

from collections.abc import Iterator

from licet.release.publish.section import BEGIN, END
from licet.release.publish.told import open_components
from licet.release.release import Component, Release


def contributing(release: Release, now_s: int, own: str = "") -> str:
    """CONTRIBUTING with the paragraph in the place of an older one, or at its end; `own` as it is where nothing is said."""
    rows = [row for c, license in open_components(release, now_s) for row in _rows(release, c, license)]
    if not rows:
        return own
    told = "\n".join([BEGIN, "## Licenses of contributions", *rows, END])
    before, mark, rest = own.partition(BEGIN)
    _, end, after = rest.partition(END)
    if mark and end:
        return before + told + after
    return f"{own.rstrip()}\n\n{told}\n" if own.strip() else f"# Contributing\n\n{told}\n"


def _rows(release: Release, component: Component, license: str) -> Iterator[str]:
    name = f"`{component.name}`"
    match component.contributions:
        case "none":
            yield from ("", f"{name} takes no contributions.")
        case "DCO-1.1":
            yield ""
            yield f"Contributions to {name} come in under {license}, the license that it goes out under. Sign off each"
            yield "commit (`git commit -s`): with it you state that you may give it, as the Developer Certificate of"
            yield "Origin 1.1 puts it (<https://developercertificate.org>). You keep your copyright."
        case "CLA":
            yield ""
            yield f"{name} goes out under {license}. Before a contribution to it is taken, {release.licensor} asks you to"
            yield f"read and sign a contributor license agreement: <{component.contributions_url}>. It says which rights"
            yield "you give, and for what."
