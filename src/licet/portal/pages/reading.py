"""What do the licenses of a component say in plain words? `licenses.explain`, arranged for a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from licet.errors import LicetError
from licet.licenses import expression
from licet.licenses.explain import Explanation, Told, explain
from licet.portal.pages import words
from licet.portal.pages.spoken import Reason
from licet.release.release import Component


@dataclass(frozen=True, slots=True)
class Group:
    heading: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One license of the component: `role` says which it is there, `how` how the text was read; no groups: nobody has."""

    id: str
    name: str
    role: str
    groups: tuple[Group, ...]
    how: str


def readings(component: Component, now_s: int) -> tuple[Reading, ...]:
    """The license in force first, then the one that takes its place, then what its upstreams came under."""
    roles: dict[str, str] = {}
    for text, role in _roles(component, now_s):
        for id in _ids(text):
            roles.setdefault(id, role)
    return tuple(_reading(id, role) for id, role in roles.items())


def _roles(component: Component, now_s: int) -> Iterator[tuple[str, str]]:
    now = component.license_at(now_s)
    if now:
        yield now, _("in force")
    if component.change_s is not None and component.change_license and component.change_s > now_s:
        yield component.change_license, _("from %s") % words.day(component.change_s)
    for upstream in component.upstream:
        yield upstream.license, _("of %s, which it is made from") % upstream.name


def _ids(text: str) -> tuple[str, ...]:
    try:
        return expression.ids(text)
    except LicetError:
        return (text,)


def _reading(id: str, role: str) -> Reading:
    try:
        told = explain(id)
    except LicetError:
        return Reading(id, "", role, (), "")
    return Reading(told.id, told.name, role, tuple(_groups(told)), told.how)


def _groups(told: Explanation) -> Iterator[Group]:
    for heading, clauses in (
        (_("You may"), told.you_may),
        (_("You must"), told.you_must),
        (_("You may not"), told.you_may_not),
        (_("Left open"), told.not_said),
        (_("Nobody has read yet"), told.nobody_has_read),
    ):
        if clauses:
            yield Group(heading, tuple(map(_reason, clauses)))


def _reason(told: Told) -> Reason:
    return Reason(told.sentence, told.cite, "")
