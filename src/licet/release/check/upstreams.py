"""What was each part made from, and under which license did that come? From licet.toml, cards, configs and recipes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from licet.release.check.known_models import known_model
from licet.release.check.meaning import meaning
from licet.release.check.parts import Part
from licet.release.check.statement import Meaning
from licet.release.check.view import DOCUMENT


@dataclass(frozen=True, slots=True)
class From:
    """`how`: "stated" (in this tree), "known" (the publisher's own name) or "likely" (the name contains it)."""

    name: str
    license: Meaning
    how: str
    path: str
    line: int
    relation: str = ""
    declared: bool = False


def upstreams_of(part: Part) -> Iterator[From]:
    """Each upstream of a part once; what licet.toml declares comes first, and its license is believed."""
    seen: set[str] = set()
    for one in part.component.upstream if part.component else ():
        seen.add(_short(one.name))
        yield From(one.name, meaning(one.license), "stated", DOCUMENT, one.line, declared=True)
    for said in part.mentions:
        if (short := _short(said.name)) in seen:
            continue
        seen.add(short)
        stated = meaning(said.license) if said.license else Meaning()
        known = known_model(said.name) if not stated and said.relation != "dataset" else None
        if stated or known is None:
            yield From(said.name, stated, "stated", said.path, said.line, said.relation)
        else:
            means = Meaning(frozenset(known.ids), known.ids[0] if len(known.ids) == 1 else "", len(known.ids) > 1)
            yield From(said.name, means, "known" if known.sure else "likely", said.path, said.line, said.relation)


def _short(name: str) -> str:
    return name.rstrip("/").rpartition("/")[2].casefold()
