"""Who promised what about which exact text, and what proves it? A row a promise; it opens, and stays."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from django.db import transaction

from licet.errors import LicetError, closest
from licet.portal import clock, documents, events, readmodel, tiers
from licet.portal.accepted import counting
from licet.portal.events import By
from licet.portal.masking import masked
from licet.portal.models import Acceptance, Holder, LicenseText
from licet.release import summary as summaries
from licet.release.release import Component

log = logging.getLogger("licet.certificates")
How = Literal["page", "api", "command"]
_MOST_ANSWER = 1_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A text that waits for its acceptance. `until_s`: what was accepted before counts until then; None: nothing does."""

    text: LicenseText
    ask: tuple[str, ...]
    until_s: int | None = None


def text(release: str, component: str, holder: Holder | None = None) -> LicenseText | None:
    """The text to accept for a component: as it stands in the document its tier is held at, else in the newest.

    Of a holder whose tier carries a license for the component it is that one, where the release has its text.
    """
    held = tiers.current(holder, release) if holder is not None else None
    newest = documents.newest(release)
    for document in (held.document if held else "", newest.sha256 if newest else ""):
        found = LicenseText.objects.filter(document=document, component=component)
        tier = documents.read(document).tier(held.tier) if held and document == held.document else None
        carried = tier.licenses.get(component) if tier else None
        if one := (carried and found.filter(license=carried).first()) or found.filter(carried=False).first():
            return one
    return None


def summary(text: LicenseText) -> str:
    """The reading that stands beside a text, in plain words; "" where nobody has read it."""
    return summaries.summary(documents.read(text.document), text.license)


@transaction.atomic
def accept(
    holder: Holder,
    release: str,
    license: str,
    sha256: str,
    by: By,
    *,
    how: How,
    words: str = "",
    authority: str = "",
    answers: Mapping[str, str] | None = None,
    agent: str = "",
) -> Acceptance:
    """Keep the promise with its proof, and sign a receipt that goes out by mail; the same promise again gives the first row.

    `words`: what was agreed to, as it stood there. `authority`: in which capacity somebody signs for an organization.
    LicetError for a text that is not the release's, and for a question of the component's that is not answered.
    """
    found = _text(release, license, sha256)
    if holder.deleted_s is not None:
        raise LicetError("the account was deleted", where=holder.pk)
    if row := Acceptance.objects.filter(holder=holder, release=release, license=license, sha256=sha256).first():
        return row
    part = documents.read(found.document).component(found.component)
    told = _answers(part.ask if part else (), answers or {})
    if holder.kind == Holder.Kind.ORGANIZATION and not authority.strip():
        raise LicetError("it is not said in which capacity you sign", mend="say it, for example: managing director")
    held, read = tiers.current(holder, release), summary(found)
    row = Acceptance.objects.create(
        holder=holder, release=release, version=documents.read(found.document).version, component=found.component,
        license=license, sha256=sha256, summary_sha256=summaries.digest(read), document=found.document,
        tier=held.tier if held else "", at_s=clock.now_s(), how=how, words=masked(words.strip())[:500], by=by.who,
        authority=masked(authority.strip())[:200], answers=told, address=by.address, agent=masked(agent)[:300],
    )  # fmt: skip
    from licet.portal.certificates import notices, receipts

    try:
        with transaction.atomic():
            receipts.sign(row)
    except LicetError as wrong:  # a lost key keeps nobody from accepting; the receipt is signed once there is one again
        log.error("no receipt for an acceptance of %s: %s", license, wrong)
    events.record("acceptance.made", by, holder, release, license=license, sha256=sha256, how=how)
    readmodel.restate(holder, release)
    transaction.on_commit(partial(notices.accepted, row.pk))
    return row


def asked_for(holder: Holder) -> list[Asked]:
    """The texts that are asked for and not accepted as they stand."""
    found, now = list[Asked](), clock.now_s()
    for release in documents.releases():
        held = tiers.current(holder, release)
        at = documents.read(held.document) if held else documents.in_force(release)
        counts = counting(holder, release, at.sha256)
        tier = at.tier(held.tier) if held else None
        for part in at.components:
            one = text(release, part.name, holder) if part.accept else None
            if one is not None and one.carried and all(f.download != part.name for f in at.features):
                continue  # what a tier carries is asked for where files are fetched
            either = {part.license, tier.licenses.get(part.name) if tier else None} & counts.keys()
            ends = [counts[license] for license in either if license is not None]
            if one is not None and None not in ends:  # any one of those that govern it would do
                until_s = max((end for end in ends if end is not None and end > now), default=None)
                found.append(Asked(one, part.ask, until_s))
    return found


def without_text(holder: Holder) -> list[tuple[str, Component]]:
    """(release, component) for each that asks for an acceptance of a text that was never published with it.

    Nobody can accept it, so its files stay shut: who asks is told so, and that only the licensor can mend it.
    """
    found = []
    for release in documents.releases():
        held = tiers.current(holder, release)
        at = documents.read(held.document) if held else documents.in_force(release)
        found += [(release, part) for part in at.components if part.accept and text(release, part.name, holder) is None]
    return found


def _text(release: str, license: str, sha256: str) -> LicenseText:
    known = LicenseText.objects.filter(release=release, license=license)
    if not known.exists():
        raise LicetError(f"the release has no text of `{license}` to accept", mend="its pages name the licenses")
    found = known.filter(sha256=sha256).order_by("-id").first()
    if found is None:
        raise LicetError(
            f"this is not the SHA-256 of the text of `{license}`",
            mend="read the text that is in force, and send its own",
        )
    return found


def _answers(ask: tuple[str, ...], told: Mapping[str, str]) -> dict[str, str]:
    """The answers to all questions and to no others."""
    for question in told:
        if question not in ask:
            raise LicetError(f"nobody asks “{question[:60]}”", mend=closest(question, ask))
    answers = {question: masked(str(told.get(question, "")).strip())[:_MOST_ANSWER] for question in ask}
    if open_ := [question for question, answer in answers.items() if not answer]:
        asks = ", ".join(f"“{question}”" for question in open_)
        raise LicetError(f"not answered: {asks}", mend="whoever accepts this license is asked that too")
    return answers
