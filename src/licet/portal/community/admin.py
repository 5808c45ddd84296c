"""What does an operator do about posts? Reports wait in a queue; posts are hidden or kept, writers blocked, with words."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from licet.portal import origin
from licet.portal.community import acts
from licet.portal.community.models import Answer, Question, Report, Writer
from licet.portal.console.parts import ReadOnly, Words, at, each


class _Posts(ReadOnly):
    ordering = ("-pk",)
    action_form = Words
    actions = ("hide", "unhide")
    made, hidden, withdrawn = at("made_s", "written"), at("hidden_s", "hidden"), at("withdrawn_s", "withdrawn")

    @admin.action(description="Hide (with words)")
    def hide(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        who, why = origin.by(request), request.POST.get("words", "")
        each(request, rows, lambda row: acts.hide(row, who, why), "hidden")

    @admin.action(description="Show again")
    def unhide(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        who = origin.by(request)
        each(request, rows, lambda row: acts.show(row, who), "in sight again")

    @admin.display(description="open")
    def look(self, row: Any) -> SafeString:
        id = row.pk if isinstance(row, Question) else row.question_id
        return format_html('<a href="/questions/{}">the thread</a>', id)


class Questions(_Posts):
    list_display = ("title", "state", "private", "writer", "made", "replies", "hidden")
    list_filter = ("state", "private", "release", ("hidden_s", admin.EmptyFieldListFilter))
    search_fields = ("title", "body", "id")
    fields = ("look", "id", "release", "title", "body", "private", "writer", "made", "state", "reason", "pin_cite", "hidden",
              "hidden_by", "hidden_why", "withdrawn")  # fmt: skip
    readonly_fields = ("look", "made", "hidden", "withdrawn")


class Answers(_Posts):
    list_display = ("begins", "question", "writer", "by_licensor", "made", "hidden")
    list_filter = ("by_licensor", "release", ("hidden_s", admin.EmptyFieldListFilter))
    list_select_related = ("question", "writer__holder__account")
    search_fields = ("body", "id", "question__title")
    fields = ("look", "id", "release", "question", "body", "writer", "by_licensor", "made", "hidden", "hidden_by",
              "hidden_why", "withdrawn")  # fmt: skip
    readonly_fields = ("look", "made", "hidden", "withdrawn")

    @admin.display(description="answer")
    def begins(self, row: Answer) -> str:
        return " ".join(row.body.split())[:80] or "(withdrawn)"


class Reports(ReadOnly):
    list_display = ("reason", "words", "post", "writer", "made", "outcome", "look")
    list_filter = (("settled_s", admin.EmptyFieldListFilter), "reason", "release")
    list_select_related = ("question", "answer__question", "writer__holder__account")
    search_fields = ("words", "question__title", "id")
    ordering = ("-pk",)
    action_form = Words
    actions = ("hide_post", "keep_post", "block_writer")
    made, settled = at("made_s", "reported"), at("settled_s", "looked at")
    fields = ("look", "reason", "words", "post", "writer", "made", "settled", "settled_by", "outcome")
    readonly_fields = ("look", "post", "made", "settled")

    @admin.display(description="about")
    def post(self, row: Report) -> str:
        found = row.answer or row.question
        return " ".join(found.body.split())[:160] or "(withdrawn)"

    @admin.display(description="open")
    def look(self, row: Report) -> SafeString:
        return format_html('<a href="/questions/{}#{}">the thread</a>', row.question_id, row.answer_id or "")

    @admin.action(description="Hide what was reported (with words)")
    def hide_post(self, request: HttpRequest, rows: QuerySet[Report]) -> None:
        who, why = origin.by(request), request.POST.get("words", "")
        each(request, rows, lambda row: acts.hide(row.answer or row.question, who, why), "hidden")

    @admin.action(description="Keep what was reported")
    def keep_post(self, request: HttpRequest, rows: QuerySet[Report]) -> None:
        who = origin.by(request)
        each(request, rows, lambda row: acts.show(row.answer or row.question, who), "kept")

    @admin.action(description="Hide it, and block whoever wrote it (with words)")
    def block_writer(self, request: HttpRequest, rows: QuerySet[Report]) -> None:
        who, why = origin.by(request), request.POST.get("words", "")

        def act(row: Report) -> None:
            post = row.answer or row.question
            acts.hide(post, who, why)
            acts.block(post.writer, who, why)

        each(request, rows, act, "hidden, their writers blocked")


class Writers(ReadOnly):
    list_display = ("who", "made", "questions_asked", "blocked", "blocked_why", "deleted")
    list_filter = (("blocked_s", admin.EmptyFieldListFilter), ("deleted_s", admin.EmptyFieldListFilter))
    list_select_related = ("holder__account",)
    search_fields = ("name", "email", "holder__account__email", "id")
    ordering = ("-made_s",)
    action_form = Words
    actions = ("block", "unblock")
    made, blocked, deleted = at("made_s", "since"), at("blocked_s", "blocked"), at("deleted_s", "left")
    fields = ("id", "who", "name", "made", "blocked", "blocked_by", "blocked_why", "deleted")
    readonly_fields = ("who", "made", "blocked", "deleted")

    @admin.display(description="address")
    def who(self, row: Writer) -> str:
        return row.address() or "(left)"

    @admin.display(description="questions")
    def questions_asked(self, row: Writer) -> int:
        return row.questions.count()

    @admin.action(description="Block from writing (with words)")
    def block(self, request: HttpRequest, rows: QuerySet[Writer]) -> None:
        who, why = origin.by(request), request.POST.get("words", "")
        each(request, rows, lambda row: acts.block(row, who, why), "blocked")

    @admin.action(description="Let write again")
    def unblock(self, request: HttpRequest, rows: QuerySet[Writer]) -> None:
        who = origin.by(request)
        each(request, rows, lambda row: acts.unblock(row, who), "may write again")


admin.site.register(Report, Reports)
admin.site.register(Question, Questions)
admin.site.register(Answer, Answers)
admin.site.register(Writer, Writers)
