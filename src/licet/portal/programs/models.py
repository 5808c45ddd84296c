"""What is kept of an application? What was asked and answered, until when an answer is due, and the words on both sides."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q

from licet.portal import clock


class Application(models.Model):
    """Somebody's wish for what a program opens. A draft is its writer's alone; sent, it waits for the operator.

    `answers` and `evidence` keep the question as it was asked, beside what was said: a later document may ask otherwise.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        SENT = "sent", "waits for the operator"
        BACK = "back", "waits for the applicant"
        APPROVED = "approved"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "app"), editable=False)
    holder = models.ForeignKey("portal.Holder", models.PROTECT, related_name="applications")
    by = models.CharField(max_length=60)  # who wrote it, as an id
    release = models.CharField(max_length=64)
    program = models.CharField(max_length=64)
    document = models.CharField(max_length=64)
    answers = models.JSONField(default=list)  # [{"asked": …, "said": …}]
    evidence = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    made_s = models.BigIntegerField("begun", default=clock.now_s)
    sent_s = models.BigIntegerField("sent", null=True)
    due_s = models.BigIntegerField("due", null=True)  # until when the operator means to answer; None while he need not
    left_s = models.BigIntegerField(null=True)  # what was left of that time when it went back to the applicant
    answered_s = models.BigIntegerField("answered", null=True)
    answered_by = models.CharField(max_length=60, blank=True)
    grant = models.OneToOneField("portal.GrantRow", models.PROTECT, null=True, related_name="application")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["holder", "release", "program"],
                condition=Q(state__in=("draft", "sent", "back")),
                name="one_open_application",
            )
        ]
        indexes = [models.Index(fields=["state", "due_s"], name="application_queue")]

    def __str__(self) -> str:
        return f"{self.program} of {self.release} for {self.holder}"

    @property
    def open(self) -> bool:
        return self.state in (self.State.DRAFT, self.State.SENT, self.State.BACK)

    @property
    def waits(self) -> bool:
        """Is it the operator's turn?"""
        return self.state == self.State.SENT

    def overdue(self, now_s: int) -> bool:
        return self.waits and self.due_s is not None and self.due_s < now_s


class Words(models.Model):
    """What one side said to the other about an application, in the order said."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="said")
    by_operator = models.BooleanField()
    by = models.CharField(max_length=60)
    words = models.TextField(max_length=4_000)
    at_s = models.BigIntegerField("when", default=clock.now_s)

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "words"
