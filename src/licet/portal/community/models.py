"""What is kept of questions? Everything of one release carries `release`; everything written points to a `Writer`."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _late

from licet.portal import clock


def _id(prefix: str) -> partial[str]:
    return partial(clock.new_id, prefix)


class Writer(models.Model):
    """Who writes: the holder of an account, or whoever showed that an address is theirs. Addresses are never shown.

    A writer who left stays as a tombstone (`deleted_s`), without name and address.
    """

    id = models.CharField(primary_key=True, max_length=40, default=_id("wri"), editable=False)
    holder = models.OneToOneField("portal.Holder", models.PROTECT, null=True, related_name="writer")
    email = models.EmailField("e-mail", max_length=254, blank=True)  # of writers without an account
    email_folded = models.CharField(max_length=300, null=True, unique=True)
    name = models.CharField(max_length=40, blank=True)
    made_s = models.BigIntegerField("since", default=clock.now_s)
    blocked_s = models.BigIntegerField("blocked", null=True)
    blocked_by = models.CharField(max_length=60, blank=True)
    blocked_why = models.CharField(max_length=500, blank=True)
    deleted_s = models.BigIntegerField("deleted", null=True)

    def __str__(self) -> str:
        return f"deleted {self.pk}" if self.deleted_s else self.name or self.address() or self.pk

    def address(self) -> str:
        """Where mail reaches the writer; "" for one who left."""
        account = self.holder.account if self.holder else None
        return account.email if account else self.email


class Code(models.Model):
    """A code that was mailed to an address, by its digest. `origin` is a digest of the day and the asker's network."""

    email = models.EmailField(max_length=254)
    email_folded = models.CharField(max_length=300, db_index=True)
    digest = models.CharField(max_length=64)
    origin = models.CharField(max_length=64, db_index=True)
    made_s = models.BigIntegerField(default=clock.now_s, db_index=True)
    tries = models.IntegerField(default=0)
    used_s = models.BigIntegerField(null=True)


class Post(models.Model):
    """What a question and an answer share: who wrote it, its Markdown, and whether it is still shown."""

    writer = models.ForeignKey(Writer, models.PROTECT, related_name="%(class)ss")
    release = models.CharField(max_length=64)
    body = models.TextField()
    made_s = models.BigIntegerField("written", default=clock.now_s)
    hidden_s = models.BigIntegerField("hidden", null=True)
    hidden_by = models.CharField(max_length=60, blank=True)
    hidden_why = models.CharField(max_length=500, blank=True)
    withdrawn_s = models.BigIntegerField("withdrawn", null=True)  # by its writer: the words are gone

    class Meta:
        abstract = True


_PUBLIC = Q(private=False, hidden_s=None, withdrawn_s=None)


class Question(Post):
    """`cite` and `asked` say what it is about: a clause, and the question on the page "May I ...?".

    `pin_cite` is the clause that the accepted answer belongs to; `pin_document` the document whose line it is, "" for
    a place in a license. `took_s` is the time until the licensor's first answer. `words` is what a search reads.
    """

    class State(models.TextChoices):
        OPEN = "open", _late("open")
        ANSWERED = "answered", _late("answered")
        CHANGED = "changed", _late("changed the terms")
        DECLINED = "declined", _late("declined")

    id = models.CharField(primary_key=True, max_length=40, default=_id("que"), editable=False)
    title = models.CharField(max_length=140)
    private = models.BooleanField(default=False)
    cite = models.CharField("about", max_length=200, blank=True)
    asked = models.CharField(max_length=400, blank=True)
    document = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    reason = models.TextField("why", blank=True)
    answered_s = models.BigIntegerField("answered", null=True)
    took_s = models.BigIntegerField(null=True)
    settled_s = models.BigIntegerField("settled", null=True)
    settled_by = models.CharField(max_length=60, blank=True)
    accepted = models.ForeignKey("community.Answer", models.SET_NULL, null=True, related_name="+")
    pin_cite = models.CharField("pinned to", max_length=200, blank=True)
    pin_document = models.CharField(max_length=64, blank=True)
    touched_s = models.BigIntegerField("last word", default=clock.now_s)
    replies = models.IntegerField("answers", default=0)
    words = models.TextField(editable=False)

    class Meta:
        indexes = [  # partial: the pages ask for exactly these rows, in this order
            models.Index(fields=["release", "id"], condition=_PUBLIC, name="question_list"),
            models.Index(  # its last columns make it cover the count of each state
                fields=["release", "state", "id", "private", "hidden_s", "withdrawn_s"],
                condition=_PUBLIC,
                name="question_state",
            ),
            models.Index(fields=["release", "took_s"], condition=Q(took_s__isnull=False), name="question_took"),
            models.Index(fields=["release", "pin_cite"], condition=~Q(pin_cite=""), name="question_pin"),
        ]

    def __str__(self) -> str:
        return self.title or "(withdrawn)"


class Answer(Post):
    """`by_licensor`: written by an operator, in the licensor's name."""

    id = models.CharField(primary_key=True, max_length=40, default=_id("ans"), editable=False)
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    by_licensor = models.BooleanField("by the licensor", default=False)

    class Meta:
        indexes = [models.Index(fields=["question", "id"], name="answer_list")]

    def __str__(self) -> str:
        return f"answer to {self.question}"


class Report(models.Model):
    """Somebody finds that a post breaks the code of conduct. It waits until an operator hides the post or keeps it."""

    class Reason(models.TextChoices):
        SPAM = "spam", _late("spam or advertising")
        RUDE = "rude", _late("insults or threatens")
        PERSONAL = "personal", _late("names a person or a secret")
        WRONG = "wrong", _late("pretends to be somebody else")
        OTHER = "other", _late("something else")

    id = models.CharField(primary_key=True, max_length=40, default=_id("rep"), editable=False)
    release = models.CharField(max_length=64)
    question = models.ForeignKey(Question, models.PROTECT, related_name="reports")
    answer = models.ForeignKey(Answer, models.PROTECT, null=True, related_name="reports")
    writer = models.ForeignKey(Writer, models.PROTECT, related_name="reports")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    words = models.CharField(max_length=500, blank=True)
    made_s = models.BigIntegerField("reported", default=clock.now_s)
    settled_s = models.BigIntegerField("looked at", null=True)
    settled_by = models.CharField(max_length=60, blank=True)
    outcome = models.CharField(max_length=10, blank=True)  # hidden, kept

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["writer", "answer"], name="one_report_an_answer"),
            models.UniqueConstraint(
                fields=["writer", "question"], condition=Q(answer=None), name="one_report_a_question"
            ),
        ]
        indexes = [models.Index(fields=["settled_s", "id"], name="report_queue")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.answer or self.question}"


class Subscription(models.Model):
    """A writer wants a mail: at each answer to one question, or (without one) at each public question of a release."""

    writer = models.ForeignKey(Writer, models.CASCADE, related_name="subscriptions")
    release = models.CharField(max_length=64)
    question = models.ForeignKey(Question, models.CASCADE, null=True, related_name="subscriptions")
    made_s = models.BigIntegerField("since", default=clock.now_s)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["writer", "question"], name="one_subscription_a_question"),
            models.UniqueConstraint(fields=["writer", "release"], condition=Q(question=None), name="one_of_a_release"),
        ]

    def __str__(self) -> str:
        return f"{self.writer} follows {self.question or self.release}"
