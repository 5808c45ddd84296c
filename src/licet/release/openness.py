"""How open is a release as a whole? The Model Openness Framework's class and the Open Source AI Definition's checklist.

Both ask what is there and under which license. What is there is told by the kinds, names and files of the components: a
name shows where to look and proves nothing, so every line says what it was told by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final

from licet.licenses import shelf
from licet.licenses.expression import parsed
from licet.licenses.openness import openness as license_class
from licet.release.bundle_owner import Owners
from licet.release.release import Component, Kind, Release

OPEN: Final = ("osi-approved", "fsf-free", "open")
_CODE: Final = r"\.(?:py|ipynb|sh|c|cc|cpp|cu|rs|go|js|ts|jl|r)$"
_TEXT: Final = r"\.(?:pdf|tex|md|rst|txt|html)$"


@dataclass(frozen=True, slots=True)
class _Piece:
    """One of the framework's 17: from which class on it is wanted, whose kind it is, and what its names look like."""

    name: str
    wanted: str  # "III", "II", "I"; with a "?" behind it where it may be left out
    kinds: tuple[Kind, ...]
    words: str
    suffix: str = ""
    whole: bool = False  # a component of this kind is one, whatever its files are called


_MODEL: Final[tuple[Kind, ...]] = ("weights", "adapter")
_ANY: Final[tuple[Kind, ...]] = ("code", "docs", "weights", "adapter", "data")
PIECES: Final = (
    _Piece("model architecture", "III", ("code", *_MODEL), r"model(?:s|ing)?|architecture|network|transformer", _CODE),
    _Piece("model parameters (final)", "III", _MODEL, "", whole=True),
    _Piece(
        "evaluation results", "III", _ANY, r"eval(?:uation)?s?|results?|benchmarks?|metrics", r"\.(?:json|csv|md|txt)$"
    ),
    _Piece("model card", "III", ("docs", *_MODEL), r"readme|model[-_ ]?card", _TEXT),
    _Piece("data card", "III", _ANY, r"data(?:set)?[-_ ]?(?:card|sheet|statement)|datasheet", _TEXT),
    _Piece("technical report", "III", _ANY, r"tech(?:nical)?[-_ ]?report|paper|article", _TEXT),
    _Piece("sample model outputs", "III?", _ANY, r"(?:sample|example)[-_ ]?outputs?"),
    _Piece("training code", "II", ("code",), r"(?:pre)?train(?:er|ing)?|fine[-_]?tune", _CODE),
    _Piece("inference code", "II", ("code",), r"infer(?:ence)?|generate|predict|pipeline|serve|ask", _CODE),
    _Piece("evaluation code", "II", ("code",), r"eval(?:uate|uation)?|benchmark", _CODE),
    _Piece("evaluation data", "II", ("data",), r"eval(?:uation)?|test|valid(?:ation)?|dev|benchmark"),
    _Piece(
        "supporting libraries and tools", "II?", ("code",), r"requirements|pyproject|environment|setup|cargo|package"
    ),
    _Piece("datasets", "I", ("data",), "", whole=True),
    _Piece(
        "data preprocessing code", "I", ("code",), r"pre[-_]?process(?:ing)?|prepare|clean|tokeni[sz]e|dedup", _CODE
    ),
    _Piece("model parameters (intermediate)", "I", _MODEL, r"checkpoints?|intermediate|step[-_]?\d+|epoch[-_]?\d+"),
    _Piece("research paper", "I", _ANY, r"paper|article|preprint", _TEXT),
    _Piece("model metadata", "I?", _MODEL, r"config|metadata|hyper[-_]?param(?:eter)?s?", r"\.(?:json|ya?ml|toml)$"),
)
CLASSES: Final[Mapping[str, str]] = {"III": "Open Model", "II": "Open Tooling", "I": "Open Science"}


@dataclass(frozen=True, slots=True)
class Item:
    """One line: `there` by what, under which license, and whether that license is open. `why` says it in words."""

    name: str
    wanted: str
    there: bool
    open: bool
    why: str

    @property
    def fulfilled(self) -> bool:
        return self.there and self.open


@dataclass(frozen=True, slots=True)
class Openness:
    """`mof` is "I", "II", "III" or "" for none; `missing` is what keeps it from the next class. `model`: is one in it?"""

    mof: str
    items: tuple[Item, ...]
    missing: tuple[str, ...]
    osaid: tuple[Item, ...]
    model: bool = True

    @property
    def open_source_ai(self) -> bool:
        return all(item.fulfilled for item in self.osaid)

    @property
    def summary(self) -> str:
        """Two sentences for the end of a build."""
        if not self.model:
            return "No model is in it: the Model Openness Framework and the Open Source AI Definition class models"
        if self.mof:
            told = f"Model Openness Framework: class {self.mof}, {CLASSES[self.mof]}"
        else:
            told = "Model Openness Framework: no class yet"
        if self.missing:
            told += f" (for the next: {', '.join(self.missing)})"
        lacks = [item.name for item in self.osaid if not item.fulfilled]
        source = "Open Source AI Definition: " + (f"not met: {', '.join(lacks)}" if lacks else "every line is met")
        return f"{told}\n{source}"


