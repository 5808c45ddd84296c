"""Whose pages are these: a person's own, or those of an organization he acts for?"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from licet.portal import origin
from licet.portal.events import By
from licet.portal.models import Holder
from licet.portal.organizations.desk.enter import Desk


@dataclass(frozen=True, slots=True)
class Whose:
    """The holder, who acts, and how the addresses of the pages are made."""

    holder: Holder
    by: By
    desk: Desk | None = None

    @classmethod
    def own(cls, request: HttpRequest) -> Whose:
        """Of whoever is signed in."""
        return cls(origin.holder(request), origin.by(request))

    @classmethod
    def ours(cls, desk: Desk) -> Whose:
        """Of the organization whose desk it is."""
        return cls(desk.organization.holder, desk.actor.by, desk)

    @property
    def base(self) -> str:
        """The template that the pages extend."""
        return "organizations/base.html" if self.desk else "licet/base.html"

    def url(self, name: str, *args: object) -> str:
        """The address of one of these pages for this holder."""
        if self.desk:
            return reverse(f"organization_{name}", args=[self.desk.organization.pk, *args])
        return reverse(name, args=args)
