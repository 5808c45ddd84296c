"""What happened that changes rights, terms or data, who did it, when and from where? Rows are added, never changed.

Only two things ever happen to a row: its personal parts are erased, and old rows are trimmed; both write a row.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from licet.portal import chain, clock


class Event(models.Model):
    """`what` is one of `events.WHAT`. `holder` is whom it concerns, `by` who did it. Never holds a secret.

    `detail` is chained; `address` and `said` (what people named and wrote) are personal and stand beside the chain:
    `sealed` has their salted digests, `salts` the salts until they are erased.
    """

    at_s = models.BigIntegerField("when", default=clock.now_s, db_index=True, editable=False)
    what = models.CharField(max_length=40, db_index=True, editable=False)
    holder = models.ForeignKey("portal.Holder", models.PROTECT, null=True, related_name="events", editable=False)
    by = models.CharField(max_length=60, editable=False)
    release = models.CharField(max_length=64, blank=True, editable=False)
    detail = models.JSONField(default=dict, editable=False)
    address = models.CharField("from where", max_length=64, blank=True, editable=False)
    said = models.JSONField(default=dict, editable=False)
    salts = models.JSONField(default=dict, editable=False)
    sealed = models.JSONField(default=dict, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{clock.rfc3339(self.at_s)} {self.what}"

    @property
    def told(self) -> dict[str, Any]:
        """Everything that is known of it, chained or personal."""
        return {**self.detail, **self.said}

    def row(self) -> chain.Row:
        return chain.Row(
            self.pk, self.at_s, self.what, self.by, self.holder_id, self.release, self.detail, self.address, self.said,
            self.salts, self.sealed, self.digest,
        )  # fmt: skip
