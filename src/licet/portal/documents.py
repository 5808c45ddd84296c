"""What is in force? Never the file on disk, but a published document: its bytes, kept whole, from a moment on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count

from licet.errors import LicetError
from licet.portal import clock
from licet.portal.models import Document, Held, LicenseText
from licet.release.accepting import find_text

if TYPE_CHECKING:
    from licet.portal.events import By
    from licet.release.release import Component, Release


@dataclass(frozen=True, slots=True)
class Holding:
    """So many holders hold this tier at this document."""

    tier: str
    document: str
    holders: int


def newest(release: str, now_s: int | None = None) -> Document | None:
    """The document in force (at a moment)."""
    due = Document.objects.filter(release=release, from_s__lte=clock.now_s() if now_s is None else now_s)
    return due.order_by("-from_s", "-id").first()


def releases() -> tuple[str, ...]:
    """The names of all releases that were ever published, the first published first."""
    return tuple(dict.fromkeys(Document.objects.order_by("id").values_list("release", flat=True)))


def main() -> str:
    """The release whose page is `/`: the first served. LicetError before anything is published."""
    if names := releases():
        return names[0]
    raise LicetError("nothing is published yet", mend="`licet publish`")


def read(document: str) -> Release:
    """The release as the document of that SHA-256 says it. LicetError for an unknown one."""
    return _read(document)


@lru_cache(maxsize=64)
def _read(document: str) -> Release:
    from licet.release.document import read as parse

    row = Document.objects.filter(sha256=document).first()
    if row is None:
        raise LicetError(f"no document {document[:12]} was ever published", mend="`licet publish` publishes one")
    return parse(bytes(row.body))


def in_force(release: str) -> Release:
    """The release as its newest document says it. LicetError where nothing is published."""
    row = newest(release)
    if row is None:
        raise LicetError(f"the release `{release}` is not published", mend="`licet publish`")
    return read(row.sha256)


def first_tier(release: str, now_s: int | None = None) -> tuple[str, str] | None:
    """(tier, document) that whoever signs up gets: the first without approval and without a price. None: there is
    none.
    """
    row = newest(release, now_s)
    if row is None:
        return None
    open_to_all = (t.name for t in read(row.sha256).tiers if not t.requires_approval and t.price is None)
    name = next(open_to_all, None)
    return (name, row.sha256) if name else None


def holdings(release: str) -> tuple[Holding, ...]:
    """Who holds what at which document: what a change of terms may take away, and from how many."""
    held = Held.objects.filter(release=release, ended_s=None, holder__deleted_s=None)
    counted = held.values_list("tier", "document").annotate(n=Count("id")).order_by("tier", "document")
    return tuple(Holding(tier, document, n) for tier, document, n in counted)


@transaction.atomic
def publish(body: bytes, by: By, *, from_s: int | None = None, folder: Path | None = None) -> Document:
    """Keep the bytes of a `licet.toml` as what is in force from a moment on (now). Publishing the same again changes
    nothing.

    `folder` is the release's: the texts of its licenses are kept with it. Raises Findings for a document that does
    not read.
    Whether anybody loses is asked before (`release.diff` against `newest` and `holdings`), by whoever publishes.
    """
    from licet.portal import events, readmodel
    from licet.release.document import read as parse

    release = parse(body)
    digest = sha256(body).hexdigest()
    from_s = clock.now_s() if from_s is None else from_s
    before = newest(release.name, from_s)
    if before is not None and before.sha256 == digest and not _texts_differ(release, digest, folder):
        return before
    row = Document.objects.create(
        release=release.name, sha256=digest, body=body, from_s=from_s, made_s=clock.now_s(), by=by.who
    )
    for component, license in _licensed(release):
        if folder is not None and (found := find_text(folder, component, license)):
            _keep_text(release.name, digest, component, license, found, folder)
    events.record("document.published", by, release=release.name, document=digest, from_s=from_s,
                  before=before.sha256 if before else "")  # fmt: skip
    readmodel.changed("document", digest)
    return row


def _texts_differ(release: Release, digest: str, folder: Path | None) -> bool:
    if folder is None:
        return False
    rows = LicenseText.objects.filter(document=digest).values_list("component", "license", "sha256")
    kept = {(component, license): digest for component, license, digest in rows}
    found = {
        (component.name, license): sha256(file.read_bytes()).hexdigest()
        for component, license in _licensed(release)
        if (file := find_text(folder, component, license))
    }
    return kept != found


def _licensed(release: Release) -> list[tuple[Component, str]]:
    """Each component with its own license, and with each license that a tier carries for it."""
    own = [(c, c.license) for c in release.components if c.license]
    carried = [
        (part, license)
        for tier in release.tiers
        for name, license in tier.licenses.items()
        if (part := release.component(name)) is not None and license != part.license
    ]
    return list(dict.fromkeys((*own, *carried)))


def _keep_text(release: str, document: str, component: Component, license: str, file: Path, folder: Path) -> None:
    body = file.read_bytes()
    LicenseText.objects.update_or_create(
        document=document,
        component=component.name,
        license=license,
        defaults={
            "release": release,
            "carried": license != component.license,
            "sha256": sha256(body).hexdigest(),
            "file": file.relative_to(folder).as_posix(),
            "body": body,
        },
    )
