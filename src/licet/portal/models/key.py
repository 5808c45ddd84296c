"""Which keys does a holder have, and what was kept out of each? The secrets are nowhere: only digests, in
`credential`.
"""

from __future__ import annotations

from django.db import models

from licet.portal import clock


class Key(models.Model):
    """`id` ("key_…") is stable over rotation. `declared` is a list of {fact, value, at_s, wording}, kept as it was
    said.
    """

    id = models.CharField(primary_key=True, max_length=40, editable=False)
    holder = models.ForeignKey("portal.Holder", models.PROTECT, related_name="keys")
    name = models.CharField(max_length=80)
    env = models.CharField(max_length=12)
    prefix = models.CharField(max_length=40)  # `lic_live_0Eo…`, enough to tell keys apart, nothing to call with
    scopes = models.JSONField(default=list)
    features = models.JSONField(null=True, blank=True)
    releases = models.JSONField(null=True, blank=True)
    networks = models.JSONField(null=True, blank=True)  # where calls may come from, like ["10.0.0.0/8"]
    budgets = models.JSONField(default=list)  # of {limit, meter, period}: most with this key, inside the tier
    declared = models.JSONField(default=list)
    made_s = models.BigIntegerField("made", default=clock.now_s)
    expires_s = models.BigIntegerField("expires", null=True, blank=True)
    rotated_s = models.BigIntegerField("rotated", null=True, blank=True)
    revoked_s = models.BigIntegerField("revoked", null=True, blank=True)
    nonce = models.CharField(max_length=64, null=True, unique=True)  # of the form that made it: sent twice, made once

    class Meta:
        indexes = [models.Index(fields=["-made_s"], name="key_newest")]

    used_s: int | None = None  # no column: the ledger tells it when a page is drawn

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    def live(self, now_s: int) -> bool:
        return self.revoked_s is None and (self.expires_s is None or self.expires_s > now_s)
