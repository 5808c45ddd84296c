"""What is kept of webhooks? Where they go, what was said, and how each telling went. No secret: those are derived."""

from __future__ import annotations

from functools import partial

from django.db import models

from licet.portal import clock


class Endpoint(models.Model):
    """One server that is told. Without a holder it is the operator's and hears of everybody.

    Its signing secret is worked out from `secrets/webhooks.key`, its id and `secret_n`: nothing here can sign. After a
    rotation the secret before signs too, until `before_until_s`. `failing_since_s`: it does not take what it is sent.
    """

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "we"), editable=False)
    holder = models.ForeignKey("portal.Holder", models.PROTECT, null=True, blank=True, related_name="endpoints")
    url = models.CharField(max_length=500)
    types = models.JSONField("only these types", default=list)  # empty: all
    name = models.CharField(max_length=80, blank=True)
    secret_n = models.PositiveIntegerField(default=1)
    before_until_s = models.BigIntegerField("secret before until", null=True, blank=True)
    made_s = models.BigIntegerField("made", default=clock.now_s)
    by = models.CharField(max_length=60)
    paused_s = models.BigIntegerField("paused", null=True, blank=True)
    removed_s = models.BigIntegerField("removed", null=True, blank=True)
    failing_since_s = models.BigIntegerField("failing since", null=True, blank=True)
    failures = models.PositiveIntegerField("failures in a row", default=0)
    told_s = models.BigIntegerField("its owner was told", null=True, blank=True)
    ok_s = models.BigIntegerField("last taken", null=True, blank=True)

    def __str__(self) -> str:
        return self.name or self.url


class Message(models.Model):
    """One thing that happened, in the words that everybody is sent: `body` is signed as it stands."""

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "msg"), editable=False)
    type = models.CharField(max_length=40)
    holder = models.ForeignKey("portal.Holder", models.PROTECT, null=True, blank=True, related_name="webhook_messages")
    release = models.CharField(max_length=64, blank=True)
    at_s = models.BigIntegerField("when", default=clock.now_s, db_index=True)
    body = models.TextField()

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"


class Delivery(models.Model):
    """One message for one endpoint: it waits, was taken, or is dead after days of trying. The dead can be sent again."""

    class State(models.TextChoices):
        WAITS = "waits"
        TAKEN = "taken"
        DEAD = "dead"

    message = models.ForeignKey(Message, models.PROTECT, related_name="deliveries")
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="deliveries")
    state = models.CharField(max_length=5, choices=State.choices, default=State.WAITS)
    tries = models.PositiveIntegerField(default=0)
    queued_s = models.BigIntegerField("queued", default=clock.now_s)
    next_s = models.BigIntegerField("next attempt", default=clock.now_s)
    claimed_s = models.BigIntegerField("somebody sends it until", default=0)
    status = models.PositiveIntegerField("last answer", default=0)
    error = models.CharField(max_length=200, blank=True)
    took_ms = models.PositiveIntegerField(default=0)
    tried_s = models.BigIntegerField("last tried", null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["message", "endpoint"], name="once_an_endpoint")]
        indexes = [models.Index(fields=["state", "next_s"], name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.message_id} to {self.endpoint_id}"
