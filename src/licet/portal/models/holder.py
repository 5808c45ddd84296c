"""Who owns a tier, a key, an acceptance, a grant, some usage? A holder: an account, an organization, or nobody
known.
"""

from __future__ import annotations

from functools import partial

from django.db import models

from licet.portal import clock


class Holder(models.Model):
    """`id` ("hol_…") is what the ledger and the gate know. A deleted account leaves its holder behind as a
    tombstone.
    """

    class Kind(models.TextChoices):
        ACCOUNT = "account"
        ORGANIZATION = "organization"
        ANONYMOUS = "anonymous"

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "hol"), editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.ACCOUNT)
    account = models.OneToOneField("portal.Account", models.SET_NULL, null=True, blank=True, related_name="holder")
    made_s = models.BigIntegerField("made", default=clock.now_s, editable=False)
    suspended_s = models.BigIntegerField("suspended", null=True, blank=True, editable=False)
    suspended_why = models.CharField("why suspended", max_length=500, blank=True, editable=False)
    deleted_s = models.BigIntegerField("deleted", null=True, blank=True, editable=False)

    class Meta:
        indexes = [models.Index(fields=["-made_s"], name="holder_newest")]

    def __str__(self) -> str:
        if self.deleted_s is not None:
            return f"deleted account {self.id}"
        if self.kind == self.Kind.ORGANIZATION:
            return str(getattr(self, "organization", self.id))
        return self.account.email if self.account else self.id
