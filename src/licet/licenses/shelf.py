"""Which licenses are known, and what does each text say, clause by clause?

One TOML sheet a license stands in `shelf/`; `shelf/index.json` holds the same facts in one file, a line a sheet (made by
`scripts/shelf_index.py`, held to the sheets by a test): TOML costs thirty times as much to read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from licet.errors import LicetError

SHELF: Final = Path(__file__).parent / "shelf"

# SPDX ids that were given up, and what each means today.
DEPRECATED: Mapping[str, str] = {
    **{f"{g}-{v}{old}": f"{g}-{v}{new}"
       for g, vs in {"GPL": ("1.0", "2.0", "3.0"), "LGPL": ("2.0", "2.1", "3.0"), "AGPL": ("1.0", "3.0"),
                     "GFDL": ("1.1", "1.2", "1.3")}.items()
       for v in vs for old, new in (("", "-only"), ("+", "-or-later"))},
    "BSD-2-Clause-FreeBSD": "BSD-2-Clause",
    "BSD-2-Clause-NetBSD": "BSD-2-Clause",
    "bzip2-1.0.5": "bzip2-1.0.6",
    "StandardML-NJ": "SMLNJ",
    "GPL-2.0-with-classpath-exception": "GPL-2.0-only WITH Classpath-exception-2.0",
    "GPL-2.0-with-autoconf-exception": "GPL-2.0-only WITH Autoconf-exception-2.0",
    "GPL-2.0-with-bison-exception": "GPL-2.0-only WITH Bison-exception-2.2",
    "GPL-2.0-with-font-exception": "GPL-2.0-only WITH Font-exception-2.0",
    "GPL-2.0-with-GCC-exception": "GPL-2.0-only WITH GCC-exception-2.0",
    "GPL-3.0-with-autoconf-exception": "GPL-3.0-only WITH Autoconf-exception-3.0",
    "GPL-3.0-with-GCC-exception": "GPL-3.0-only WITH GCC-exception-3.1",
}  # fmt: skip
_CURRENT: Final = {old.casefold(): new for old, new in DEPRECATED.items()}


class Reading(NamedTuple):
    """What a text says on one kind of clause: a value of `kinds.KINDS`, its section, and a few words that find it.

    `items` are the parts of a list (the barred fields, the words to display), `note` is the reader's remark.
    """

    kind: str
    value: str
    section: str = ""
    pin: str = ""
    items: tuple[str, ...] = ()
    note: str = ""


class Limit(NamedTuple):
    """A condition of the text as facts, checked by hand against text and reading.

    `clause` is the kind it is read from (its section is the cite). `acts` are actions or names of groups of actions.
    `unsettled` says that the text leaves open whether it bites: the answer can be no better than depends.
    """

    clause: str
    acts: tuple[str, ...]
    when: tuple[tuple[str, str, Any], ...] = ()
    says: str = "cannot"
    duty: str = ""
    section: str = ""
    unsettled: bool = False


class Passage(NamedTuple):
    """The text itself lets a work go out under these other licenses. `unsettled`: only if the licensor said so."""

    section: str
    licenses: tuple[str, ...]
    unsettled: bool = False


class NoFurther(NamedTuple):
    """The text forbids further restrictions, `but` these kinds, which it allows to be added."""

    section: str
    but: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One license as read. `scope` says how silence is taken (`clauses.py`); `read` is how much of the text was seen.

    `date` is empty unless the year stands in the text itself; `date_unverified` and `hub` without `hub_checked` are
    hearsay and are shown as such or not at all. An `addendum` (a use policy, the Commons Clause) grants nothing of its
    own and is meant to stand beside another license.
    """

    id: str
    name: str
    names: tuple[str, ...]
    steward: str
    version: str
    family: str
    made_for: tuple[str, ...]
    scope: str
    spdx: bool
    osi: bool
    fsf: bool
    read: str
    how: str
    where: str
    readings: Mapping[str, Reading]
    limits: tuple[Limit, ...] = ()
    date: str = ""
    date_unverified: str = ""
    hub: tuple[str, ...] = ()
    hub_checked: bool = False
    addendum: bool = False
    hosting_is_distribution: bool = False
    or_later: tuple[str, ...] = ()
    goes_under: tuple[Passage, ...] = ()
    no_further: NoFurther | None = None
    text_sha256: str = ""
    seen_on: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    remark: str = ""

    def __getitem__(self, kind: str) -> Reading:
        return self.readings[kind]

    def cite(self, section: str) -> str:
        """`CC-BY-NC-4.0 §2(a)(1)`; sections with a name instead of a number stand after a comma."""
        if not section:
            return self.id
        numbered = section[0].isdigit() or (section[0] in "(IVXL" and not section[1:2].islower())
        return f"{self.id} §{section}" if numbered else f"{self.id}, {section}"


