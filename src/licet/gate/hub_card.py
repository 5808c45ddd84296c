"""What can be read of a repository before anything is agreed to? Its model card, its notice, its terms for machines.

The same words as in a bundle, of what goes out here alone; and one table more: how each component is had. The owner's own
README.md and NOTICE stay as they are, and are added to. Clients read the card's head (`ModelCard.load`), so there is one.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Any

from licet.release.publish.model_card import front_matter, with_front_matter
from licet.release.publish.notice_file import notice_file
from licet.release.publish.section import with_section
from licet.release.publish.terms import terms
from licet.release.release import Component, Release

CARD, NOTICE, TERMS = "README.md", "NOTICE", "terms.json"


def papers(
    release: Release, out: Sequence[Component], now_s: int, url: str, own: Mapping[str, str], texts: Sequence[str]
) -> Mapping[str, bytes]:
    """The papers by path. `own` are the owner's README.md and NOTICE, `texts` the paths of the texts that lie there."""
    here, shown = url.rstrip("/"), replace(release, components=tuple(out))
    told = json.dumps(terms(release, url=here), ensure_ascii=False, indent=2)
    return {
        CARD: (_card(shown, now_s, own.get(CARD, ""), texts) + "\n".join(_access(shown, now_s, here, texts))).encode(),
        NOTICE: notice_file(shown, now_s, own.get(NOTICE, "")).encode(),
        TERMS: told.encode() + b"\n",
    }


def front(release: Release, out: Sequence[Component], now_s: int, paths: Container[str]) -> dict[str, Any]:
    """The head of the card, by the names that the hub has (`cardData`). `paths` are the files that lie there."""
    shown = replace(release, components=tuple(out))
    return front_matter(shown, now_s, _text(shown, now_s, paths)) or _of_code(shown, now_s)


def _text(shown: Release, now_s: int, paths: Container[str]) -> str:
    """Where the first license that a hub may have no name for can be read here: by its own name, else as LICENSE."""
    named = [f"LICENSES/{part.license_at(now_s)}" for part in shown.components if part.kind != "code"]
    return next(
        (path for name in (*named, "LICENSE") for path in (f"{name}.txt", f"{name}.md", name) if path in paths), ""
    )


def _card(shown: Release, now_s: int, own: str, texts: Sequence[str]) -> str:
    text = _text(shown, now_s, texts)
    card = with_front_matter(with_section(own, shown, now_s), shown, now_s, text).rstrip("\n") + "\n"
    if card.startswith("---"):
        return card
    # Code alone: the hub asks models and data for a license, its clients' cards are read the same way.
    head = [f"{key}: {json.dumps(value)}" for key, value in _of_code(shown, now_s).items()]
    return "\n".join(["---", *head, "---", card])


def _of_code(shown: Release, now_s: int) -> dict[str, Any]:
    licenses = list(dict.fromkeys(str(c.license_at(now_s)) for c in shown.components))
    if len(licenses) == 1 and not licenses[0].startswith("LicenseRef-") and " " not in licenses[0]:
        return {"license": licenses[0].lower()}
    return {"license": "other"}


def _access(shown: Release, now_s: int, url: str, texts: Sequence[str]) -> list[str]:
    rows = ["", "## How to have it", "", "| component | |", "| --- | --- |"]
    rows += [f"| `{part.name}` | {_way(shown, part, now_s, url)} |" for part in shown.components]
    rows.append("")
    if texts:
        rows.append("Texts to read before: " + ", ".join(f"`{text}`" for text in texts) + ".")
    rows.append(f"The terms are one file, `licet.toml`; for programs, `{TERMS}`. The page of this release: {url}/")
    return [*rows, ""]


def _way(release: Release, part: Component, now_s: int, url: str) -> str:
    by = {f.name for f in release.features if f.download == part.name}
    tiers = [t.name for t in release.tiers if not by.isdisjoint(t.features)]
    anyone = release.anonymous is not None and not by.isdisjoint(release.anonymous.features)
    steps = []
    if not anyone:
        steps.append("a key of tier " + " or ".join(f"`{name}`" for name in tiers) if tiers else "in no tier")
    if part.accept and part.license and not (part.change_s and now_s >= part.change_s):
        steps.append(f"accept {part.license} at {url}/licenses/{part.name}/accept, or `licet accept {part.name}`")
    return "; ".join(steps) or "open to everybody, without an account"
