"""What happened that matters for security, who did it, when and from where? Rows are added, never changed."""

from __future__ import annotations

from django.db import models

from licet.portal import clock


class Event(models.Model):
    """`what` is one of `events.WHAT`. `holder` is whom it concerns, `by` who did it. Never holds a secret."""

    at_s = models.BigIntegerField("when", default=clock.now_s, db_index=True, editable=False)
    what = models.CharField(max_length=40, db_index=True, editable=False)
    holder = models.ForeignKey("portal.Holder", models.PROTECT, null=True, related_name="events", editable=False)
    by = models.CharField(max_length=60, editable=False)
    release = models.CharField(max_length=64, blank=True, editable=False)
    detail = models.JSONField(default=dict, editable=False)
    address = models.CharField("from where", max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{clock.rfc3339(self.at_s)} {self.what}"