def known() -> tuple[str, ...]:
    """The ids of all licenses on the shelf, sorted."""
    return tuple(id for id in _lines() if id != "names")


@cache
def sheet(id: str) -> Sheet | None:
    """The sheet of an exact id, or None when nobody has read that license. Names are resolved by `resolve`.

    LicetError, with every hole, for a sheet that is not whole: half a reading must not answer.
    """
    row = _lines().get(id) if id != "names" else None
    if row is None:
        return None
    from licet.licenses.wanting import wanting

    found = sheet_of(json.loads(row))
    if lacks := wanting(found):
        raise LicetError(
            "the sheet is not whole: " + "; ".join(lacks), where=f"shelf/{id}.toml", mend="see shelf/README.md"
        )
    return found


def unread(id: str) -> Sheet:
    """The sheet of a license whose text nobody has read: every clause is unknown."""
    from licet.licenses.kinds import KINDS

    readings = {kind: Reading(kind, "unknown") for kind in KINDS}
    nothing: tuple[str, ...] = ()
    return Sheet(
        id, id, nothing, "", "", "unknown", nothing, "unknown", False, False, False, "not read", "", "", readings
    )


def resolve(name: str) -> str | None:
    """The id that a name means: the id itself in any case, a given-up SPDX id, another name that means one text only.

    None for names nobody knows and for names that several texts share (`meant_by` lists them).
    """
    means = meant_by(name)
    return means[0] if len(means) == 1 else None


def meant_by(name: str) -> tuple[str, ...]:
    """Every id on the shelf that goes by this name: `gemma` is two texts with two dates."""
    return tuple(_names().get(folded(current(name)), ()))


def names() -> tuple[str, ...]:
    """Every name that a license on the shelf goes by, folded: what a misspelt one is held against."""
    return tuple(_names())


def current(id: str) -> str:
    """What a given-up SPDX id is called today (`GPL-2.0+` -> `GPL-2.0-or-later`); any other comes back as it is."""
    return _CURRENT.get(id.casefold(), id)


def folded(name: str) -> str:
    """`CC BY-NC 4.0` and `cc_by-nc-4.0` are one name, and so are `Llama 3.1` and `llama3.1`."""
    return "".join(name.casefold().replace("_", " ").replace("-", " ").split())


def sheet_of(row: Mapping[str, Any]) -> Sheet:
    """A sheet from its TOML table, or from its row in the index (where a reading is a list)."""
    rest = dict(row)
    readings = {kind: _reading(kind, told) for kind, told in rest.pop("clauses").items()}
    limits = tuple(_limit(told) for told in rest.pop("limits", ()))
    rest.pop("text_bytes", None)
    tupled: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in rest.items()}
    tupled["goes_under"] = tuple(_passage(told) for told in rest.get("goes_under", ()))
    if rule := rest.get("no_further"):
        tupled["no_further"] = NoFurther(rule["section"], tuple(rule.get("but", ())))
    tupled.setdefault("names", ())
    for blank in ("steward", "version", "how", "where"):
        tupled.setdefault(blank, "")
    return Sheet(readings=readings, limits=limits, **tupled)


def _reading(kind: str, told: Any) -> Reading:
    if isinstance(told, Mapping):
        fields: dict[str, Any] = {**told, "items": tuple(told.get("items", ()))}
        return Reading(kind, **fields)
    row: list[Any] = [*told, *("", "", "", (), "")[len(told) :]]
    return Reading(kind, row[0], row[1], row[2], tuple(row[3]), row[4])


def _passage(told: Mapping[str, Any]) -> Passage:
    return Passage(told["section"], tuple(told["licenses"]), told.get("unsettled", False))


def _limit(told: Mapping[str, Any]) -> Limit:
    when = tuple((name, test, tuple(v) if isinstance(v, list) else v) for name, test, v in told.get("when", ()))
    return Limit(**{**told, "acts": tuple(told["acts"]), "when": when})


@cache
def _lines() -> Mapping[str, str]:
    """The index by its lines, one a sheet: one sheet is read without parsing the others."""
    names, *rows = (SHELF / "index.json").read_text(encoding="utf-8").splitlines()
    found = {"names": names.removeprefix('{"names":').removesuffix(",")}
    for row in rows:
        id, colon, told = row.partition(":")
        if colon and told != "{":
            found[id.strip('"')] = told.removesuffix(",")
    return found


@cache
def _names() -> Any:
    return json.loads(_lines()["names"])
