"""What is kept of money? What a provider was seen to have, as it was fetched last; and what we asked of him.

Nothing here is a source: all but orders and what was told can be fetched anew. No row holds card data.
"""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q

from licet.portal import clock


class Customer(models.Model):
    """A holder under the provider's id of it. `gone_s`: the provider no longer knows it."""

    provider = models.CharField(max_length=16)
    ref = models.CharField(max_length=120)
    holder = models.ForeignKey("portal.Holder", models.PROTECT, related_name="customers")
    made_s = models.BigIntegerField("made", default=clock.now_s)
    gone_s = models.BigIntegerField("gone", null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "ref"], name="one_customer")]

    def __str__(self) -> str:
        return f"{self.ref} at {self.provider}"


class OrderRow(models.Model):
    """What a holder set out to buy. At most one is open for a holder and release: two tabs make one purchase."""

    class State(models.TextChoices):
        OPEN = "open"
        PAID = "paid"
        LEFT = "left"  # expired, or left for another order

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "ord"), editable=False)
    holder = models.ForeignKey("portal.Holder", models.PROTECT, related_name="orders")
    provider = models.CharField(max_length=16)
    release = models.CharField(max_length=64)
    document = models.CharField(max_length=64)
    tier = models.CharField(max_length=64)
    interval = models.CharField(max_length=8)
    seats = models.PositiveIntegerField(default=1)
    unit_minor = models.BigIntegerField("price of a seat, in the smallest coin")
    currency = models.CharField(max_length=3)
    trial_days = models.PositiveIntegerField(default=0)
    coupon = models.CharField(max_length=64, blank=True)
    checkout = models.CharField("the provider's id of the checkout", max_length=200, blank=True)
    url = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    by = models.CharField(max_length=60)
    made_s = models.BigIntegerField("made", default=clock.now_s)
    closed_s = models.BigIntegerField("closed", null=True, blank=True)

    class Meta:
        db_table = "payments_order"
        verbose_name = "order"
        constraints = [
            models.UniqueConstraint(fields=["holder", "release"], condition=Q(state="open"), name="one_open_order")
        ]
        indexes = [models.Index(fields=["provider", "checkout"])]

    def __str__(self) -> str:
        return f"{self.tier} of {self.release} for {self.holder}"


class Subscription(models.Model):
    """A provider's subscription (or one-off purchase) as it was fetched last, and what followed from it.

    `turn` numbers the fetch that was applied last (`turns.py`). `first_failure_s` is set once for what is owed.
    `life` are the stages that were written, `told` which of them the holder heard of, `news_s` when there is more to tell
    by time alone (0: now; None: nothing is to come). `held` is the tier held that this
    pays for; it is closed where an operator gave another in its place. `document` is the one that it was bought at,
    `moved_to` the one that `licet publish --move` took its holder to since.
    """

    provider = models.CharField(max_length=16)
    ref = models.CharField(max_length=120)
    customer = models.CharField(max_length=120)
    holder = models.ForeignKey("portal.Holder", models.PROTECT, related_name="subscriptions")
    held = models.OneToOneField("portal.Held", models.SET_NULL, null=True, blank=True, related_name="subscription")
    release = models.CharField(max_length=64)
    tier = models.CharField(max_length=64)
    document = models.CharField(max_length=64)
    moved_to = models.CharField("document it was moved to", max_length=64, blank=True)
    order = models.CharField(max_length=40, blank=True)
    interval = models.CharField(max_length=8)
    seats = models.PositiveIntegerField(default=1)
    unit_minor = models.BigIntegerField("price of a seat, in the smallest coin", default=0)
    currency = models.CharField(max_length=3)
    status = models.CharField("status at the provider", max_length=20, db_index=True)
    started_s = models.BigIntegerField("begun")
    period_from_s = models.BigIntegerField("period from", null=True, blank=True)
    period_until_s = models.BigIntegerField("period until", null=True, blank=True)
    paid_until_s = models.BigIntegerField("paid until", null=True, blank=True)
    trial_until_s = models.BigIntegerField("trial until", null=True, blank=True)
    cancel_at_s = models.BigIntegerField("ends by wish", null=True, blank=True)
    ended_s = models.BigIntegerField("ended at the provider", null=True, blank=True)
    first_failure_s = models.BigIntegerField("first failure", null=True, blank=True)
    paused_s = models.BigIntegerField("paused", null=True, blank=True)
    coming = models.JSONField("at the next date", null=True, blank=True)
    life = models.JSONField(default=list)
    told = models.JSONField(default=dict)
    news_s = models.BigIntegerField("next news", null=True, blank=True, default=0, db_index=True)
    turn = models.BigIntegerField(default=0)
    applied_s = models.BigIntegerField("last change seen", default=clock.now_s)
    checked_s = models.BigIntegerField("last fetched", default=clock.now_s)
    surplus_s = models.BigIntegerField("bought twice", null=True, blank=True)
    gone_s = models.BigIntegerField("unknown at the provider", null=True, blank=True)

    class Meta:
        verbose_name = "purchase"
        constraints = [models.UniqueConstraint(fields=["provider", "ref"], name="one_subscription")]
        indexes = [models.Index(fields=["holder", "release"])]

    def __str__(self) -> str:
        return f"{self.tier} of {self.release} for {self.holder}"

    @property
    def at(self) -> str:
        """The document whose tier it is now."""
        return self.moved_to or self.document


