"""How do other gateways ask Licet? AuthZEN 1.0: `evaluation` and `evaluations`. It never spends and holds nothing.

A key may ask about itself: `subject` of type `key` (its id) or `account` (its holder's id), or no subject at all. About
others, by key id, account or `tier`, only a key with the scope `decide` may ask. A secret is never a subject: it would
stand in the other gateway's logs.

    {"subject": {"type": "tier", "id": "free"}, "action": {"name": "call"}, "resource": {"type": "feature", "id": "chat"}}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from licet.access.standing import Standing
from licet.access.table import NEVER_S, anonymous
from licet.gate.asking import Asking
from licet.gate.body import Bad
from licet.gate.limit import Limit
from licet.gate.rights import Record, Seat

MOST_EVALUATIONS = 100
SUBJECTS = ("key", "account", "tier", "anonymous")
SEMANTICS = {"execute_all": None, "deny_on_first_deny": False, "permit_on_first_permit": True}


@dataclass(frozen=True, slots=True)
class AuthZen:
    """Answers to the two endpoints. `Bad` is a request that cannot be read, or may not be asked."""

    asking: Asking

    def evaluation(self, asker: Record, request: Any, now_s: int) -> dict[str, Any] | Bad:
        """`{"decision": bool, "context": {…}}`."""
        if not isinstance(request, dict):
            return _bad("the request is a JSON object")
        subject, action, resource = (request.get(k) for k in ("subject", "action", "resource"))
        seat = self._seat(asker, subject, now_s)
        if isinstance(seat, Bad):
            return seat
        if not isinstance(action, dict) or not isinstance(action.get("name"), str):
            return _bad("`action` is an object with a `name`")
        if not isinstance(resource, dict) or not all(isinstance(resource.get(k), str) for k in ("type", "id")):
            return _bad("`resource` is an object with `type` and `id`")
        if seat is None:
            return _no("not_authenticated", "There is no such subject.")
        name = resource["id"] if resource["type"] == "feature" else action["name"]
        table = seat.table
        if resource["type"] == "release" and resource["id"] != table.release.name:
            return _no("not_found", f"There is no release `{resource['id']}` here.")
        feature = table.release.feature(name) or table.newest.feature(name)
        if feature is None:
            return _no("not_found", f"There is no feature `{name}` here.")
        if resource["type"] == "component" and resource["id"] not in feature.serves:
            return _no("not_found", f"The feature `{name}` serves no component `{resource['id']}`.")
        told = self.asking.feature(seat, feature, now_s).as_json(self.asking.door, now_s)
        answer = told.pop("answer")
        return {"decision": answer == "yes", "context": {**told, "reason_user": {"en": told["detail"]}}}

    def evaluations(self, asker: Record, request: Any, now_s: int) -> dict[str, Any] | Bad:
        """Many at once; what an evaluation does not say itself, the request says for all."""
        if not isinstance(request, dict):
            return _bad("the request is a JSON object")
        several = request.get("evaluations")
        if several is None or several == []:
            return self.evaluation(asker, request, now_s)
        if not isinstance(several, list) or not all(isinstance(one, dict) for one in several):
            return _bad("`evaluations` is a list of objects")
        if len(several) > MOST_EVALUATIONS:
            return _bad(f"`evaluations` has more than {MOST_EVALUATIONS} entries")
        options = request.get("options")
        semantic = options.get("evaluations_semantic", "execute_all") if isinstance(options, dict) else "execute_all"
        if not isinstance(semantic, str) or semantic not in SEMANTICS:
            return _bad("`evaluations_semantic` is one of " + ", ".join(f"`{s}`" for s in SEMANTICS))
        shared = {k: request[k] for k in ("subject", "action", "resource", "context") if k in request}
        answers: list[dict[str, Any]] = []
        for one in several:
            answer = self.evaluation(asker, {**shared, **one}, now_s)
            if isinstance(answer, Bad):
                if answer.status != 400:
                    return answer
                answer = _no("invalid_input", answer.detail)
            answers.append(answer)
            if answer["decision"] is SEMANTICS[semantic]:
                break
        return {"evaluations": answers}

    def _seat(self, asker: Record, subject: Any, now_s: int) -> Seat | Bad | None:
        """Where the subject sits; None where there is none of that name."""
        rights = self.asking.door.rights
        release = rights.releases[0]
        if subject is None:
            return rights.seat(asker, release, now_s)
        if not isinstance(subject, dict) or not all(isinstance(subject.get(k), str) for k in ("type", "id")):
            return _bad("`subject` is an object with `type` and `id`")
        kind, name = subject["type"], subject["id"]
        if name.startswith(("lic_", "hf_", "Bearer ")):
            return _bad("a secret is never a subject: name a key by its id (`key_…`), and replace this one")
        if kind not in SUBJECTS:
            return _bad("`subject.type` is one of " + ", ".join(f"`{s}`" for s in SUBJECTS))
        if kind == "account" and not name.startswith("hol_"):
            return _bad("an account is named by its holder's id (`hol_…`): `/v1/me` and `licet account list` tell it")
        if (kind, name) in (("key", asker.key_id), ("account", asker.holder_id)):
            return rights.seat(asker, release, now_s)
        if asker.credential is None or "decide" not in asker.credential.narrow.scopes:
            return Bad(403, "not_allowed", "Only a key with the scope `decide` may ask about others.")
        return self._other(kind, name, release, now_s)

    def _other(self, kind: str, name: str, release: str, now_s: int) -> Seat | None:
        rights = self.asking.door.rights
        newest = rights.newest(release, now_s)
        if kind == "key":
            credential = rights.directory.key(name)
            ends_s = rights.ends_s(credential) if credential else 0
            if credential is None or now_s >= ends_s:
                return None
            return rights.seat(Record(b"", name, credential.holder_id, credential, ends_s), release, now_s)
        if kind == "account":
            standing = rights.directory.standing(name, release)
        elif kind == "anonymous":
            standing = anonymous(newest)
        else:  # a tier: whoever would hold it, approved and paid
            claims = frozenset({"account", f"tier:{name}"})
            facts = {f"approved:{name}": True, f"paid:{name}": True}
            facts |= {f"declared:{fact}": True for fact in newest.declare}
            standing = Standing("", release, name, newest.sha256, claims, facts)
        if standing is None:
            return None
        document = rights.document(standing.document)
        table = rights.tables.of(document, standing, None, newest)
        return Seat(standing.holder_id, standing, table, Limit(0, 0, 0), NEVER_S, [True])


def _no(code: str, detail: str) -> dict[str, Any]:
    return {"decision": False, "context": {"code": code, "detail": detail, "reason_user": {"en": detail}}}


def _bad(detail: str) -> Bad:
    return Bad(400, "invalid_input", f"Not an AuthZEN request: {detail}.")
