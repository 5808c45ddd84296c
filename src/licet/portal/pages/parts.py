"""What is in the release, under which license, what is open now and what opens later?"""

from __future__ import annotations

from dataclasses import dataclass

from licet.portal.pages import words
from licet.portal.pages.asking import ANYONE, Question, answer
from licet.release.release import Component, Release

GLANCES = ("commercial-use", "modify", "distribute", "host-as-service", "sell-outputs")  # what people ask first


@dataclass(frozen=True, slots=True)
class Glance:
    """One often asked question, the answer for a person who tells nothing, and where the answer is told in full."""

    action: str
    answer: str
    url: str


@dataclass(frozen=True, slots=True)
class Part:
    """`license` is the one in force now ("" for what is kept); `opens` the day on which `later` takes its place."""

    component: Component
    license: str
    later: str
    opens: str
    glances: tuple[Glance, ...]


def parts(release: Release, now_s: int, at: str = "") -> tuple[Part, ...]:
    """Every component, in the order written. `at`: the document asked, where it is not the one in force."""
    return tuple(_part(release, c, now_s, at) for c in release.components)


@dataclass(frozen=True, slots=True)
class Openness:
    """The names of what is published under a license now, of what changes its license on a day, and of what is kept."""

    published: tuple[str, ...]
    later: tuple[tuple[str, str], ...]
    kept: tuple[str, ...]


def openness(told: tuple[Part, ...]) -> Openness:
    return Openness(
        published=tuple(p.component.name for p in told if p.license),
        later=tuple((p.component.name, f"{p.opens} ({p.later})") for p in told if p.later),
        kept=tuple(p.component.name for p in told if not p.license),
    )


def _part(release: Release, component: Component, now_s: int, at: str) -> Part:
    waits = component.change_s is not None and component.change_s > now_s
    return Part(
        component=component,
        license=component.license_at(now_s) or "",
        later=(component.change_license or "") if waits else "",
        opens=words.day(component.change_s) if waits and component.change_s is not None else "",
        glances=() if component.proprietary else tuple(_glance(release, component, a, now_s, at) for a in GLANCES),
    )


def _glance(release: Release, component: Component, action: str, now_s: int, at: str) -> Glance:
    asked = Question(ANYONE, action, component.name, at=at)
    return Glance(action, answer(release, asked, now_s).verdict.answer.name.lower(), asked.url())
