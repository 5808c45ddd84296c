"""May the caller of my program do this? For programs beside a gate: ask a running one, or a certificate offline.

    gate = Gate("https://models.example.org")

    @requires("advanced_modelling", gate, key="api_key")
    def model(table, api_key): ...

    weights = Certificates(["sana.certificate.json"], keys="jwks.json", revocations="revocations.json")

    @requires("host-as-service", weights, component="weights", facts={"commercial": True})
    async def serve(request): ...

Whoever is not allowed never reaches the function: `NotAllowed` carries the answer. Where the gate cannot be asked, nobody
is let in. Standard library only, but for the signature of a certificate.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import quote

from licet import certificate as certificates
from licet.errors import LicetError
from licet.terms import CLOCK, AnyOf, Ask, Policy, may
from licet.terms.action import unsugared
from licet.terms.clause import Scalar
from licet.terms.fact import bind
from licet.terms.plain import as_json

MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Told:
    """An answer with its reasons. `because`, `duties` and `would_allow` are those of every answer of Licet."""

    answer: Literal["yes", "no", "depends"]
    detail: str
    code: str = ""
    because: tuple[Mapping[str, str], ...] = ()
    duties: tuple[Mapping[str, str], ...] = ()
    would_allow: tuple[Mapping[str, str], ...] = ()

    @property
    def allowed(self) -> bool:
        return self.answer == "yes"

    @classmethod
    def of(cls, body: Mapping[str, Any], answer: Literal["yes", "no", "depends"]) -> Told:
        """The answer of a gate, or of `as_json`."""
        several = {name: tuple(body.get(name) or ()) for name in ("because", "duties", "would_allow")}
        return cls(answer, str(body.get("detail", "")), str(body.get("code") or ""), **several)


class NotAllowed(LicetError):
    """The caller may not; `told` says why, and what would be a yes."""

    def __init__(self, told: Told) -> None:
        super().__init__(told.detail or "this is not allowed")
        self.told = told


class Gate:
    """A running gate at `url`. `key` is the one that is asked with where none is given: never printed.

    `Gate` may be shared by threads: it holds no connection.
    """

    def __init__(self, url: str, *, key: str | None = None, timeout_s: float = 10.0) -> None:
        if not url.startswith(("http://", "https://")):
            raise LicetError(f"`{url}` is no http address", mend="write it like https://models.example.org")
        self.url, self._key, self._timeout_s = url.rstrip("/"), key, timeout_s

    def __repr__(self) -> str:
        return f"Gate({self.url!r})"

    def may(
        self,
        feature: str,
        *,
        key: str | None = None,
        account: str | None = None,
        tier: str | None = None,
        key_id: str | None = None,
    ) -> Told:
        """May the owner of the key call the feature? It is asked only: nothing is counted.

        About somebody else (`account` "hol_…", `tier`, `key_id` "key_…") the key needs the scope `decide`. LicetError where
        the gate cannot be asked.
        """
        named = [("account", account), ("tier", tier), ("key", key_id)]
        subjects = [{"type": kind, "id": id} for kind, id in named if id is not None]
        if len(subjects) > 1:
            raise LicetError("several subjects at once", mend="ask about one of account, tier, key_id")
        asked = {
            **({"subject": subjects[0]} if subjects else {}),
            "action": {"name": feature},
            "resource": {"type": "feature", "id": feature},
        }
        status, body = self._ask("/access/v1/evaluation", key, asked)
        if status != 200:
            return self._refused(status, body)
        decision, context = body.get("decision"), body.get("context")
        if not isinstance(decision, bool) or not isinstance(context, dict):
            raise LicetError("this is no answer of a Licet gate", where=self.url, mend="is the address right?")
        return Told.of(context, "yes" if decision else "no")

    def spend(self, feature: str, *, key: str | None = None) -> Told:
        """The same question, and where the answer is yes one call of the feature is counted at once.

        For a program that serves the feature itself: quota, rate and price are the gate's.
        """
        status, body = self._ask(f"/v1/forward/{quote(feature, safe='')}", key, None)
        return Told("yes", f"Access granted to `{feature}`.") if status == 204 else self._refused(status, body)

    def me(self, *, key: str | None = None) -> dict[str, Any]:
        """What the key holds: tier, quotas, usage (`GET /v1/me`). NotAllowed for a key that opens nothing."""
        status, body = self._ask("/v1/me", key, None, method="GET")
        if status != 200:
            raise NotAllowed(self._refused(status, body))
        return body

    def _refused(self, status: int, body: Mapping[str, Any]) -> Told:
        if status in (401, 402, 403, 429) and isinstance(body.get("code"), str):
            return Told.of(body, "no")
        raise LicetError(str(body.get("detail") or f"it answers {status}"), where=self.url, mend="see its log")

    def _ask(self, path: str, key: str | None, told: object, *, method: str = "POST") -> tuple[int, dict[str, Any]]:
        request = urllib.request.Request(self.url + path, method=method)  # noqa: S310  (http or https: looked at above)
        if told is not None:
            request.data = json.dumps(told).encode()
            request.add_header("Content-Type", "application/json")
        if bearer := key if key is not None else self._key:
            if not bearer.isascii() or not bearer.isprintable():  # http.client would print it in its error
                return 401, {"code": "not_authenticated", "detail": "This is no key."}
            request.add_unredirected_header("Authorization", f"Bearer {bearer}")
        try:
            with _OPENER.open(request, timeout=self._timeout_s) as answer:
                return answer.status, _object(answer.read(MOST_BYTES))
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, _object(refused.read(MOST_BYTES))
        except (OSError, ValueError) as wrong:
            reason = getattr(wrong, "reason", wrong)
            raise LicetError(f"cannot be reached ({reason})", where=self.url, mend="does it run?") from None


class Certificates:
    """Certificates in files, verified at each question: a file that is replaced counts from the next one on.

    `keys` is the issuer's JWKS (or a public key in PEM), `revocations` its list; without one, what was taken back before
    its end is not noticed. `release` and `version` are asked about where they are given. `clock` tells the epoch second.
    """

    def __init__(
        self,
        files: Iterable[str | Path],
        *,
        keys: str | Path,
        revocations: str | Path | None = None,
        release: str | None = None,
        version: str | None = None,
        clock: Callable[[], float] = time.time,  # noqa: TID251 - the edge: a program that uses this has no clock of ours
    ) -> None:
        self._files = tuple(map(Path, files))
        self._keys, self._revocations = Path(keys), None if revocations is None else Path(revocations)
        self._release, self._version, self._clock = release, version, clock

    def may(self, action: str, component: str, *, facts: Mapping[str, Scalar] | None = None) -> Told:
        """What the certificates that hold now say of an action; no where none holds, with the reason of each.

        LicetError for files that cannot be read.
        """
        now_s = int(self._clock())
        checked = [self._checked(file, component, now_s) for file in self._files]
        found = [certificates.policy(c.certificate) for c in checked if c.holds and c.certificate is not None]
        if not found:
            reasons = [{"cite": str(f), "says": c.detail} for f, c in zip(self._files, checked, strict=True)]
            words = "No certificate for it." if len(reasons) != 1 else reasons[0]["says"]
            return Told("no", words, "license_forbids", tuple(reasons))
        tree: Policy = AnyOf(tuple(found))
        bare, implied = unsugared(action)
        known = {**(facts or {}), **implied, CLOCK: now_s}
        verdict = may(tree, bind(tree, Ask(bare, component, frozenset(), known)))
        told = as_json(verdict, action=action, component=component)
        return Told.of(told, told["answer"])

    def _checked(self, file: Path, component: str, now_s: int) -> certificates.Checked:
        keys = certificates.read_keys(_read(self._keys), where=str(self._keys))
        revocations = None
        if self._revocations is not None:
            listed = certificates.read_revocations(_read(self._revocations), keys)
            if isinstance(listed, certificates.Broken):
                raise LicetError(listed.detail, where=str(self._revocations), mend="fetch the list of the issuer anew")
            revocations = listed
        return certificates.check(
            _read(file), keys, now_s=now_s, revocations=revocations, release=self._release, version=self._version,
            component=component,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Asks:
    """How one decorated function is asked about."""

    action: str
    of: Gate | Certificates
    key: Callable[..., str | None]
    counted: bool = False
    component: str = ""
    facts: Mapping[str, Scalar] = field(default_factory=dict)

    def __call__(self, *args: Any, **more: Any) -> None:
        """Nothing where it is allowed; NotAllowed where it is not."""
        if isinstance(self.of, Certificates):
            told = self.of.may(self.action, self.component, facts=self.facts)
        else:
            key = self.key(*args, **more)
            told = self.of.spend(self.action, key=key) if self.counted else self.of.may(self.action, key=key)
        if not told.allowed:
            raise NotAllowed(told)


def requires[**P, R](
    action: str,
    of: Gate | Certificates,
    *,
    key: str | Callable[..., str | None] | None = None,
    counted: bool = False,
    component: str = "",
    facts: Mapping[str, Scalar] | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let through only who may: a decorator for functions, coroutine functions and asynchronous generators.

    Of a `Gate`: `action` is a feature. `key` says where the caller's key is: the name of an argument, or a function of the
    same arguments; without it the gate's own key is asked about. `counted` spends one call for each that is let through.
    Of `Certificates`: `action` is a word of licenses (`host-as-service`), `component` and `facts` say on what.
    """
    if isinstance(of, Certificates) and not component:
        raise LicetError("a certificate is for a component", mend='name it: `requires(..., component="weights")`')

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        asks = _Asks(action, of, _finder(function, key), counted, component, dict(facts or {}))
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def later(*args: P.args, **more: P.kwargs) -> Any:
                await asyncio.to_thread(asks, *args, **more)  # the question goes over a socket: the loop goes on
                return await function(*args, **more)

            return cast(Callable[P, R], later)

        if inspect.isasyncgenfunction(function):

            @wraps(function)
            async def stream(*args: P.args, **more: P.kwargs) -> Any:
                await asyncio.to_thread(asks, *args, **more)
                async for one in function(*args, **more):
                    yield one

            return cast(Callable[P, R], stream)

        @wraps(function)
        def now(*args: P.args, **more: P.kwargs) -> R:
            asks(*args, **more)
            return function(*args, **more)

        return now

    return decorate


def _finder(function: Callable[..., Any], key: str | Callable[..., str | None] | None) -> Callable[..., str | None]:
    if key is None:
        return lambda *_, **__: None
    if callable(key):
        return lambda *args, **more: key(*args, **more) or ""  # a caller without a key is nobody, never the gate's own
    signature = inspect.signature(function)
    if key not in signature.parameters:
        raise LicetError(f"`{function.__name__}` has no argument `{key}`", mend="name the one that holds the key")

    def find(*args: Any, **more: Any) -> str:
        given = signature.bind(*args, **more)
        given.apply_defaults()
        return str(given.arguments[key] or "")

    return find


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is not followed: the key is for this gate alone."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay)


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as wrong:
        raise LicetError(f"cannot be read ({wrong.strerror})", where=str(file)) from None
