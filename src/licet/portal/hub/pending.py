"""Which programs wait for somebody to let them in? Codes of the device flow (RFC 8628), for a quarter of an hour.

Kept in memory, bounded, digests only: a restart or a flood costs a program one more try, never a key. A code is given to
one program and opens once; the key itself is made when that program asks, so no secret ever waits here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Literal

from licet.access.key import base62

EXPIRES_S, INTERVAL_S = 900, 5
MOST, MOST_OF_ONE = 2000, 20  # codes that wait at once: of all, of one address
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so that chance spells no word; 20 to the 8th
Answer = Literal["authorization_pending", "slow_down", "access_denied", "expired_token"]


@dataclass(slots=True)
class Wait:
    """One program that waits. `holder_id` is whoever let it in."""

    user_code: str
    digest: bytes
    address: str
    client_id: str
    until_s: int
    polled_s: int = 0
    state: Literal["waits", "let in", "denied"] = "waits"
    holder_id: str = ""


class Pending:
    """The codes that wait. `dice` gives random bytes."""

    def __init__(self, dice: Callable[[int], bytes]) -> None:
        self._dice, self._lock = dice, Lock()
        self._waits: dict[bytes, Wait] = {}

    def begin(self, client_id: str, address: str, now_s: int) -> tuple[str, str] | None:
        """(device code, user code) for a program; None: too many wait already."""
        with self._lock:
            self._waits = {d: w for d, w in self._waits.items() if w.until_s > now_s}
            mine = sum(w.address == address for w in self._waits.values())
            if len(self._waits) >= MOST or mine >= MOST_OF_ONE:
                return None
            device = base62(int.from_bytes(self._dice(32)), 43)
            taken = {w.user_code for w in self._waits.values()}
            while (user := self._word()) in taken:
                pass
            digest = sha256(device.encode()).digest()
            self._waits[digest] = Wait(user, digest, address, client_id, now_s + EXPIRES_S)
            return device, user

    def _word(self) -> str:
        number = int.from_bytes(self._dice(16))
        letters = []
        for _ in range(8):
            number, at = divmod(number, len(LETTERS))
            letters.append(LETTERS[at])
        return "".join(letters[:4]) + "-" + "".join(letters[4:])

    def find(self, typed: str, now_s: int) -> Wait | None:
        """The program that shows this code, as people type it; None: there is none, or it was answered."""
        plain = "".join(c for c in typed.upper() if c.isalpha())
        with self._lock:
            return next(
                (w for w in self._waits.values()
                 if w.state == "waits" and w.until_s > now_s and w.user_code.replace("-", "") == plain),
                None,
            )  # fmt: skip

    def answer(self, wait: Wait, holder_id: str, *, let_in: bool) -> bool:
        """What its owner said. False: somebody was faster."""
        with self._lock:
            if wait.state != "waits":
                return False
            wait.state, wait.holder_id = ("let in", holder_id) if let_in else ("denied", "")
            return True

    def poll(self, device: str, client_id: str, now_s: int) -> Answer | str:
        """The id of the holder who let the program in, once; else why not."""
        digest = sha256(device.encode()).digest()
        with self._lock:
            wait = self._waits.get(digest)
            if wait is None or wait.client_id != client_id or wait.until_s <= now_s:
                return "expired_token"
            if wait.state == "denied":
                del self._waits[digest]
                return "access_denied"
            if wait.state == "let in":
                del self._waits[digest]
                return wait.holder_id
            too_soon = now_s - wait.polled_s < INTERVAL_S - 1  # a network's jitter is nobody's haste
            wait.polled_s = now_s
            return "slow_down" if too_soon else "authorization_pending"
