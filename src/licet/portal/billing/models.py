"""What is kept of billed usage? What the ledger cannot know: caps, what was billed and told, and to whom it was said."""

from __future__ import annotations

from functools import partial

from django.db import models

from licet.portal import clock


class Cap(models.Model):
    """What a holder will pay past its quotas in a month, in billionths of the currency's unit. The gate reads it."""

    holder = models.ForeignKey("portal.Holder", models.PROTECT, related_name="caps")
    release = models.CharField(max_length=64)
    nanos = models.BigIntegerField("most, in billionths")
    currency = models.CharField(max_length=3)
    set_s = models.BigIntegerField("set", default=clock.now_s)
    by = models.CharField(max_length=60)

    class Meta:
        db_table = "cap"
        constraints = [models.UniqueConstraint(fields=["holder", "release"], name="one_cap")]

    def __str__(self) -> str:
        return f"cap of {self.holder}"


class Invoice(models.Model):
    """The use of one period that is over, priced once and never again: `lines` as `bill.Line` told them."""

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "inv"), editable=False)
    holder = models.ForeignKey("portal.Holder", models.PROTECT, related_name="usage_invoices")
    release = models.CharField(max_length=64)
    from_s = models.BigIntegerField("from")
    until_s = models.BigIntegerField("until")
    lines = models.JSONField(default=list)
    totals = models.JSONField("total by currency, in the smallest coin", default=dict)
    issued_s = models.BigIntegerField("issued", default=clock.now_s)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["holder", "release", "from_s"], name="one_invoice_a_period")]

    def __str__(self) -> str:
        return f"use of {self.release} by {self.holder} until {clock.rfc3339(self.until_s)}"


class MeterEvent(models.Model):
    """So many units of one call are past a quota: told to the provider, or waiting to be. Never removed: whatever is
    asked for again within any time finds its row here, long after a provider has forgotten the identifier.
    """

    class State(models.TextChoices):
        WAITS = "waits"
        SENT = "sent"
        REFUSED = "refused"

    identifier = models.CharField(primary_key=True, max_length=100, editable=False)  # derived from call and counter
    holder = models.ForeignKey("portal.Holder", models.PROTECT, related_name="meter_events")
    release = models.CharField(max_length=64)
    counter = models.CharField(max_length=200)
    window_s = models.BigIntegerField("window from")
    call = models.CharField(max_length=60)
    units = models.BigIntegerField()
    at_s = models.BigIntegerField("when")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITS)
    tries = models.PositiveIntegerField(default=0)
    next_s = models.BigIntegerField("next attempt", default=0)
    sent_s = models.BigIntegerField("sent", null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "next_s"], name="meter_event_due"),
            models.Index(fields=["holder", "release", "counter", "window_s"], name="meter_event_window"),
        ]

    def __str__(self) -> str:
        return self.identifier


class Told(models.Model):
    """A holder was told that it used so much of a quota or cap, in this window: each mark once.

    `about` is the counter (`calls/month`), "cap", or a tier that ended (`tier:…`).
    """

    holder = models.ForeignKey("portal.Holder", models.PROTECT, related_name="told_of_use")
    release = models.CharField(max_length=64)
    about = models.CharField(max_length=200)
    window_s = models.BigIntegerField("window from")
    percent = models.PositiveSmallIntegerField()
    at_s = models.BigIntegerField("when", default=clock.now_s)

    class Meta:
        verbose_name = "notice of use"
        verbose_name_plural = "notices of use"
        constraints = [
            models.UniqueConstraint(fields=["holder", "release", "about", "window_s", "percent"], name="told_once")
        ]

    def __str__(self) -> str:
        return f"{self.percent} % of {self.about}"
