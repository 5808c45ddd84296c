"""How does a changed `licet.toml` come into force? With the notice that the terms in force promise, and told to holders.

`plan` reads and says what would happen; `publish` does it, in one transaction with the notice and the list of who is to
be told. Mails go out afterwards (`mails.send_due`), and never undo it.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.db import transaction

from licet.errors import LicetError
from licet.portal import clock, documents, events, readmodel
from licet.portal.changes import consult, notices, owed
from licet.portal.changes.models import Consultation, Notice
from licet.portal.community import text
from licet.portal.events import By
from licet.portal.models import Document, LicenseText
from licet.release.accepting import find_text
from licet.release.diff import Change, changes, text_changes
from licet.release.document import read
from licet.release.notice import first_day_s
from licet.release.release import Release
from licet.terms.reason import moment


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing would do. `earliest_s`: before it the promised notice would be broken; `holders`: who is told."""

    body: bytes
    folder: Path
    old: Release | None
    new: Release
    from_s: int
    found: tuple[Change, ...]
    holders: int
    earliest_s: int
    same: bool

    @property
    def too_soon(self) -> bool:
        return self.from_s < self.earliest_s


def plan(folder: Path, *, from_s: int | None = None) -> Plan:
    """The folder's `licet.toml` against what is in force at that moment. Raises Findings for a file that does not read."""
    body = (folder / "licet.toml").read_bytes()
    new, now = read(body), clock.now_s()
    from_s = now if from_s is None else from_s
    row = documents.newest(new.name, from_s)
    old = documents.read(row.sha256) if row else None
    found = () if row is None or old is None else (*changes(old, new), *_texts(row, old, new, folder))
    holders = notices.holders(new.name).count()
    earliest_s = 0 if old is None else owed.earliest_s(old, found, holders=holders, now_s=now)
    return Plan(
        body, folder, old, new, from_s, found, holders, earliest_s, row is not None and row.sha256 == new.sha256
    )


def _texts(row: Document, old: Release, new: Release, folder: Path) -> tuple[Change, ...]:
    """License texts that are others now under the same name."""
    kept = dict(LicenseText.objects.filter(document=row.sha256).values_list("license", "sha256"))
    there = {c.license: file for c in new.components if c.license and (file := find_text(folder, c))}
    return text_changes(old, new, kept, {id: sha256(file.read_bytes()).hexdigest() for id, file in there.items()})


@transaction.atomic
def publish(planned: Plan, by: By, *, at_once: str = "", decide: str = "") -> Notice | None:
    """Put it in force from its moment on. The notice that is given, None where nobody has to be told.

    LicetError where the promised notice would be broken and `at_once` gives no reason; where the same bytes are open for
    comment and `decide` does not say what was decided.
    """
    open_ = consult.open_of(planned.new.name)
    if open_ is not None and open_.sha256 == planned.new.sha256 and not decide:
        raise LicetError(
            "these terms are open for comment", where=f"/changes/consultations/{open_.pk}",
            mend='say what was decided, and why: `licet publish --decide "..."`',
        )  # fmt: skip
    if decide and open_ is None:
        raise LicetError("no consultation is open", mend="`licet publish --consult FILE --until DATE` opens one")
    at_once = text.line(at_once, 500)
    if planned.too_soon and not at_once:
        assert planned.old is not None
        first = moment(first_day_s(planned.old, clock.now_s()))
        raise LicetError(
            f"these terms are stricter, and the terms in force promise {planned.old.notice_days} days of notice",
            mend=f"`licet publish --from {first}` gives it; `--at-once WHY` breaks the promise and tells everybody why",
        )
    row = documents.publish(planned.body, by, from_s=planned.from_s, folder=planned.folder)
    if planned.from_s > clock.now_s():
        readmodel.changed("document", row.sha256)
    consultation = consult.decided(open_, row, by, decide) if open_ is not None and decide else None
    told = bool(owed.stricter(planned.found)) and planned.holders > 0
    if planned.old is None or not (told or consultation):
        return None
    kind = Notice.Kind.CHANGE if told else Notice.Kind.DECISION
    why = at_once if planned.too_soon else ""
    return _given(kind, planned, row, by, why, consultation)


def _given(
    kind: Notice.Kind, planned: Plan, row: Document, by: By, why: str, consultation: Consultation | None
) -> Notice:
    assert planned.old is not None
    made = notices.give(
        kind, planned.new.name, by, before=planned.old.sha256, publication=row, consultation=consultation, at_once=why
    )
    events.record("notice.given", by, release=planned.new.name, kind=made.kind, document=row.sha256,
                  before=planned.old.sha256, from_s=planned.from_s, why=why)  # fmt: skip
    return made
