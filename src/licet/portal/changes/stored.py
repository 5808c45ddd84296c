"""What is stored of changes, for what, and how long? Lines for `/privacy` (`licet.portal.stored`)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop as _later

from licet.portal.stored import DOCUMENT, ID, LASTING, MADE, RELEASE, WHO, WHOSE, Table

EVER = _later("for ever: terms that were published stay readable")

TABLES: Mapping[str, Table] = {
    "changes.KeptText": Table(_later("License texts"), _later("The exact words that were ever published."), EVER, {
        "id": ID, "release": RELEASE, "license": _later("which license"), "sha256": _later("the digest of the text"),
        "file": _later("the file it lay in"), "body": _later("the text"), "first_s": _later("when it was first published"),
    }),
    "changes.Consultation": Table(_later("Consultations"), _later("Terms that were proposed, and what was decided."), EVER, {
        "id": ID, "release": RELEASE, "sha256": _later("the digest of the proposed terms"),
        "before": DOCUMENT, "body": _later("the proposed terms"), "why": _later("why, in the licensor's words"),
        "question_id": _later("where people comment"), "opened_s": _later("when it was opened"),
        "until_s": _later("until when it is open"), "by": WHO, "outcome": _later("what became of it"),
        "words": _later("what was decided, in the licensor's words"), "decided_s": _later("when it was decided"),
        "decided_by": WHO, "document": DOCUMENT,
    }),
    "changes.Notice": Table(_later("Notices"), _later("What holders were told of."), LASTING, {
        "id": ID, "kind": _later("what it is about"), "release": RELEASE, "before": DOCUMENT, "document": DOCUMENT,
        "publication_id": _later("which publication"), "consultation_id": _later("which consultation"), "made_s": MADE,
        "from_s": _later("from when it is in force"), "at_once": _later("why it came without the notice promised"),
        "by": WHO,
    }),
    "changes.Told": Table(_later("Mails of notices"), _later("So that each is told, and told once."), LASTING, {
        "id": ID, "notice_id": _later("of which notice"), "holder_id": WHOSE,
        "writer_id": _later("whose it is, as a writer's id"), "tried_s": _later("when it was last tried"),
        "tries": _later("how often it was tried"), "sent_s": _later("when it was sent"),
        "reached": _later("digests of the addresses that were told already"),
    }),
}  # fmt: skip
