"""What may this reader see? One place decides who sees which question; every page and feed asks here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from licet.portal.community import markdown, text
from licet.portal.community.models import Answer, Question, Writer

A_PAGE = 20
LICENSOR = "wri_licensor"  # the writer behind the threads that the licensor opens (proposed terms)
ANSWERS_A_PAGE = 50
SEARCHED = 8  # so many words of a search are looked for


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks: a writer or nobody (None), and whether as an operator."""

    writer: Writer | None = None
    operator: bool = False


def public(release: str) -> QuerySet[Question]:
    """What everybody sees."""
    return Question.objects.filter(release=release, private=False, hidden_s=None, withdrawn_s=None)


def seen(reader: Reader, release: str, id: str) -> Question | None:
    """The question if this reader may see it: one answer for what is private, hidden, elsewhere and not there at all.

    A withdrawn public question is seen: the answers to it stand under its stone.
    """
    question = (
        Question.objects.select_related("writer", "writer__holder", "accepted").filter(pk=id, release=release).first()
    )
    if question is None:
        return None
    mine = reader.writer is not None and question.writer_id == reader.writer.pk
    if reader.operator or mine:
        return question
    return None if question.private or question.hidden_s is not None else question


def listed(release: str, words: str = "", state: str = "", before: str = "") -> tuple[list[Question], str]:
    """A page of public questions, the newest first, and where the next page begins ("" for the last)."""
    return page(_narrowed(public(release), words, state), before)


def of_writer(writer: Writer, release: str, before: str = "") -> tuple[list[Question], str]:
    return page(Question.objects.filter(writer=writer, release=release, withdrawn_s=None), before)


def for_operator(release: str, words: str = "", state: str = "", before: str = "") -> tuple[list[Question], str]:
    """Private ones: the licensor's own list."""
    found = Question.objects.filter(release=release, private=True, withdrawn_s=None)
    return page(_narrowed(found, words, state), before)


def _narrowed(found: QuerySet[Question], words: str, state: str) -> QuerySet[Question]:
    if state:
        found = found.filter(state=state)
    for part in text.folded(words).split()[:SEARCHED]:
        found = found.filter(words__contains=part)
    return found


def page(found: QuerySet[Question], before: str) -> tuple[list[Question], str]:
    if before:
        found = found.filter(pk__lt=before)
    rows = list(
        found.defer("body", "words").select_related("accepted", "accepted__writer").order_by("-pk")[: A_PAGE + 1]
    )
    return rows[:A_PAGE], rows[A_PAGE - 1].pk if len(rows) > A_PAGE else ""


def answers(question: Question, after: str = "") -> tuple[list[Answer], str]:
    """A page of a thread, the oldest first. What is hidden or withdrawn stands there as a stone."""
    found = Answer.objects.filter(question=question).select_related("writer", "writer__holder").order_by("pk")
    if after:
        found = found.filter(pk__gt=after)
    rows = list(found[: ANSWERS_A_PAGE + 1])
    return rows[:ANSWERS_A_PAGE], rows[ANSWERS_A_PAGE - 1].pk if len(rows) > ANSWERS_A_PAGE else ""


def counts(release: str) -> Mapping[str, int]:
    """How many public questions there are of each state."""
    rows = public(release).values_list("state").annotate(n=Count("pk")).order_by()
    found: dict[str, int] = dict(rows)
    return {state: found.get(state, 0) for state in Question.State.values}


def median_s(release: str) -> int | None:
    """Half of all questions that the licensor answered were answered within this time. None before the first answer."""
    took = (
        Question.objects.filter(release=release, took_s__isnull=False)
        .order_by("took_s")
        .values_list("took_s", flat=True)
    )
    number = took.count()
    if not number:
        return None
    low, high = took[(number - 1) // 2], took[number // 2]
    return ((low or 0) + (high or 0)) // 2


def lasting(seconds: int) -> str:
    """`3 hours`, `2 days`: rounded to what matters."""
    if seconds < 90 * 60:
        minutes = max(1, round(seconds / 60))
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    if seconds < 48 * 3600:
        hours = round(seconds / 3600)
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    days = round(seconds / 86400)
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


@dataclass(frozen=True, slots=True)
class Pinned:
    """An accepted answer that belongs to a clause: what was asked, how the answer begins, where it stands."""

    title: str
    begins: str
    url: str


def pinned(release: str, sha256: str, cites: Iterable[str]) -> Mapping[str, tuple[Pinned, ...]]:
    """The accepted public answers beside these clauses of this document, the newest first; three a clause."""
    from licet.portal.community.acts import pin

    wanted = {cite: pin(cite, sha256) for cite in cites if cite}
    rows = (
        public(release)
        .filter(pin_cite__in={at for at, _document in wanted.values()}, accepted__isnull=False, accepted__hidden_s=None)
        .exclude(pin_cite="")  # as the index says it
        .select_related("accepted")
        .order_by()[:500]  # sorted below: SQLite would walk all questions for an order
    )
    found: dict[str, list[Pinned]] = {}
    for row in sorted(rows, key=lambda row: row.pk, reverse=True):
        assert row.accepted is not None
        for cite, (at, document) in wanted.items():
            same = row.pin_document.startswith(document) if document else not row.pin_document
            if row.pin_cite == at and same and len(found.setdefault(cite, [])) < 3:
                found[cite].append(Pinned(row.title, markdown.plain(row.accepted.body, 160), f"/questions/{row.pk}"))
    return {cite: tuple(rows) for cite, rows in found.items()}


def called(writer: Writer) -> str:
    """How a writer is named on a page; never by an address."""
    if writer.pk == LICENSOR:
        return _("the licensor")
    if writer.deleted_s is not None:
        return _("somebody who left")
    return writer.name or _("somebody")
