"""What do the pages show? Published documents and the texts kept with them; never a file on disk."""

from __future__ import annotations

import re
from dataclasses import dataclass

from licet.errors import LicetError
from licet.portal import config, documents
from licet.portal.models import Document, LicenseText
from licet.release.release import Component, Release

_LINE = re.compile(r"licet\.toml(?:@([0-9a-f]{6,64}))?:(\d+)")
_LICENSE = re.compile(r"([A-Za-z0-9.+-]+)(?: §|,|$)")


@dataclass(frozen=True, slots=True)
class Shown:
    """A published document as it is read: `from_s` is the moment from which it is in force.

    `at` is "" for the document in force on its own pages; else its first digits, and its pages lie under `/terms/`.
    """

    release: Release
    from_s: int
    at: str = ""

    @property
    def home(self) -> str:
        """The page of these terms."""
        return f"/terms/{self.at}" if self.at else "/"

    @property
    def licenses(self) -> str:
        """What stands before a component's name in the address of its license."""
        return f"/terms/{self.at}/licenses/" if self.at else "/licenses/"

    def cite_url(self, cite: str) -> str:
        """Where a cite is opened: a line of this or an older document, or the reading of a license; "" for the rest.

        >>> licet.toml:41 -> /documents/3f2a9c0b1d2e#L41
        >>> CC-BY-NC-4.0 §2(a)(1) -> /licenses/weights#t-CC-BY-NC-4.0-use
        """
        if line := _LINE.fullmatch(cite):
            return f"/documents/{line[1] or self.release.sha256[:12]}#L{line[2]}"
        license = _LICENSE.match(cite)
        under = license and next((c.name for c in self.release.components if license[1] in _licenses(c)), None)
        if not license or not under:
            return ""
        from licet.portal.pages import beside  # late: it speaks of licenses in the words of the pages, which look here

        return f"{self.licenses}{under}#{beside.anchor(self.release.sha256, under, license[1], cite)}"


def _licenses(component: Component) -> set[str]:
    """Every license id in what is written of a component."""
    written = (component.license, component.change_license, *(u.license for u in component.upstream))
    return {word.strip("()") for text in written if text for word in text.split()}


def newest() -> Shown | None:
    """The document in force of the release whose page is `/`; None before anything is published."""
    try:
        row = documents.newest(documents.main())
        return None if row is None else Shown(documents.read(row.sha256), row.from_s)
    except LicetError:
        return None


def by_prefix(prefix: str) -> Document | None:
    """The one published document whose SHA-256 begins so; None where there is none, or more than one."""
    found = Document.objects.filter(sha256__startswith=prefix).order_by("from_s", "id")
    return found.first() if len(set(found.values_list("sha256", flat=True)[:2])) == 1 else None


def at(prefix: str) -> Shown | None:
    """The terms of one published document, at their stable address."""
    row = by_prefix(prefix) if re.fullmatch(r"[0-9a-f]{6,64}", prefix) else None
    return None if row is None else Shown(documents.read(row.sha256), row.from_s, row.sha256[:12])


def history(release: str) -> tuple[Document, ...]:
    """Every publication of the release, the newest first."""
    return tuple(Document.objects.filter(release=release).defer("body").order_by("-from_s", "-id"))


def text_of(document: str, component: str) -> LicenseText | None:
    """The license text that lay beside the document when it was published."""
    return LicenseText.objects.filter(document=document, component=component, carried=False).first()


def dev() -> bool:
    return config.current().dev


def url() -> str:
    """Where people reach this server."""
    return config.current().url