def openness(release: Release, now_s: int, files: Iterable[str] = ()) -> Openness:
    """The class of a release at a moment, with the reason of every line. `files` are the paths that go out."""
    found = _Found(release, now_s, tuple(files))
    items = tuple(map(found.item, PIECES))
    by_name = {item.name: item for item in items}
    if not by_name["technical report"].fulfilled and by_name["research paper"].fulfilled:
        by_name["technical report"] = by_name["research paper"]  # the framework takes the one for the other
    reached = ""
    missing: tuple[str, ...] = ()
    for name in CLASSES:
        missing = tuple(i.name for i in items if i.wanted == name and not by_name[i.name].fulfilled)
        if missing:
            break
        reached = name
    model = any(component.kind in _MODEL for component in release.components)
    return Openness(reached, items, missing, tuple(_osaid(by_name)), model)


def as_json(told: Openness) -> dict[str, Any]:
    return {**asdict(told), "class_name": CLASSES.get(told.mof, ""), "open_source_ai": told.open_source_ai}


def is_open(expression: str) -> bool:
    """Does a license leave everybody the freedoms, on a list of free licenses or by its text?"""
    return _is_open(parsed(expression))


@lru_cache(512)
def _is_open(tree: Any) -> bool:
    match tree:
        case ("OR", parts):
            return any(map(_is_open, parts))
        case ("AND", parts):
            return all(map(_is_open, parts))
        case ("WITH", license, exception):
            added = shelf.sheet(exception)  # an exception gives more, an addendum takes away
            return _is_open(license) and added is None
    found = shelf.sheet(tree.removesuffix("+"))
    return found is not None and license_class(found) in OPEN


class _Found:
    def __init__(self, release: Release, now_s: int, files: tuple[str, ...]) -> None:
        self.now_s, self.components = now_s, release.components
        self.owners, self.files = Owners(release.components), files

    def item(self, piece: _Piece) -> Item:
        told = list(self.evidence(piece))
        if not told:
            return Item(piece.name, piece.wanted, False, False, "nothing in the release is called so")
        judged = [(component, by, self.terms(component)) for component, by in told]
        best = next((j for j in judged if j[2] and all(map(is_open, j[2]))), judged[0])
        component, by, terms = best
        where = f"`{by}`" if by else f"component `{component.name}`"
        if not terms:
            return Item(piece.name, piece.wanted, False, False, f"{where} stays in")
        shut = [t for t in terms if not is_open(t)]
        license = f"under {' and '.join(terms)}"
        why = f"{where}, {license}" + (f", and {' and '.join(shut)} is not open" if shut else "")
        return Item(piece.name, piece.wanted, True, not shut, why)

    def terms(self, component: Component) -> tuple[str, ...]:
        """Its license and those of what it was made from; () for what stays in."""
        license = component.license_at(self.now_s)
        return tuple(dict.fromkeys((license, *(u.license for u in component.upstream)))) if license else ()

    def evidence(self, piece: _Piece) -> Iterator[tuple[Component, str]]:
        """Each component that may be it, with the file that shows it, "" for its own name or kind."""
        word = re.compile(rf"(?:^|[/_.\s-])(?:{piece.words})(?=$|[/_.\s-])", re.IGNORECASE)
        suffix = re.compile(piece.suffix, re.IGNORECASE)
        for component in self.components:
            named = f"{component.name} {component.path}"
            if component.kind in piece.kinds and (piece.whole or (piece.words and word.search(named))):
                yield component, ""
        for path in self.files if piece.words else ():
            owner = self.owners.of(path) or self.spokesman()
            if owner and owner.kind in piece.kinds and word.search(path) and suffix.search(path):
                yield owner, path

    def spokesman(self) -> Component | None:
        """What speaks of the whole release goes out under the license of its documentation, else of its model or code."""
        open_ = [c for c in self.components if c.license_at(self.now_s)]
        order: tuple[Kind, ...] = ("docs", *_MODEL, "code")
        return min(open_, key=lambda c: order.index(c.kind) if c.kind in order else len(order), default=None)


def _osaid(pieces: Mapping[str, Item]) -> Iterator[Item]:
    """The definition's lines: what must be there, in terms of the framework's pieces."""
    yield _any("data information", pieces, "data card", "datasets")
    for name in ("data preprocessing code", "training code", "inference code", "model architecture"):
        yield _any(name, pieces, name)
    yield _any("parameters", pieces, "model parameters (final)")


def _any(name: str, pieces: Mapping[str, Item], *of: str) -> Item:
    best = max((pieces[one] for one in of), key=lambda item: (item.fulfilled, item.there))
    return Item(name, "", best.there, best.open, best.why)
