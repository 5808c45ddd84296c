"""Which `licet.toml` is or was in force, byte for byte, and which license texts stood beside it?"""

from __future__ import annotations

from django.db import models


class Document(models.Model):
    """One publication. The same bytes may be published again later: a new row, the same `sha256`."""

    release = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64, db_index=True)
    body = models.BinaryField()
    from_s = models.BigIntegerField("in force from")
    made_s = models.BigIntegerField("published")
    by = models.CharField(max_length=60)

    class Meta:
        db_table = "document"
        indexes = [models.Index(fields=["release", "from_s"], name="document_in_force")]

    def __str__(self) -> str:
        return f"{self.release}@{self.sha256[:6]}"


class LicenseText(models.Model):
    """The exact text of a license as it lay in the release when the document was published.

    The component's own; `carried`: one that a tier carries for the component.
    """

    release = models.CharField(max_length=64)
    document = models.CharField(max_length=64)
    component = models.CharField(max_length=64)
    license = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, db_index=True)
    file = models.CharField(max_length=200)
    body = models.BinaryField()
    carried = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "component", "license"], name="one_text_a_license")]

    def __str__(self) -> str:
        return f"{self.license} of {self.component}"
