"""What does a model card say? A front matter that the hub accepts, then the section on licenses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from licet.release.publish.hub import hub_ids, slug
from licet.release.publish.section import with_section
from licet.release.publish.told import open_components
from licet.release.release import Component, Release

_MODEL: Final = ("weights", "adapter")
_HUB_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9./_+-]*")
_WORDS: Final = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")


def model_card(release: Release, now_s: int) -> str:
    """A whole card for a release that has none: front matter, title, section."""
    return with_front_matter(with_section("", release, now_s), release, now_s)


def with_front_matter(readme: str, release: Release, now_s: int, text: str = "LICENSE") -> str:
    """The README with the license in its front matter. Other keys stay as they are; code alone gets none of its own."""
    told = front_matter(release, now_s, text)
    kept, body = _parted(readme)
    if not told and not kept:
        return readme
    rows = [*(f"{key}: {_yaml(value)}" for key, value in told.items()), *_without(kept, told)]
    return "\n".join(["---", *rows, "---", body.lstrip("\n")])


def front_matter(release: Release, now_s: int, text: str = "LICENSE") -> dict[str, Any]:
    """The keys of the front matter, by what the hub calls them; {} for a release without a model or data.

    `text` is where a license lies that the hub has no name for; "": nowhere that could be linked.
    """
    components = open_components(release, now_s)
    about = [(c, license) for c, license in components if c.kind in _MODEL]
    about = about or [(c, license) for c, license in components if c.kind == "data"]
    if not about:
        return {}
    expressions = list(dict.fromkeys(license for _, license in about))
    named = [hub_ids(expression) for expression in expressions]
    ids = list(dict.fromkeys(id for ids in named for id in ids))
    told: dict[str, Any] = {}
    if all(named):
        told["license"] = ids[0] if len(ids) == 1 else ids
    else:
        told |= {"license": "other", "license_name": slug(" AND ".join(expressions))}
        told |= {"license_link": text} if text else {}
    bases = dict.fromkeys(
        u.name for c, _ in about if c.kind in _MODEL for u in c.upstream if _HUB_NAME.fullmatch(u.name)
    )
    if bases:
        told["base_model"] = list(bases)
    return told | _gate([(c, license) for c, license in about if c.accept])


def _gate(accepted: list[tuple[Component, str]]) -> dict[str, Any]:
    """What the hub asks before a download, where a license must be accepted first."""
    if not accepted:
        return {}
    names = ", ".join(dict.fromkeys(license for _, license in accepted))
    return {
        "extra_gated_heading": f"Accept {names} first",
        "extra_gated_prompt": f"The text stands in this repository. Files are given to whoever accepts {names}.",
        "extra_gated_fields": {f"I have read {names} and accept it": "checkbox"},
    }


def _yaml(value: Any) -> str:
    """JSON is YAML; plain words need no quotes."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def _parted(text: str) -> tuple[list[str], str]:
    """The rows of a front matter, and what follows it."""
    rows = text.removeprefix("\ufeff").split("\n")
    if not rows or rows[0].rstrip() != "---":
        return [], text
    end = next((n for n, row in enumerate(rows[1:], 1) if row.rstrip() in ("---", "...")), None)
    return ([], text) if end is None else ([r.rstrip("\r") for r in rows[1:end]], "\n".join(rows[end + 1 :]))


def _without(rows: list[str], told: dict[str, Any]) -> Iterator[str]:
    """The rows of other keys. What we say nothing of (no base model in licet.toml) stays, but never an old license."""
    ours = set(told) | ({"license", "license_name", "license_link"} if told else set())
    mine = False
    for row in rows:
        if key := re.match(
            r"[\w-]+(?=[ \t]*:)", row
        ):  # a row that is indented, or an item of a list, goes with its key
            mine = key[0] in ours
        if not mine:
            yield row
