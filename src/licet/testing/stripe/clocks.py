"""How does a test turn time? Test clocks, as Stripe has them: customers made on one live at its time."""

from __future__ import annotations

from licet.testing.stripe.books import Books, Json
from licet.testing.stripe.wrong import Wrong


def create(books: Books, given: Json) -> Json:
    return books.add("test_helpers.test_clock", {
        "deletes_after": books.now() + 30 * 86_400, "frozen_time": given["frozen_time"], "name": given.get("name"),
        "status": "ready", "status_details": {},
    }, created=books.now())  # fmt: skip


def advance(books: Books, given: Json, id: str) -> Json:
    """POST …/advance. At Stripe it takes a while and answers `advancing`; here it is done when answered."""
    from licet.testing.stripe import life

    clock = books.get("test_helpers.test_clock", id)
    if given["frozen_time"] <= clock["frozen_time"]:
        raise Wrong("You can only advance a test clock forward", param="frozen_time")
    life.live(books, given["frozen_time"], clock)
    clock["frozen_time"] = given["frozen_time"]
    books.tell("test_helpers.test_clock.ready", clock)
    return clock
