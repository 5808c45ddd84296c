"""What can be read of a repository before anything is agreed to? Its model card, and its terms for machines.

The owner's own README.md stays as it is; what is added says which component is under which license and how it is had.
Clients read the head between the two `---` lines (`ModelCard.load`), so that is always there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from licet.gate.clocks import rfc3339
from licet.release.release import Component, Release

CARD, TERMS = "README.md", "terms.json"
# The hub's own names are SPDX in small letters; these are the ones that it knows as well, written its way.
_OTHER = "other"


def card(
    release: Release, out: Sequence[Component], now_s: int, url: str, own: str = "", texts: Sequence[str] = ()
) -> bytes:
    """README.md. `own` is the owner's, `texts` are the paths of license texts that lie beside it."""
    here = url.rstrip("/")
    body = own if own.startswith("---") else "\n".join([*_head(release, out, now_s, here), "", *_own(release, own)])
    rows = ["", "## License and access", "", "| component | license | to download it |", "| --- | --- | --- |"]
    for part in out:
        rows.append(
            f"| `{part.name}` (`{part.path}`) | {part.license_at(now_s)} | {_access(release, part, now_s, here)} |"
        )
    changes = [
        f"From {_day(part.change_s)} on `{part.name}` is under {part.change_license}."
        for part in out
        if part.change_s and part.change_s > now_s
    ]
    kept = [text for text in texts if text not in (CARD, "licet.toml")]
    tail = [*([""] if changes else []), *changes, ""]
    if kept:
        tail += ["License texts: " + ", ".join(f"`{text}`" for text in kept) + ".", ""]
    tail += [f"The terms are one file, `licet.toml`; for programs: `{TERMS}`. The page of this release: {here}/", ""]
    return ("\n".join([body.rstrip("\n"), *rows, *tail])).encode()


def papers(release: Release, out: Sequence[Component], now_s: int, url: str) -> Mapping[str, bytes]:
    """The terms as JSON, by path."""
    told: dict[str, Any] = {
        "release": release.name,
        "version": release.version,
        "licensor": release.licensor,
        "contact": release.contact,
        "document": release.sha256,
        "page": f"{url.rstrip('/')}/",
        "terms": f"{url.rstrip('/')}/terms.json",
        "components": [_terms(release, part, now_s, url.rstrip("/")) for part in out],
    }
    return {TERMS: json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"}


def front(release: Release, out: Sequence[Component], now_s: int, url: str) -> dict[str, Any]:
    """The head of the card, as the hub's clients know it (`cardData`)."""
    licenses = list(dict.fromkeys(str(part.license_at(now_s)) for part in out))
    told: dict[str, Any] = {"license": _OTHER}
    if (
        len(licenses) == 1
        and licenses[0].replace("-", "").replace(".", "").isalnum()
        and "LicenseRef" not in licenses[0]
    ):
        return {"license": licenses[0].lower()}
    if licenses:
        told["license_name"] = " AND ".join(f"({one})" if " " in one else one for one in licenses)
    told["license_link"] = f"{url.rstrip('/')}/"
    return told


def _head(release: Release, out: Sequence[Component], now_s: int, url: str) -> list[str]:
    # A JSON text is a YAML text, so nothing that is written in a licet.toml can break out of its line.
    lines = [f"{key}: {json.dumps(value)}" for key, value in front(release, out, now_s, url).items()]
    return ["---", *lines, "---"]


def _own(release: Release, own: str) -> list[str]:
    if own.strip():
        return [own.rstrip("\n")]
    return [f"# {release.name} {release.version}", "", f"By {release.licensor}.", "", release.why.strip()]


def _access(release: Release, part: Component, now_s: int, url: str) -> str:
    steps = []
    tiers, anyone = _who(release, part)
    if not anyone:
        steps.append("a key of tier " + " or ".join(f"`{name}`" for name in tiers) if tiers else "not on offer now")
    if _asked(part, now_s):
        steps.append(f"accept the license: {url}/licenses/{part.name}/accept or `licet accept {part.name}`")
    return "; ".join(steps) or "open to everybody"


def _terms(release: Release, part: Component, now_s: int, url: str) -> dict[str, Any]:
    tiers, anyone = _who(release, part)
    told: dict[str, Any] = {
        "name": part.name,
        "kind": part.kind,
        "path": part.path,
        "license": part.license_at(now_s),
        "license_page": f"{url}/licenses/{part.name}",
        "open": anyone and not _asked(part, now_s),
        "tiers": tiers,
        "accept": f"{url}/licenses/{part.name}/accept" if _asked(part, now_s) else None,
        "cite": release.cite(part.line),
    }
    if part.change_s and part.change_s > now_s:
        told |= {"change_date": rfc3339(part.change_s), "change_license": part.change_license}
    return told


def _who(release: Release, part: Component) -> tuple[list[str], bool]:
    """The tiers that may have a component, and whether callers without an account may."""
    by = {f.name for f in release.features if f.download == part.name}
    anyone = release.anonymous is not None and not by.isdisjoint(release.anonymous.features)
    return [t.name for t in release.tiers if not by.isdisjoint(t.features)], anyone


def _asked(part: Component, now_s: int) -> bool:
    """Must its license be accepted first? Past its change date it need not be."""
    return part.accept and part.license is not None and not (part.change_s and now_s >= part.change_s)


def _day(at_s: int | None) -> str:
    return rfc3339(at_s or 0)[:10]
