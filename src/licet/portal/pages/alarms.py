"""Which clauses of this release are of a kind that drew complaints elsewhere? Each once, with the case it recalls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from licet.errors import LicetError
from licet.licenses import expression
from licet.licenses.alarms import BELLS
from licet.licenses.explain import Explanation, explain
from licet.release.release import Component, Release


@dataclass(frozen=True, slots=True)
class Place:
    """A component and the clause in its license: the license's id, the kind of clause, the cite."""

    component: str
    id: str
    kind: str
    cite: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """One kind of clause: its name, the sentence that says it (the first license's), where it stands, the case."""

    kind: str
    sentence: str
    places: tuple[Place, ...]
    case: str
    source: str


def of(release: Release, now_s: int) -> tuple[Alarm, ...]:
    """The alarms of what is published, those that concern the most components first."""
    found: dict[str, Alarm] = {}
    for component in release.components:
        for told in _licenses(component, now_s):
            sentences = {t.kind: t.sentence for t in told.clauses}
            for alarm in told.alarms:
                kind = BELLS[alarm.kind].clause
                place = Place(component.name, told.id, kind, alarm.cite)
                one = found.get(alarm.kind)
                found[alarm.kind] = Alarm(
                    alarm.kind.replace("-", " ").capitalize(),
                    one.sentence if one else sentences[kind],
                    (*(one.places if one else ()), place),
                    alarm.case,
                    alarm.source,
                )
    return tuple(sorted(found.values(), key=lambda a: (-len(a.places), a.kind)))


def _licenses(component: Component, now_s: int) -> Iterator[Explanation]:
    """What it is under now, its upstreams' licenses among them, as far as somebody has read them."""
    now = component.license_at(now_s)
    if component.proprietary or now is None:
        return
    ids: dict[str, None] = {}
    for text in (now, *(u.license for u in component.upstream)):
        try:
            ids.update(dict.fromkeys(expression.ids(text)))
        except LicetError:
            continue
    for id in ids:
        try:
            yield explain(id)
        except LicetError:
            continue
