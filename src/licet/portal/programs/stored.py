"""What is stored of applications, for what, and how long? Lines for `/privacy` (`licet.portal.stored`)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop as _later

from licet.portal.stored import DOCUMENT, ID, LASTING, MADE, RELEASE, UNTIL_ERASED, WHO, WHOSE, Table

TABLES: Mapping[str, Table] = {
    "programs.Application": Table(
        _later("Applications"), _later("Wishes for what a program opens, and what came of them."), LASTING, {
            "id": ID, "holder_id": WHOSE, "by": WHO, "release": RELEASE, "program": _later("which program"),
            "document": DOCUMENT, "answers": _later("what you answered; removed with the account"),
            "evidence": _later("what you showed, as links or words; removed with the account"),
            "state": _later("whether it was answered"), "made_s": MADE, "sent_s": _later("when it was sent"),
            "due_s": _later("until when an answer is due"), "left_s": _later("what was left of that time"),
            "answered_s": _later("when it was answered"), "answered_by": WHO,
            "grant_id": _later("the grant that came of it"),
        }),
    "programs.Words": Table(
        _later("Words about applications"), _later("Questions and answers about an application."), UNTIL_ERASED, {
            "id": ID, "application_id": _later("which application"), "by_operator": _later("which side said it"),
            "by": WHO, "words": _later("what was said"), "at_s": _later("when"),
        }),
}  # fmt: skip
