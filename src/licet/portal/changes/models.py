"""What is kept of changes? Every license text for ever; notices, and who was told; consultations, and their end."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q

from licet.portal import clock


class KeptText(models.Model):
    """A license text as it was once published. `LicenseText` is what lies beside a document now; this is never changed."""

    release = models.CharField(max_length=64)
    license = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, db_index=True)
    file = models.CharField(max_length=200)
    body = models.BinaryField()
    first_s = models.BigIntegerField("first published")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "license", "sha256"], name="kept_once")]

    def __str__(self) -> str:
        return f"{self.license} {self.sha256[:12]}"


class Consultation(models.Model):
    """A proposed `licet.toml`, open for comment until a moment. `question` is its thread in the community.

    `before` is the document in force when it was opened. `outcome` is empty until it is decided; `document` is what was
    published by that decision, "" where it was dropped.
    """

    class Outcome(models.TextChoices):
        OPEN = "", "open"
        ADOPTED = "adopted", "adopted as proposed"
        CHANGED = "changed", "adopted with changes"
        DROPPED = "dropped", "dropped"

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "con"), editable=False)
    release = models.CharField(max_length=64, db_index=True)
    sha256 = models.CharField(max_length=64)
    before = models.CharField(max_length=64)
    body = models.BinaryField()
    why = models.TextField(blank=True)
    question = models.OneToOneField("community.Question", models.PROTECT, related_name="consultation")
    opened_s = models.BigIntegerField("opened", default=clock.now_s)
    until_s = models.BigIntegerField("open until")
    by = models.CharField(max_length=60)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    words = models.TextField("what was decided", blank=True)
    decided_s = models.BigIntegerField("decided", null=True)
    decided_by = models.CharField(max_length=60, blank=True)
    document = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release"], condition=Q(outcome=""), name="one_open_consultation")
        ]

    def __str__(self) -> str:
        return f"proposed terms of {self.release} {self.sha256[:6]}"


class Notice(models.Model):
    """Something that holders are told by mail. `before` and `document` are the documents it is about."""

    class Kind(models.TextChoices):
        CHANGE = "change", "stricter terms are to come"
        CONSULTATION = "consulted", "a change is open for comment"
        DECISION = "decided", "a consultation was decided"
        MOVE = "moved", "a holder was moved to newer terms"

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "not"), editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    release = models.CharField(max_length=64, db_index=True)
    before = models.CharField(max_length=64, blank=True)
    document = models.CharField(max_length=64, blank=True)
    publication = models.ForeignKey("portal.Document", models.PROTECT, null=True, related_name="+")
    consultation = models.ForeignKey(Consultation, models.PROTECT, null=True, related_name="notices")
    made_s = models.BigIntegerField("given", default=clock.now_s)
    from_s = models.BigIntegerField("in force from", null=True)
    at_once = models.CharField("why without the notice that was promised", max_length=500, blank=True)
    by = models.CharField(max_length=60)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.release}"


class Told(models.Model):
    """One who is to be told, once. Made with the notice in one transaction; sent after it, and again after a crash."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="told")
    holder = models.ForeignKey("portal.Holder", models.PROTECT, null=True, related_name="told_of_changes")
    writer = models.ForeignKey("community.Writer", models.PROTECT, null=True, related_name="told")
    tried_s = models.BigIntegerField("last tried", null=True)
    tries = models.IntegerField(default=0)
    sent_s = models.BigIntegerField("sent", null=True)
    reached = models.TextField("digests of the addresses that were told", blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "holder"], name="a_holder_is_told_once"),
            models.UniqueConstraint(fields=["notice", "writer"], name="a_writer_is_told_once"),
        ]
        indexes = [models.Index(fields=["tries", "id"], condition=Q(sent_s=None), name="told_waits")]
        verbose_name = "mail of a notice"
        verbose_name_plural = "mails of notices"

    def __str__(self) -> str:
        return f"{self.notice} to {self.holder or self.writer}"
