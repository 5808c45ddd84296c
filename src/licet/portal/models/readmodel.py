"""What does the gate read? Three tables, written in the same transaction as the change they follow from.

`readmodel.py` (one folder up) writes them, `directory.py` reads them with plain SQLite. Nothing here is a source:
every row can be worked out again from the other tables (`readmodel.rebuild`), but for the digests of secrets.
"""

from __future__ import annotations

from django.db import models


class CredentialRow(models.Model):
    """One bearer by its SHA-256. A key has more than one while a rotation overlaps."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    key_id = models.CharField(max_length=40, db_index=True)
    holder_id = models.CharField(max_length=40, db_index=True)
    kind = models.CharField(max_length=10, default="key")
    expires_s = models.BigIntegerField(null=True)
    revoked_s = models.BigIntegerField(null=True)
    narrow = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    made_s = models.BigIntegerField()
    nonce = models.CharField(max_length=64, blank=True)  # of the form that rotated it: sent twice, rotated once

    class Meta:
        db_table = "credential"


class StandingRow(models.Model):
    """What a holder is to a release from a moment on. A tier that ends has its successor's row beside it: no job
    lapses.
    """

    holder_id = models.CharField(max_length=40)
    release = models.CharField(max_length=64)
    from_s = models.BigIntegerField()
    until_s = models.BigIntegerField(null=True)
    tier = models.CharField(max_length=64)
    document = models.CharField(max_length=64)
    claims = models.JSONField()
    facts = models.JSONField()
    anchor_s = models.BigIntegerField()
    grants = models.JSONField()
    domain = models.CharField(max_length=253, blank=True, default="")  # of the confirmed address: grants may be for it

    class Meta:
        db_table = "standing"
        constraints = [models.UniqueConstraint(fields=["holder_id", "release", "from_s"], name="standing_at")]


class ChangeRow(models.Model):
    """The log that the gate follows: what changed, and the digest (in hexadecimal), holder or document it changed
    for.
    """

    n = models.BigAutoField(primary_key=True)
    what = models.CharField(max_length=10)
    ref = models.CharField(max_length=64)

    class Meta:
        db_table = "change"
