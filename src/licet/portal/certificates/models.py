"""What is kept of certificates? The public keys that signed, and every promise as it was signed."""

from __future__ import annotations

from functools import partial

from django.db import models

from licet.portal import clock


class SigningKey(models.Model):
    """A public key. Its private half lies in the data folder's secrets while it signs, and nowhere after.

    A retired key still verifies what it signed; one that was `compromised` verifies nothing any more.
    """

    kid = models.CharField("id", primary_key=True, max_length=43)
    public = models.BinaryField(max_length=32)
    made_s = models.BigIntegerField("made", default=clock.now_s)
    retired_s = models.BigIntegerField("retired", null=True, blank=True)
    compromised_s = models.BigIntegerField("compromised", null=True, blank=True)

    class Meta:
        verbose_name = "signing key"

    def __str__(self) -> str:
        return self.kid


class CertificateRow(models.Model):
    """One promise as it was signed. `statement` and `signature` are the file; both go when the account is deleted.

    `source` says what it rests on ("payment …", "operator"), so that it can be taken back with that; `basis` says it to
    whoever reads the certificate ("tier premium").
    """

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "cert"), editable=False)
    holder = models.ForeignKey("portal.Holder", models.PROTECT, related_name="certificates")
    issuer = models.CharField("this server's address", max_length=300)
    release = models.CharField(max_length=64)
    version = models.CharField(max_length=64)
    document = models.CharField(max_length=64)
    component = models.CharField(max_length=64)
    license = models.CharField(max_length=1000)
    text_sha256 = models.CharField("SHA-256 of the license's text", max_length=64, blank=True)
    basis = models.CharField("issued for", max_length=100)
    source = models.CharField(max_length=200, db_index=True)
    from_s = models.BigIntegerField("from")
    until_s = models.BigIntegerField("until", null=True, blank=True)
    issued_s = models.BigIntegerField("issued", default=clock.now_s)
    by = models.CharField(max_length=60)
    kid = models.CharField("signed by the key", max_length=43)
    statement = models.TextField(blank=True)
    signature = models.TextField(blank=True)
    revoked_s = models.BigIntegerField("taken back", null=True, blank=True, db_index=True)
    revoked_why = models.CharField("why", max_length=500, blank=True)

    class Meta:
        db_table = "certificates_certificate"
        verbose_name = "certificate"
        indexes = [models.Index(fields=["holder", "release"], name="certificates_of_a_holder")]

    def __str__(self) -> str:
        return f"{self.license} for {self.component} of {self.release}"
