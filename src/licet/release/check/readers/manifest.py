"""What do pyproject.toml, package.json, Cargo.toml, METADATA and the like say of the license of their folder?"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

from licet.licenses.identify import identify
from licet.release.check.meaning import meaning
from licet.release.check.statement import Meaning, Statement, folder_of

NAMES: Final = frozenset(
    [
        "pyproject.toml",
        "cargo.toml",
        "package.json",
        "composer.json",
        "setup.cfg",
        "metadata",
        "pkg-info",
        "citation.cff",
    ]
)
_CLASSIFIER: Final = re.compile(
    r"(?:^(?:Classifier: )?|[\[,])[ \t\"']*License :: (?:OSI Approved :: )?([^\n\"',]+)", re.MULTILINE
)
_FIELD: Final[dict[str, re.Pattern[str]]] = {
    "setup.cfg": re.compile(r"^license[ \t]*=[ \t]*(\S[^\n]*)$", re.MULTILINE),
    "citation.cff": re.compile(r"^license:[ \t]*[\"']?([^\n\"'#]+)", re.MULTILINE),
    "metadata": re.compile(r"^License-Expression:[ \t]*([^\n]+)$", re.MULTILINE),
}
_OLD: Final = re.compile(r"^License:[ \t]*([^\n]*(?:\n[ \t]+[^\n]*)*)", re.MULTILINE)


def is_manifest(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name in NAMES and (
        name not in ("metadata", "pkg-info") or ".dist-info" in path or ".egg-info" in path or "/" not in path
    )


def read_manifest(path: str, text: str) -> Iterator[Statement]:
    """The statements of one manifest, strongest first: an expression or a field, then classifiers."""
    name = path.rpartition("/")[2].lower()
    folder = folder_of(path)
    if folder.endswith((".dist-info", ".egg-info")):
        folder = folder_of(folder)
    for line, written, said in _said(name, text):
        yield Statement(path, line, "manifest", folder, "code" if name.endswith(".toml") else "", written, said)


def _said(name: str, text: str) -> Iterator[tuple[int, str, Meaning]]:
    if name in ("metadata", "pkg-info"):
        yield from _metadata(text)
        return
    written = _written(name, text)
    for word in written:
        if said := meaning(word):
            at = re.search(rf"licen[cs]e[^\n]*{re.escape(word)}", text, re.IGNORECASE) or re.search(
                re.escape(word), text
            )
            yield _line(text, at), word, said
    yield from _classified(text)


def _written(name: str, text: str) -> list[str]:
    try:
        if name.endswith(".toml"):
            told = tomllib.loads(text)
            tool = _dict(_dict(told.get("tool")).get("poetry"))
            tables = [_dict(told.get("project")), tool, _dict(told.get("package"))]
            found = [t.get("license") for t in tables]
        elif name.endswith(".json"):
            told = json.loads(text)
            found = [_any_of(told.get("license")), _any_of(told.get("licenses"))] if isinstance(told, dict) else []
        else:
            found = _FIELD[name].findall(text)
    except (ValueError, RecursionError, TypeError):
        return []
    return [one for each in found if isinstance(one := _worded(each), str) and one.strip()]


def _any_of(told: Any) -> Any:
    """Several in a list are a choice, for npm's old form and for Composer."""
    if not isinstance(told, list):
        return told
    words = [one for each in told if isinstance(one := _worded(each), str) and one.strip()]
    return " OR ".join(words)


def _worded(told: Any) -> Any:
    return told.get("text") or told.get("type") if isinstance(told, dict) else told


def _metadata(text: str) -> Iterator[tuple[int, str, Meaning]]:
    head = text.partition("\n\n")[0]
    if found := _FIELD["metadata"].search(head):
        yield _line(head, found), found[1], meaning(found[1])
        return
    if (old := _OLD.search(text)) and old[1].strip():
        words = re.sub(r"\n[ \t]+\|?", "\n", old[1]).strip()
        said = meaning(words) if len(words) < 200 else Meaning()
        if len(words) >= 200 and (whole := identify(words, "LICENSE")).id:
            said = meaning(whole.id or "")
        if said:
            yield _line(text, old), words.partition("\n")[0][:80], said
            return
    yield from _classified(head)


def _classified(text: str) -> Iterator[tuple[int, str, Meaning]]:
    """Classifiers name families, and several of them may stand together."""
    found = [(m, meaning(m[1].strip())) for m in _CLASSIFIER.finditer(text)]
    told = [(m, said) for m, said in found if said]
    if told:
        first = told[0][0]
        all_of = Meaning(
            frozenset[str]().union(*(s.ids for _, s in told)), told[0][1].expression, len(told) > 1 or told[0][1].vague
        )
        yield _line(text, first), " + ".join(m[1].strip() for m, _ in told), all_of


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _line(text: str, at: re.Match[str] | None) -> int:
    return text.count("\n", 0, at.start()) + 1 if at else 1
