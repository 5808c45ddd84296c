"""Of which parts does a tree consist, and which statements speak of each? With a licet.toml: its components."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from licet.release.check.meaning import meaning
from licet.release.check.statement import WEIGHT, About, By, Meaning, Mention, Statement, Tree, folder_of, within
from licet.release.release import Component, Release

_ABOUT: Final[dict[str, About]] = {
    "code": "code",
    "weights": "weights",
    "adapter": "weights",
    "data": "data",
    "docs": "docs",
}
_FOUNDING: Final[tuple[By, ...]] = ("license file", "card", "manifest")  # a folder with one of these speaks for itself


@dataclass(slots=True)
class Part:
    """One part: a component, or (without a licet.toml) what of one kind lies in a folder that speaks for itself.

    `own` speak of it alone, `shared` of it and of others, `inner` of folders inside it: other people's work there.
    """

    name: str
    about: About
    folder: str
    component: Component | None = None
    own: list[Statement] = field(default_factory=list)
    shared: list[Statement] = field(default_factory=list)
    inner: list[Statement] = field(default_factory=list)
    headers: list[Statement] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    files: int = 0

    @property
    def license(self) -> Meaning:
        """What it goes out under, by the strongest statement that says so."""
        if self.component:
            return meaning(self.component.license) if self.component.license else Meaning()
        ranked = sorted(
            merged([*self.own, *self.shared]), key=lambda s: (s not in self.own and s.by == "badge", WEIGHT[s.by])
        )
        often = sorted(self.headers, key=lambda s: -s.copies)  # where only headers speak, most of them do
        return next((s.meaning for s in (*ranked, *often) if s.meaning), Meaning())

    @property
    def title(self) -> str:
        if self.component:
            return f"component `{self.name}`"
        return f"the {self.about or 'work'} in `{self.folder}/`" if self.folder else f"the {self.about or 'release'}"


def parts_of(tree: Tree, release: Release | None) -> list[Part]:
    """Every part with the statements that speak of it, the strongest first."""
    parts = _components(release) if release else _inferred(tree)
    homes = Homes(parts)
    for file in tree.files:
        if (home := homes.of(file.path, file.kind)) is not None:
            home.files += 1
    for said in tree.statements:
        _place(said, parts, homes)
    for mention in tree.mentions:
        if (home := _made(mention, parts, homes)) is not None:
            home.mentions.append(mention)
    return parts


class Homes:
    """Which part is a file of? The one whose folder is nearest; of several there, the one of its kind."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.at: dict[str, list[Part]] = defaultdict(list)
        for part in parts:
            self.at[part.folder].append(part)
        self.open_components = sum(bool(p.component and not p.component.proprietary) for p in parts)

    def of(self, path: str, kind: About) -> Part | None:
        folder = path
        while True:
            if here := self.at.get(folder):
                same = [p for p in here if p.about == kind]
                if same or folder or here[0].component is None or len(here) == 1:
                    return (same or here)[0]
                return None
            if not folder:
                return None
            folder = folder_of(folder)


def _components(release: Release) -> list[Part]:
    return [Part(c.name, _ABOUT.get(c.kind, ""), c.path.strip("/").removeprefix("./").removesuffix("."), c)
            for c in release.components if c.kind != "service"]  # fmt: skip


def _inferred(tree: Tree) -> list[Part]:
    roots = {""} | {s.folder for s in tree.statements if s.by in _FOUNDING and (s.meaning or s.closest)}
    counted: dict[tuple[str, About], int] = defaultdict(int)
    for file in tree.files:
        folder = folder_of(file.path)
        while folder not in roots:
            folder = folder_of(folder)
        if file.kind in ("code", "weights", "data") and ".dist-info/" not in file.path:
            counted[folder, file.kind] += 1
    found = [Part(about, about, folder) for folder, about in sorted(counted)]
    found += [Part("release", "", folder) for folder in sorted(roots - {p.folder for p in found})]
    return found


def _place(said: Statement, parts: Sequence[Part], homes: Homes) -> None:
    if said.by == "header":
        if home := homes.of(f"{said.folder}/x".lstrip("/"), said.about):
            home.headers.append(said)
        return
    if said.by == "card" and not any(p.about == said.about and within(p.folder, said.folder) for p in parts):
        said = replace(said, about="")  # a model card without weights beside it speaks of what is there
    beside = homes.at.get(said.folder, [])
    for part in beside:
        if said.about in ("", part.about) or not part.about:
            alone = len(beside) == 1 and (bool(said.folder) or homes.open_components <= 1)
            alone = alone or (said.about != "" and said.about == part.about)
            (part.own if alone else part.shared).append(said)
    home = homes.of(f"{said.folder}/x".lstrip("/"), said.about)
    inner = said.by in (*_FOUNDING, "reuse", "metadata")  # what prose deep inside says is seldom about more than itself
    if inner and home is not None and home.folder != said.folder and within(said.folder, home.folder):
        home.inner.append(said)
    if not said.folder:  # what the root says reaches every component that says nothing itself
        for part in parts:
            if part.folder and part.component and said.about in ("", part.about):
                part.shared.append(said)


def _made(mention: Mention, parts: Sequence[Part], homes: Homes) -> Part | None:
    """Which part was made from it: the weights beside or below the card, of several those that say so themselves."""
    weights = [p for p in parts if p.about == "weights" and within(p.folder, mention.folder)]
    if not weights:
        return homes.of(f"{mention.folder}/x".lstrip("/"), "weights")
    short = mention.name.rpartition("/")[2].casefold()

    def says_so(part: Part) -> bool:
        told = part.component.upstream if part.component else ()
        return any(u.name.rpartition("/")[2].casefold() == short for u in told)

    return next((p for p in weights if says_so(p)), weights[0])


def merged(statements: Sequence[Statement]) -> list[Statement]:
    """License files side by side are one statement, and so is a line that names several licenses."""
    found: dict[tuple[str, str, str], list[Statement]] = defaultdict(list)
    for s in statements:
        key = (s.by, s.folder, s.about) if s.by == "license file" else (s.by, s.path, f"{s.line} {s.about}")
        found[key].append(s)
    return [_joined(each) for each in found.values()]


def _joined(each: Sequence[Statement]) -> Statement:
    if len(each) == 1:
        return each[0]
    if not all(s.meaning for s in each):  # one of them nobody could read: what they say together is not known
        return replace(each[0], meaning=Meaning())
    if each[0].by == "manifest":
        return each[0]
    ids = frozenset[str]().union(*(s.meaning.ids for s in each))
    first = min(each, key=lambda s: (len(s.path), s.path))
    return replace(first, meaning=Meaning(ids, " AND ".join(sorted(ids))))
