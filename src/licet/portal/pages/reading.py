"""Which licenses has a component, and which is which there? The one in force, the one that follows, its upstreams'."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from licet.errors import LicetError
from licet.licenses import expression
from licet.licenses.explain import explain
from licet.portal.pages import words
from licet.release.release import Component


@dataclass(frozen=True, slots=True)
class Role:
    """One license of the component: `role` says which it is there, `now` whether it is the one in force; `how` its text
    was read, and `name`, are "" for one that nobody has read.
    """

    id: str
    name: str
    role: str
    how: str
    now: bool


def roles(component: Component, now_s: int) -> tuple[Role, ...]:
    """The license in force first, then the one that takes its place, then what its upstreams came under."""
    found: dict[str, Role] = {}
    for n, (text, role) in enumerate(_roles(component, now_s)):
        for id in _ids(text):
            found.setdefault(id, _role(id, role, now=n == 0))
    return tuple(found.values())


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


def _role(id: str, role: str, *, now: bool) -> Role:
    try:
        told = explain(id)
    except LicetError:
        return Role(id, "", role, "", now)
    return Role(told.id, told.name, role, told.how, now)