class PaymentRow(models.Model):
    """One charge as it was fetched last."""

    provider = models.CharField(max_length=16)
    ref = models.CharField(max_length=120)
    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="payments")
    state = models.CharField(max_length=8, db_index=True)
    amount_minor = models.BigIntegerField("amount, in the smallest coin")
    currency = models.CharField(max_length=3)
    at_s = models.BigIntegerField("when", db_index=True)
    from_s = models.BigIntegerField("from", null=True, blank=True)
    until_s = models.BigIntegerField("until", null=True, blank=True)
    attempted_s = models.BigIntegerField("first failed", null=True, blank=True)
    refunded_minor = models.BigIntegerField("given back, in the smallest coin", default=0)
    refunded_s = models.BigIntegerField("given back", null=True, blank=True)
    dispute = models.CharField(max_length=8, blank=True)
    disputed_s = models.BigIntegerField("disputed", null=True, blank=True)
    judged_s = models.BigIntegerField("judged", null=True, blank=True)
    url = models.TextField(blank=True)

    class Meta:
        db_table = "payments_payment"
        verbose_name = "payment"
        constraints = [models.UniqueConstraint(fields=["provider", "ref"], name="one_payment")]

    def __str__(self) -> str:
        return self.ref


class WebhookEvent(models.Model):
    """That something happened at the provider: stored under its unique id before it is answered.

    A hint: `about` names what to fetch anew. What it said is not kept. `done_s` is when that was done; until then it is
    tried again from `next_s` on.
    """

    provider = models.CharField(max_length=16)
    ref = models.CharField("the event's id", max_length=120)
    what = models.CharField(max_length=80)
    about = models.CharField("the object's id", max_length=120, blank=True)
    made_s = models.BigIntegerField("happened")
    received_s = models.BigIntegerField("received", default=clock.now_s)
    done_s = models.BigIntegerField("done", null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    next_s = models.BigIntegerField("tried again", default=0)
    wrong = models.CharField("what went wrong", max_length=500, blank=True)

    class Meta:
        verbose_name = "event of the provider"
        verbose_name_plural = "events of the provider"
        constraints = [models.UniqueConstraint(fields=["provider", "ref"], name="one_webhook_event")]
        indexes = [models.Index(fields=["done_s", "next_s"])]

    def __str__(self) -> str:
        return f"{self.what} {self.ref}"


class SandboxObject(models.Model):
    """What the sandbox has: a checkout or a subscription of its own, which the rest of Licet sees through `fetch` only."""

    ref = models.CharField(primary_key=True, max_length=60)
    holder = models.ForeignKey("portal.Holder", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)  # checkout, subscription
    body = models.JSONField()
    made_s = models.BigIntegerField(default=clock.now_s)

    class Meta:
        db_table = "payments_sandbox"
        verbose_name = "object of the sandbox"
        verbose_name_plural = "objects of the sandbox"

    def __str__(self) -> str:
        return self.ref


class Turn(models.Model):
    """The number of a fetch, drawn before it is sent: of two fetches the one that was asked later is the newer."""

    n = models.BigAutoField(primary_key=True)
