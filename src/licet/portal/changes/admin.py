"""What does an operator see of changes? Notices and who was told, consultations and what became of them."""

from __future__ import annotations

from django.contrib import admin

from licet.portal.changes.models import Consultation, Notice, Told
from licet.portal.console.parts import ReadOnly, at


class Notices(ReadOnly):
    list_display = ("kind", "release", "made", "begins", "sent", "waits", "at_once")
    list_filter = ("kind", "release")
    search_fields = ("id", "document", "before")
    ordering = ("-made_s",)
    made, begins = at("made_s", "given"), at("from_s", "in force from")
    fields = (
        "id",
        "kind",
        "release",
        "before",
        "document",
        "consultation",
        "made",
        "begins",
        "at_once",
        "by",
        "sent",
        "waits",
    )
    readonly_fields = ("made", "begins", "sent", "waits")

    @admin.display(description="told")
    def sent(self, row: Notice) -> int:
        return row.told.exclude(sent_s=None).count()

    @admin.display(description="not told yet")
    def waits(self, row: Notice) -> int:
        return row.told.filter(sent_s=None).count()


class Mails(ReadOnly):
    list_display = ("notice", "holder", "tries", "tried", "sent")
    list_filter = ("notice__kind", ("sent_s", admin.EmptyFieldListFilter))
    list_select_related = ("notice", "holder__account")
    ordering = ("-id",)
    tried, sent = at("tried_s", "last tried"), at("sent_s", "sent")
    fields = ("notice", "holder", "writer", "tries", "tried", "sent")
    readonly_fields = ("tried", "sent")


class Consultations(ReadOnly):
    list_display = ("release", "opened", "until", "outcome", "decided", "question")
    list_filter = ("outcome", "release")
    ordering = ("-opened_s",)
    opened, until = at("opened_s", "opened"), at("until_s", "open until")
    decided = at("decided_s", "decided")
    fields = ("id", "release", "sha256", "before", "why", "question", "opened", "until", "by", "outcome", "words", "decided",
              "decided_by", "document")  # fmt: skip
    readonly_fields = ("opened", "until", "decided")


admin.site.register(Notice, Notices)
admin.site.register(Told, Mails)
admin.site.register(Consultation, Consultations)
