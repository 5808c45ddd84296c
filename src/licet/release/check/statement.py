"""What is said in a tree, where, and about which part of it? Values only; the readers make them, the rules weigh them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

type About = Literal["", "code", "weights", "data", "docs"]  # "": whoever said it did not say which part
type By = Literal["licet.toml", "license file", "card", "manifest", "reuse", "header", "metadata", "badge", "prose"]

# Of two that disagree the reader is sent to the weaker one, and told what the stronger one says.
WEIGHT: Mapping[By, int] = {
    "licet.toml": 0,
    "license file": 1,
    "card": 2,
    "manifest": 3,
    "reuse": 4,
    "metadata": 5,
    "header": 6,
    "badge": 7,
    "prose": 8,
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """Which licenses somebody's words mean. `vague`: one of `ids`, and the words do not say which. Empty: nobody knows."""

    ids: frozenset[str] = frozenset()
    expression: str = ""
    vague: bool = False

    def __bool__(self) -> bool:
        return bool(self.ids)

    @property
    def shown(self) -> str:
        return self.expression or " or ".join(f"`{id}`" for id in sorted(self.ids)[:2])


@dataclass(frozen=True, slots=True)
class Statement:
    """`folder` ("" is the root) is what it speaks of, `about` the kind of part there. `copies`: how many files say it.

    `differing` and `closest` are set where a license's own text was altered, `unread` where nobody here knows the text
    (`written` is then the license that it only names, if it does).
    """

    path: str
    line: int
    by: By
    folder: str
    about: About
    written: str
    meaning: Meaning
    copies: int = 1
    closest: str = ""
    differing: tuple[str, ...] = ()
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """A thing that this was made from: `relation` is finetune, adapter, merge, quantized, dataset or "" (unsaid)."""

    path: str
    line: int
    folder: str
    name: str
    relation: str = ""
    license: str = ""  # an expression, where it is said


@dataclass(frozen=True, slots=True)
class File:
    """`link`: where a symbolic link leads, "" for none, `..` for out of the tree."""

    path: str
    size: int
    kind: About
    link: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A line in a file, and what stands there."""

    path: str
    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Mark:
    """`# licet: ignore[rule] reason`, or with a glob behind the rule for other files."""

    path: str
    line: int
    rule: str
    glob: str
    reason: str


@dataclass(slots=True)
class Tree:
    """All that one pass over a folder found. `texts`: license id -> the file that holds its text."""

    files: list[File] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    names: list[Place] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    prose: dict[str, str] = field(default_factory=dict)
    secrets: list[Place] = field(default_factory=list)
    leaks: list[Place] = field(default_factory=list)
    policies: list[Place] = field(default_factory=list)
    links: list[Place] = field(default_factory=list)  # `license_link` and the like
    broken: list[Place] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


def folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def within(path: str, folder: str) -> bool:
    """Does a path lie in a folder, or is it that folder?"""
    return not folder or path == folder or path.startswith(folder + "/")
