"""What is stored of webhooks, for what, and how long? Lines of `/privacy`, in the shape of `portal/stored.py`."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop as _later

from licet.portal.stored import ID, LASTING, MADE, RELEASE, WHO, WHOSE, Table

KEPT = _later("90 days after it was sent, or given up")

TABLES: Mapping[str, Table] = {
    "outgoing.Endpoint": Table(_later("Webhooks"), _later("Which servers are told of what happens."), LASTING, {
        "id": ID, "holder_id": WHOSE, "url": _later("where to; removed with the account"),
        "types": _later("what it wants to hear"), "name": _later("the name you gave it; removed with the account"),
        "secret_n": _later("how often its secret was made anew; the secret itself is not stored"),
        "before_until_s": _later("until when the secret before is used too"), "made_s": MADE, "by": WHO,
        "paused_s": _later("when it was paused"), "removed_s": _later("when it was removed"),
        "failing_since_s": _later("since when it takes nothing"), "failures": _later("how often in a row"),
        "told_s": _later("when you were told so"), "ok_s": _later("when it last took something"),
    }),
    "outgoing.Message": Table(_later("What webhooks were sent"), _later("To send it again if it was lost."), KEPT, {
        "id": ID, "type": _later("what happened"), "holder_id": WHOSE, "release": RELEASE, "at_s": _later("when"),
        "body": _later("what was sent: ids, tiers, licenses; no names, no addresses"),
    }),
    "outgoing.Delivery": Table(_later("Deliveries"), _later("How each webhook went."), KEPT, {
        "id": ID, "message_id": _later("what was sent"), "endpoint_id": _later("where to"),
        "state": _later("whether it was taken"), "tries": _later("how often it was tried"),
        "queued_s": _later("since when it waits"), "next_s": _later("when it is tried again"),
        "claimed_s": _later("whether it is being sent"),
        "status": _later("what the server answered"), "error": _later("why not"), "took_ms": _later("how long it took"),
        "tried_s": _later("when it was last tried"),
    }),
}  # fmt: skip
