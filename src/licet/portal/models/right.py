"""What may a holder, and since when? Tiers held, requests for tiers, grants, acceptances: each row carries its
release.
"""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q

from licet.portal import clock


class Held(models.Model):
    """A tier held at a document, from a moment until another. At most one is open for a holder and release.

    `anchor_s` is where the holder's months start: the first tier of this release sets it, no change moves it.
    """

    holder = models.ForeignKey("portal.Holder", models.PROTECT, related_name="held")
    release = models.CharField(max_length=64)
    tier = models.CharField(max_length=64)
    document = models.CharField(max_length=64)
    from_s = models.BigIntegerField("from")
    until_s = models.BigIntegerField("until", null=True, blank=True)  # None: until it is moved
    ended_s = models.BigIntegerField("ended", null=True, blank=True)
    anchor_s = models.BigIntegerField()
    by = models.CharField(max_length=60)
    why = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "tier held"
        verbose_name_plural = "tiers held"
        constraints = [
            models.UniqueConstraint(fields=["holder", "release"], condition=Q(ended_s=None), name="one_tier_a_release")
        ]
        indexes = [models.Index(fields=["release", "tier"], condition=Q(ended_s=None), name="tier_held_now")]

    def __str__(self) -> str:
        return f"{self.tier} of {self.release}"


class Request(models.Model):
    """The wish for a tier that needs approval, with its reason; the answer, with its words."""

    class State(models.TextChoices):
        PENDING = "pending"
        APPROVED = "approved"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "req"), editable=False)
    holder = models.ForeignKey("portal.Holder", models.PROTECT, related_name="requests")
    release = models.CharField(max_length=64)
    tier = models.CharField(max_length=64)
    document = models.CharField(max_length=64)
    reason = models.TextField(max_length=4_000)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING, db_index=True)
    made_s = models.BigIntegerField("asked", default=clock.now_s)
    answered_s = models.BigIntegerField("answered", null=True, blank=True)
    answered_by = models.CharField(max_length=60, blank=True)
    words = models.TextField("the answer's words", max_length=4_000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["holder", "release", "tier"], condition=Q(state="pending"), name="one_open_request"
            )
        ]

    def __str__(self) -> str:
        return f"{self.tier} of {self.release} for {self.holder}"


class GrantRow(models.Model):
    """A *can* beside the tier, of one holder or of all whose confirmed address is in a domain: who approved it, why, from
    when until when, and how much.
    """

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "grant"), editable=False)
    holder = models.ForeignKey("portal.Holder", models.PROTECT, null=True, blank=True, related_name="grants")
    domain = models.CharField("mail domain", max_length=253, blank=True)
    release = models.CharField(max_length=64)
    actions = models.JSONField()  # features by name, `download`, or `download NAME` of one component
    components = models.JSONField(null=True, blank=True)
    quotas = models.JSONField(default=list, blank=True)  # [{"limit", "meter", "period"}]: of its own, beside the tier's
    reason = models.CharField(max_length=500)
    program = models.CharField(max_length=64, blank=True)  # the program by which it was asked for
    approver = models.CharField(max_length=60)
    made_s = models.BigIntegerField("made", default=clock.now_s)
    from_s = models.BigIntegerField("from")
    until_s = models.BigIntegerField("until", null=True, blank=True)
    revoked_s = models.BigIntegerField("revoked", null=True, blank=True)
    reminded_s = models.BigIntegerField("reminded of its end", null=True, blank=True)

    class Meta:
        db_table = "portal_grant"
        verbose_name = "grant"
        constraints = [
            models.CheckConstraint(
                condition=(Q(holder__isnull=False) & Q(domain="")) | (Q(holder__isnull=True) & ~Q(domain="")),
                name="a_holder_or_a_domain",
            )
        ]
        indexes = [
            models.Index(fields=["domain", "release"], condition=Q(revoked_s=None), name="grant_of_domain"),
            models.Index(fields=["-made_s"], name="grant_newest"),
            models.Index(fields=["until_s"], condition=Q(revoked_s=None, reminded_s=None), name="grant_ending"),
        ]

    def __str__(self) -> str:
        return f"{', '.join(self.actions)} of {self.release} for {self.whose}"

    @property
    def whose(self) -> str:
        """Whom it is for, as people know them."""
        return f"@{self.domain}" if self.domain else str(self.holder)


class Acceptance(models.Model):
    """The promise of a holder about an exact text, with what proves it. Never removed; what names somebody fades.

    `words` is what was agreed to: the text beside the box, or what the program said. `summary_sha256` is that of the
    reading that stood beside the text. `address` and `agent` go after the days of the settings, and with the account.
    """

    holder = models.ForeignKey("portal.Holder", models.PROTECT, related_name="acceptances")
    release = models.CharField(max_length=64)
    version = models.CharField(max_length=64, blank=True)
    component = models.CharField(max_length=64, blank=True)
    license = models.CharField(max_length=200)
    sha256 = models.CharField("SHA-256 of the text", max_length=64)
    summary_sha256 = models.CharField("SHA-256 of the summary", max_length=64, blank=True)
    document = models.CharField(max_length=64)
    tier = models.CharField("tier at the time", max_length=64, blank=True)
    at_s = models.BigIntegerField("when", default=clock.now_s)
    how = models.CharField(max_length=10)  # page, api, command
    words = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=60)
    authority = models.CharField("declared authority", max_length=200, blank=True)
    answers = models.JSONField(default=dict, blank=True)
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField("program", max_length=300, blank=True)
    receipt = models.TextField(blank=True)
    receipt_kid = models.CharField("signed by the key", max_length=43, blank=True)
    receipt_signature = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["holder", "release", "license", "sha256"], name="accepted_once")]

    def __str__(self) -> str:
        return f"{self.license} by {self.holder}"
