"""A small world for the gate's tests: one release, a directory in memory, a real ledger, and a clock that can be set."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from licet.access.key import Secret, make
from licet.access.standing import Change, Credential, Narrow, Standing
from licet.gate.app import Gate
from licet.gate.config import GateConfig
from licet.ledger.sqlite import SqliteLedger
from licet.ledger.turn import Turns

NOW_S = 1_795_000_000
HERE = Path(__file__).parent

DOCUMENT = """
[release]
name = "sample"
version = "1.0.0"
licensor = "Example Lab"
contact = "licenses@example.org"
why = "Because tests need a release."

[[component]]
name = "code"
kind = "code"
path = "src/"
license = "Apache-2.0"
"""

FEATURES = """
[[feature]]
name = "{0}"
call = "gate_sample:{0}"
serves = ["code"]
timeout_s = 2
max_bytes = 65536
"""
NAMES = ("mean", "echo", "nap", "sleep", "where", "fail", "fail_in_loop", "premium_only", "absent")

TIERS = """
[[feature]]
name = "premium_only"
call = "gate_sample:mean"
serves = ["code"]
example = '{"data": [1, 2, 3]}'

[[feature]]
name = "absent"
call = "surely_no_such_package.module:f"
serves = ["code"]

[anonymous]
features = ["echo"]
quota = ["3 calls / day"]

[[tier]]
name = "free"
features = ["mean", "echo", "nap", "sleep", "where", "fail", "fail_in_loop", "absent"]
quota = ["5 calls / month"]

[[tier]]
name = "brisk"
features = ["mean", "echo", "nap", "sleep"]
rate = "2 / minute"
concurrency = 1

[[tier]]
name = "research"
features = ["*"]
requires = "approval"

[[tier]]
name = "premium"
features = ["*"]
price = "9.00 EUR / month"
"""


def document(extra: str = "") -> str:
    return DOCUMENT + "".join(map(FEATURES.format, NAMES[:-2])) + TIERS + extra


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.ns = NOW_S * 1_000_000_000

    def __call__(self) -> int:
        return self.ns

    def forward(self, seconds: float) -> None:
        self.ns += int(seconds * 1e9)

    @property
    def now_s(self) -> int:
        return self.ns // 1_000_000_000


class Rights:
    """The directory, in memory: what the portal would tell."""

    def __init__(self, text: str) -> None:
        self.credentials: dict[bytes, Credential] = {}
        self.standings: dict[tuple[str, str], Standing] = {}
        self.documents: list[tuple[int, str, bytes]] = []  # from_s, sha256, bytes
        self.log: list[Change] = []
        self.loads = 0
        self.publish(text)

    # --- what the portal does

    def publish(self, text: str, from_s: int = 0) -> str:
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        self.documents.append((from_s, sha256, text.encode()))
        self._changed("document", sha256)
        return sha256

    def give(self, tier: str, *, holder_id: str = "", **of_credential: Any) -> Secret:
        """A key of a holder at a tier."""
        key_id, secret = make("test", secrets.token_bytes, NOW_S * 1000)
        holder_id = holder_id or "hol_" + key_id.removeprefix("key_")
        self.set_key(secret, Credential(key_id, holder_id, **of_credential))
        if tier:
            self.hold(holder_id, tier)
        return secret

    def hold(self, holder_id: str, tier: str, *claims: str, **facts: bool) -> None:
        sha256 = self.documents[-1][1]
        named = frozenset({"account", f"tier:{tier}", *claims})
        told = {f"paid:{tier}": True, **{k.replace("__", ":"): v for k, v in facts.items()}}
        self.standings[holder_id, "sample"] = Standing(holder_id, "sample", tier, sha256, named, told, anchor_s=NOW_S)
        self._changed("standing", holder_id)

    def set_key(self, secret: Secret, credential: Credential) -> None:
        self.credentials[secret.digest] = credential
        self._changed("credential", secret.digest.hex())

    def revoke(self, secret: Secret, at_s: int) -> None:
        self.set_key(secret, replace(self.credentials[secret.digest], revoked_s=at_s))

    def narrow(self, secret: Secret, **how: Any) -> None:
        self.set_key(secret, replace(self.credentials[secret.digest], narrow=Narrow(**how)))

    def id_of(self, secret: Secret) -> str:
        return self.credentials[secret.digest].key_id

    def _changed(self, what: Any, ref: str) -> None:
        self.log.append(Change(len(self.log) + 1, what, ref))

    # --- what the gate asks

    def credential(self, digest: bytes) -> Credential | None:
        self.loads += 1
        return self.credentials.get(digest)

    def key(self, key_id: str) -> Credential | None:
        return next((c for c in self.credentials.values() if c.key_id == key_id), None)

    def standing(self, holder_id: str, release: str) -> Standing | None:
        return self.standings.get((holder_id, release))

    def document(self, sha256: str) -> bytes | None:
        return next((data for _, sha, data in self.documents if sha == sha256), None)

    def newest(self, release: str, now_s: int) -> str | None:
        return next((sha for from_s, sha, _ in reversed(self.documents) if from_s <= now_s), None)

    def version(self) -> int:
        return len(self.log)

    def changes(self, after: int) -> Sequence[Change]:
        return self.log[after:]

    def last_change(self) -> int:
        return len(self.log)


class World:
    """Gate, rights, ledger and clock of one test."""

    def __init__(self, folder: Path, text: str = "", /, **config: Any) -> None:
        self.clock = Clock()
        self.rights = Rights(text or document())
        self.path = folder / "ledger.sqlite3"
        self.ledger = SqliteLedger(self.path, process_id="gate")
        self.turns = Turns(self.ledger)
        told = {"url_key": b"k" * 32, "url": "http://licet.test", "folder": HERE, **config}
        self.gate = Gate(
            self.rights,
            self.turns,
            ["sample"],
            clock=self.clock,
            dice=secrets.token_bytes,
            config=GateConfig(**told),
        )

    def used(self, secret: Secret, meter: str = "calls/month") -> tuple[int, int]:
        """What the key's holder has used and holds."""
        holder = self.rights.credentials[secret.digest].holder_id
        found = {c.meter: c for c in self.ledger.used(holder, "sample", self.clock.now_s)}
        return (found[meter].used, found[meter].held) if meter in found else (0, 0)

    def close(self) -> None:
        self.turns.flush()
        assert self.ledger.verify() == ()
        self.ledger.close()


class Answer:
    """What came back: status, headers, body."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status, self.body = status, body
        self.headers = {k.decode(): v.decode("latin-1") for k, v in headers}

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json["code"])


async def ask(
    gate: Gate,
    method: str,
    path: str,
    given: Any = None,
    *,
    key: Secret | None = None,
    raw: bytes | None = None,
    peer: str = "127.0.0.1",
    stays: bool = True,
    **headers: str,
) -> Answer:
    """One request straight into the ASGI app; the client leaves at once if it does not stay."""
    import asyncio

    sent: list[dict[str, Any]] = []
    body = raw if raw is not None else b"" if given is None else json.dumps(given).encode()
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        if stays:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    told = [(k.replace("_", "-").lower().encode(), v.encode("latin-1")) for k, v in headers.items()]
    if key is not None:
        told.append((b"authorization", b"Bearer " + key.reveal().encode()))
    scope = {"type": "http", "method": method, "path": path, "headers": told, "client": (peer, 1)}
    await gate(scope, receive, send)
    return Answer(sent[0]["status"], sent[0]["headers"], sent[1]["body"])
