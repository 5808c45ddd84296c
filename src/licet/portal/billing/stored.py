"""What is stored of billed usage, for what, and how long? Lines of `/privacy`, in the shape of `portal/stored.py`."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop as _later

from licet.portal.stored import ID, LASTING, RELEASE, WHO, WHOSE, Table

TABLES: Mapping[str, Table] = {
    "billing.Cap": Table(_later("Spending caps"), _later("What you will pay past your quotas in a month."), LASTING, {
        "id": ID, "holder_id": WHOSE, "release": RELEASE, "nanos": _later("how much"), "currency": _later("in which currency"),
        "set_s": _later("when it was set"), "by": WHO,
    }),
    "billing.Invoice": Table(_later("Bills of use"), _later("What was used and owed in a period."), LASTING, {
        "id": ID, "holder_id": WHOSE, "release": RELEASE, "from_s": _later("from when"), "until_s": _later("until when"),
        "lines": _later("units and prices, no calls"), "totals": _later("the sums"), "issued_s": _later("when it was made"),
    }),
    "billing.MeterEvent": Table(
        _later("Use told to the payment provider"), _later("So that each call past a quota is billed once."), LASTING, {
            "identifier": _later("its id, derived from the call"), "holder_id": WHOSE, "release": RELEASE,
            "counter": _later("what is counted"), "window_s": _later("in which window"), "call": _later("which call"),
            "units": _later("how many units"), "at_s": _later("when it was called"), "state": _later("whether it was told"),
            "tries": _later("how often it was tried"), "next_s": _later("when it is tried again"),
            "sent_s": _later("when it was told"), "error": _later("what the provider answered"),
        }),
    "billing.Told": Table(_later("Notices of use"), _later("So that each mark is told once."), LASTING, {
        "id": ID, "holder_id": WHOSE, "release": RELEASE, "about": _later("which quota"), "window_s": _later("in which window"),
        "percent": _later("which mark"), "at_s": _later("when"),
    }),
}  # fmt: skip
