"""How is a change talked about before it is decided? A proposed document, a thread of the community, a word at the end."""

from __future__ import annotations

from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from licet.errors import LicetError
from licet.portal import clock, documents, events
from licet.portal.changes import notices
from licet.portal.changes.models import Consultation, Notice
from licet.portal.community import text
from licet.portal.community.models import Question, Writer
from licet.portal.community.reading import LICENSOR
from licet.portal.events import By
from licet.portal.models import Document
from licet.release.diff import Change, changes
from licet.release.document import read

WORDS = 4_000


def open_of(release: str) -> Consultation | None:
    """The consultation that is not decided yet: a release has one at a time."""
    return Consultation.objects.filter(release=release, outcome="").select_related("question").first()


def all_of(release: str) -> tuple[Consultation, ...]:
    """Every one, the newest first."""
    return tuple(Consultation.objects.filter(release=release).defer("body").order_by("-opened_s", "-id"))


@transaction.atomic
def open_for_comment(body: bytes, by: By, *, until_s: int, why: str = "") -> Consultation:
    """Open proposed terms for comment until a moment. Holders are told.

    Raises Findings for bytes that do not read; LicetError where nothing is published, nothing would change, one is open.
    """
    proposed, now = read(body), clock.now_s()
    base = documents.in_force(proposed.name)
    if until_s <= now:
        raise LicetError("people need time to read it", mend="give a day to come: --until DATE")
    if not changes(base, proposed):
        raise LicetError("nothing in the terms would change: there is nothing to comment on")
    if (waits := open_of(proposed.name)) is not None:
        raise LicetError(
            "another change is open for comment", where=f"/changes/consultations/{waits.pk}",
            mend='`licet publish --decide "..."` decides it, `licet publish --drop "..."` ends it',
        )  # fmt: skip
    why = text.words(why or proposed.why, WORDS)
    made = Consultation.objects.create(
        release=proposed.name, sha256=sha256(body).hexdigest(), before=base.sha256, body=body, why=why,
        question=_thread(proposed.name, base.sha256, proposed.version, why), opened_s=now, until_s=until_s, by=by.who,
    )  # fmt: skip
    events.record("consultation.opened", by, release=made.release, document=made.sha256, before=made.before,
                  until_s=until_s)  # fmt: skip
    notices.give(
        Notice.Kind.CONSULTATION, made.release, by, before=made.before, document=made.sha256, consultation=made
    )
    return made


def _thread(release: str, document: str, version: str, why: str) -> Question:
    """Comments are the answers of a question of the licensor's: one place has the limits, the queue and the feeds."""
    writer, _made = Writer.objects.get_or_create(pk=LICENSOR)
    title = f"Proposed terms of {release}, version {version}"[:140]
    now = clock.now_s()
    return Question.objects.create(
        writer=writer, release=release, title=title, body=why or title, document=document, made_s=now, touched_s=now,
        answered_s=now,  # asked by the licensor: no answer of the licensor's is waited for
        words=text.folded(f"{title}\n{why}"),
    )  # fmt: skip


def decided(consultation: Consultation, row: Document, by: By, words: str) -> Consultation:
    """What was published ends it: adopted where it is what was proposed, else changed. LicetError before its day."""
    if clock.now_s() < consultation.until_s:
        raise LicetError(
            "people were told that they can comment until then", where=_day(consultation.until_s),
            mend='wait for that day, or end it without a decision: `licet publish --drop "..."`',
        )  # fmt: skip
    adopted = row.sha256 == consultation.sha256
    outcome = Consultation.Outcome.ADOPTED if adopted else Consultation.Outcome.CHANGED
    return _end(consultation, by, outcome, words, row.sha256)


@transaction.atomic
def drop(consultation: Consultation, by: By, words: str) -> Consultation:
    """The terms stay as they are, and this is why. Holders who were asked are told."""
    ended = _end(consultation, by, Consultation.Outcome.DROPPED, words, "")
    notices.give(
        Notice.Kind.DECISION, ended.release, by, before=ended.before, document=ended.sha256, consultation=ended
    )
    return ended


def _end(consultation: Consultation, by: By, outcome: Consultation.Outcome, words: str, document: str) -> Consultation:
    words = text.words(words, WORDS)
    if not words:
        mend = _("say what was decided, and what came of what people said")
        raise LicetError(_("a consultation ends with words"), mend=mend)
    now = clock.now_s()
    ended = Consultation.objects.filter(pk=consultation.pk, outcome="").update(
        outcome=outcome, words=words, decided_s=now, decided_by=by.who, document=document
    )
    if not ended:
        raise LicetError(_("it is decided already"), where=f"/changes/consultations/{consultation.pk}")
    dropped = outcome == Consultation.Outcome.DROPPED
    Question.objects.filter(pk=consultation.question_id).update(
        state=Question.State.DECLINED if dropped else Question.State.CHANGED, reason=words[:2_000], settled_s=now,
        settled_by=by.who, touched_s=now,
    )  # fmt: skip
    events.record("consultation.decided", by, release=consultation.release, document=consultation.sha256, after=outcome)
    consultation.refresh_from_db()
    return consultation


def found(consultation: Consultation) -> tuple[Change, ...]:
    """What would change (or would have changed), against the terms that were in force when it was opened."""
    return changes(documents.read(consultation.before), read(bytes(consultation.body)))


def _day(at_s: int) -> str:
    return (clock.rfc3339(at_s) or "")[:16].replace("T", " ") + " UTC"
