"""What is stored of questions and answers, for what, and how long? Lines for `/privacy` (`licet.portal.stored`)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop as _later

from licet.portal.stored import DOCUMENT, ID, LASTING, MADE, RELEASE, UNTIL_ERASED, WHO, WHOSE, Table

WRITER = _later("whose it is, as a writer's id")
_POST = {
    "id": ID, "writer_id": WRITER, "release": RELEASE, "body": _later("what was written"), "made_s": MADE,
    "hidden_s": _later("when an operator hid it"), "hidden_by": WHO, "hidden_why": _later("why it was hidden"),
    "withdrawn_s": _later("when its writer took it back; the words are gone then"),
}  # fmt: skip

CODES = _later("a day, then until the next code is sent to anybody")

TABLES: Mapping[str, Table] = {
    "community.Writer": Table(_later("Writers"), _later("Who asks and answers, and where mail reaches them."), LASTING, {
        "id": ID, "holder_id": WHOSE, "email": _later("the e-mail address, of a writer without an account"),
        "email_folded": _later("the same in the form that is compared; kept where the address was blocked"),
        "name": _later("the name that is shown; removed with the account"), "made_s": MADE,
        "blocked_s": _later("when it was blocked"), "blocked_by": WHO,
        "blocked_why": _later("why, in the operator's words"), "deleted_s": _later("when it left"),
    }),
    "community.Code": Table(_later("Codes by mail"), _later("To show that an address is yours."), CODES, {
        "id": ID, "email": _later("the e-mail address"), "email_folded": _later("the same in the form that is compared"),
        "digest": _later("a digest of the code"), "origin": _later("a digest of day and network, against abuse"),
        "made_s": MADE, "tries": _later("how often it was tried"), "used_s": _later("when it was used"),
    }),
    "community.Question": Table(
        _later("Questions"), _later("What was asked. Private ones lose their words with the account; public ones stay,"
                                    " without a name."), LASTING, {
            **_POST, "title": _later("its title"), "private": _later("whether only you and the operator see it"),
            "cite": _later("the clause it is about"), "asked": _later("the question on the page"), "document": DOCUMENT,
            "state": _later("open or settled"), "reason": _later("why it was closed"),
            "answered_s": _later("when it was answered"), "took_s": _later("how long that took"),
            "settled_s": _later("when it was settled"), "settled_by": WHO, "accepted_id": _later("the answer that settled it"),
            "pin_cite": _later("the clause it is shown beside"), "pin_document": DOCUMENT,
            "touched_s": _later("the last word"), "replies": _later("how many answers"),
            "words": _later("its words, to be searched"),
        }),
    "community.Answer": Table(_later("Answers"), _later("What was answered."), LASTING, {
        **_POST, "question_id": _later("which question"), "by_licensor": _later("whether it is the licensor's"),
    }),
    "community.Report": Table(_later("Reports"), _later("That a post breaks the code of conduct."), LASTING, {
        "id": ID, "release": RELEASE, "question_id": _later("which question"), "answer_id": _later("which answer"),
        "writer_id": WRITER, "reason": _later("what is wrong with it"), "words": _later("in the reporter's words"),
        "made_s": MADE, "settled_s": _later("when it was looked at"), "settled_by": WHO, "outcome": _later("hidden or kept"),
    }),
    "community.Subscription": Table(_later("Subscriptions"), _later("Who wants a mail at new words."), UNTIL_ERASED, {
        "id": ID, "writer_id": WRITER, "release": RELEASE, "question_id": _later("to which question"), "made_s": MADE,
    }),
}  # fmt: skip
