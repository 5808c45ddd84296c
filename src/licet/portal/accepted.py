"""Which acceptances count for the terms of a document, and until when?

A promise is about one text, known by its SHA-256. Where the terms change it goes on counting if they became looser; where
they became stricter, or cannot be told apart, it is asked anew, and counts until the notice that was promised is over.
"""

from __future__ import annotations

from collections.abc import Mapping

from licet.portal import documents
from licet.portal.changes import texts as kept_texts
from licet.portal.models import Acceptance, Document, Held, Holder, LicenseText
from licet.release.weigh import weigh

_DAY_S = 86_400


def counting(holder: Holder, release: str, document: str) -> dict[str, int | None]:
    """The licenses of a document whose acceptance by the holder counts, each until when; None: for good."""
    mine = list(Acceptance.objects.filter(holder=holder, release=release).order_by("-at_s", "-id"))
    if not mine:
        return {}
    counts = dict.fromkeys(_exact(mine, release, document))
    at, begun_s = documents.read(document), _begun_s(holder, release, document)
    asked = [(at.component(t.component), t) for t in LicenseText.objects.filter(document=document).order_by("id")]
    for part, one in asked:
        if part is None or not part.accept or counts.get(one.license, 0) is None:
            continue
        ends = [_goes_on(row, one, begun_s) for row in mine if row.component == part.name]
        if None in ends:
            counts[one.license] = None
        elif until := [end for end in ends if end]:
            counts[one.license] = max(until)
    return counts


def at_moment(counts: Mapping[str, int | None], now_s: int) -> list[str]:
    """The licenses that count as accepted at a moment."""
    return sorted(license for license, until_s in counts.items() if until_s is None or now_s < until_s)


def _exact(mine: list[Acceptance], release: str, document: str) -> set[str]:
    """Licenses whose exact text, as it stands in the document or in the newest one, was accepted."""
    now = documents.newest(release)
    here = {document, now.sha256 if now else document}
    known = set(LicenseText.objects.filter(release=release, document__in=here).values_list("license", "sha256"))
    if documents.read(document).pledge:  # then no text that comes later takes back what was accepted
        known |= kept_texts.ever(release)
    return {row.license for row in mine if (row.license, row.sha256) in known}


def _begun_s(holder: Holder, release: str, document: str) -> int:
    """Since when a document's words are those for this holder: since the holder was moved to it, else since it is in force."""
    held = Held.objects.filter(holder=holder, release=release, document=document, ended_s=None).first()
    if held is not None:
        first = Held.objects.filter(holder=holder, release=release, document=document).order_by("from_s").first()
        return first.from_s if first else held.from_s
    row = Document.objects.filter(release=release, sha256=document).order_by("from_s").first()
    return row.from_s if row else 0


def _goes_on(row: Acceptance, text: LicenseText, begun_s: int) -> int | None:
    """How long an acceptance of other words counts for this text: None for good, else until then (0: not at all).

    As long as notice was promised, from when these words began for the holder; but not what was promised after that.
    """
    if row.license != text.license and weigh(row.license, text.license) == "looser":
        return None
    if begun_s <= row.at_s or not Document.objects.filter(release=row.release, sha256=row.document).exists():
        return 0
    return begun_s + documents.read(row.document).notice_days * _DAY_S
