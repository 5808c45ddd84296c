"""Whose certificates may somebody read, and what stands on the page of one?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _later

from licet.access.role import asked, terms
from licet.certificate import Certificate, Checked
from licet.portal import clock
from licet.portal.certificates import issuing
from licet.portal.certificates.models import CertificateRow
from licet.portal.models import Holder, LicenseText
from licet.portal.organizations.acting import role_of
from licet.portal.organizations.models import Membership
from licet.portal.pages import words as moments
from licet.terms import Answer, Clause, Says, clauses_of
from licet.terms.action import ACTIONS

READS = "read:tier"
IN_WORDS = {  # what an action is, said of somebody else: the words of `terms/action.py` are said by whoever asks
    "use": _later("run it, inside one's own organization"),
    "reproduce": _later("make copies"),
    "distribute": _later("give copies to others"),
    "modify": _later("change it"),
    "fine-tune": _later("train it further"),
    "merge": _later("merge it with other weights"),
    "quantize": _later("store it with fewer bits"),
    "distill": _later("train another model to imitate it"),
    "use-outputs": _later("use what it produces"),
    "publish-outputs": _later("publish what it produces"),
    "train-on-outputs": _later("train other models on what it produces"),
    "host-as-service": _later("let others use it over a network"),
    "sublicense": _later("grant others rights"),
    "use-trademark": _later("use its name and marks"),
    "remove-safety-filter": _later("take out its filters or guardrails"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One certificate as its page draws it. `state` is "in force", "to come", "ended" or "taken back"."""

    row: CertificateRow
    value: Certificate
    state: str
    may: tuple[tuple[str, str], ...]  # (action, in words)
    sometimes: tuple[str, ...]  # actions that hang on something
    must: tuple[str, ...]
    text_url: str


def may_read(reader: Holder, whose: Holder) -> bool:
    """A holder reads what is its own; a member whose role allows it, what is the organization's."""
    return reader.pk == whose.pk or whose.pk in _organizations(reader)


def mine(reader: Holder) -> tuple[CertificateRow, ...]:
    """Every certificate that the reader may read, the newest first."""
    rows = CertificateRow.objects.filter(holder__in=(reader.pk, *_organizations(reader))).exclude(statement="")
    return tuple(rows.select_related("holder__account", "holder__organization").order_by("-issued_s", "-id"))


def state(row: CertificateRow, now_s: int | None = None) -> str:
    now = clock.now_s() if now_s is None else now_s
    if row.revoked_s is not None:
        return "taken back"
    if row.until_s is not None and row.until_s <= now:
        return "ended"
    return "to come" if row.from_s > now else "in force"


def shown(row: CertificateRow) -> Shown:
    """What is drawn comes from what was signed, not from the table."""
    value = issuing.read(row)
    clauses = tuple(clauses_of(value.terms))
    named = dict.fromkeys(a for c in clauses if c.says is Says.CAN and not c.when for a in _actions(c))
    forbidden = {a for c in clauses if c.says is Says.CANNOT and not c.when for a in _actions(c)}
    partly = {a for c in clauses if c.says is Says.CANNOT and c.when for a in _actions(c)}
    partly |= {a for c in clauses if c.says is Says.CAN and c.when for a in _actions(c)} - named.keys()
    free = [a for a in ACTIONS if a in named and a not in forbidden | partly]
    text = LicenseText.objects.filter(sha256=value.license.sha256).exists() if value.license.sha256 else False
    return Shown(
        row, value, state(row), tuple((a, _(IN_WORDS[a])) for a in free),
        tuple(a for a in ACTIONS if a in partly and a not in forbidden),
        tuple(dict.fromkeys(c.duty for c in clauses if c.says is Says.MUST)),
        f"/licenses/{row.component}/text?sha256={value.license.sha256}" if text else "",
    )  # fmt: skip


def why_not(checked: Checked) -> str:
    """Why a file does not hold, for people. What is not said here is said in `certificate/check.py`."""
    words = {
        "unreadable": _("This is not readable as a certificate or a receipt of this server."),
        "wrong_kind": _("This is neither a certificate nor a receipt."),
        "wrong_algorithm": _("It was signed in another way than this server signs."),
        "unknown_key": _("It was not signed by a key of this server that may be believed."),
        "bad_signature": _("It is not what was signed: something in it was changed."),
    }
    one = checked.certificate
    if one is not None and checked.code == "not_yet":
        return _("It holds from %(when)s on.") % {"when": moments.moment(one.from_s)}
    if one is not None and one.until_s is not None and checked.code == "expired":
        return _("It ended on %(when)s.") % {"when": moments.moment(one.until_s)}
    if one is not None and checked.code == "revoked":
        return _("It was taken back, and stands on the list of revocations.")
    return words.get(checked.code, checked.detail)


def attachment(body: bytes, name: str) -> HttpResponse:
    """A JSON file to keep."""
    answer = HttpResponse(body, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def in_words(state: str) -> str:
    return {"in force": _("in force"), "to come": _("to come"), "ended": _("ended"), "taken back": _("taken back")}[
        state
    ]


def _actions(clause: Clause) -> Iterator[str]:
    yield from ACTIONS if clause.actions is None else sorted(clause.actions & ACTIONS.keys())


def _organizations(reader: Holder) -> list[str]:
    rows = Membership.objects.filter(person=reader, ended_s=None).select_related("organization", "role", "person")
    return [row.organization_id for row in rows if asked(terms(role_of(row)), READS).answer is Answer.YES]
