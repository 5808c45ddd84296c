"""What do all papers of a release say alike? Its open components with their licenses, what is owed, who answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from licet.licenses import shelf
from licet.licenses.ask import may_license
from licet.licenses.expression import ids, normalized
from licet.release import policy
from licet.release.release import Component, Release
from licet.terms import CLOCK, Ask, Verdict, may
from licet.terms.action import unsugared
from licet.terms.fact import bind
from licet.terms.reason import moment

ASKED = (  # what people ask of a release; the question's words -> the action
    ("use it commercially", "commercial-use"),
    ("change it", "modify"),
    ("train it further", "fine-tune"),
    ("hand it on", "distribute"),
    ("sell copies", "sell"),
    ("offer it over a network", "host-as-service"),
    ("sell what it produces", "sell-outputs"),
    ("train other models on what it produces", "train-on-outputs"),
)
_FREE = ("code", "docs")  # what these produce is nobody's question


@dataclass(frozen=True, slots=True)
class Owed:
    """One duty of whoever hands a component on, with its place; `of` is the license that asks for it."""

    duty: str
    cite: str
    of: str


def open_components(release: Release, now_s: int) -> tuple[tuple[Component, str], ...]:
    """The components that others may get at this moment, each with the license in force."""
    told = ((c, c.license_at(now_s)) for c in release.components)
    return tuple((c, license) for c, license in told if license)


def licenses_of(component: Component, license: str) -> tuple[str, ...]:
    """The component's license and those of what it was made from: all of them hold."""
    return tuple(dict.fromkeys((license, *(u.license for u in component.upstream))))


def joined(component: Component, license: str) -> str:
    """The same as one SPDX expression."""
    told = licenses_of(component, license)
    return told[0] if len(told) == 1 else normalized(" AND ".join(f"({one})" for one in told))


@lru_cache(512)
def owed(license: str) -> tuple[Owed, ...]:
    """What handing a changed copy on asks for, as the license's own clauses say it. () where it may not be handed on."""
    verdict = may_license("distribute", license, facts={"modified": True, "commercial": False})
    return tuple(dict.fromkeys(Owed(c.duty, c.cite, license) for c in verdict.duties))


def shown_names(license: str) -> tuple[str, ...]:
    """The words in quotes that a license wants shown, such as those of the Llama licenses."""
    found: dict[str, None] = {}
    for id in ids(license):
        reading = sheet["naming_branding"] if (sheet := shelf.sheet(id)) else None
        for item in reading.items if reading and reading.value == "required" else ():
            for quoted in item.split('"')[1::2]:
                if quoted.lower().startswith(("built with", "powered by", "built using")):
                    found[quoted] = None
    return tuple(found)


def answers(release: Release, component: Component, now_s: int) -> Iterator[tuple[str, Verdict]]:
    """What people ask first, answered as `licet may` would."""
    for words, action in ASKED:
        if component.kind in _FREE and "produces" in words:
            continue
        plain, facts = unsugared(action)
        tree = policy.released(release, plain, component.name)
        yield words, may(tree, bind(tree, Ask(plain, component.name, frozenset(), {**facts, CLOCK: now_s})))


def becomes(component: Component, now_s: int) -> str:
    """`from 2028-01-01 on under Apache-2.0`; "" where no change lies ahead."""
    if component.change_s is None or component.change_s <= now_s:
        return ""
    return f"from {moment(component.change_s)} on under {component.change_license}"


def rfc3339(at_s: int | None) -> str | None:
    """`2026-11-23T05:00:00Z`; None stays None."""
    return None if at_s is None else datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def place(component: Component) -> str:
    return f"`{component.path}`" if component.path else "everything else"
