"""What does every ledger promise, whatever engine keeps it? Calls are held, then settled or voided, counted exactly.

- A hold takes all its units or none, decided in order of arrival: **at that moment** `used + held + amount <= most`.
- One row a call is both the hold and the usage record: open, then settled, voided or lapsed. Each call id counts once;
  whoever repeats a hold, settle or void gets the first answer. A refusal leaves no row: a refused id may ask again
  (the next way of the same call, or the same caller after buying more).
- A hold whose lease ran out frees its units at the next hold and charges nobody. A settle after that is still counted,
  marked `late`; one above its hold is counted whole, marked `over`. So `used + held <= most + sum(over) + sum(late)`.
- A limit is an argument of the hold, never a column: a change of tier writes nothing here.

Every engine passes the same suite in `tests/ledger/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from licet.errors import Finding, LicetError

State = Literal["open", "settled", "voided", "lapsed"]


@dataclass(frozen=True, slots=True)
class Take:
    """`amount` units of one counter, if then no more than `most` are used or held (`most` None: counted, not limited).

    `meter` is the fact's name without `used:` (`calls/month@chat`); `window_s` and `resets_s` are the window's ends. It
    knows no call, so whoever decides many calls keeps it and hands in the same one until its window ends.
    """

    holder: str
    release: str
    meter: str
    window_s: int
    resets_s: int
    amount: int
    most: int | None


class Call(NamedTuple):
    """Whose call of which feature it is; written with the hold and never changed.

    `verdict` is what let it in, as JSON (`why.py` tells it): one text for many calls, kept once.
    """

    call_id: str
    holder: str
    release: str
    feature: str
    key_id: str
    at_s: int
    verdict: str = ""


class Held(NamedTuple):
    """Every take succeeded. `again` is empty for a new call; else the state of the call that had this id before."""

    call_id: str
    again: State | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class Short:
    """Nothing was taken. The first counter that lacked units: `used` and `held` of `most`, until `resets_s`."""

    meter: str
    used: int
    held: int
    most: int
    resets_s: int


class Closed(NamedTuple):
    """How a call ended, the same for every repeat. `over`: counted above its hold. `late`: counted after its lease."""

    call_id: str
    state: State
    over: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter of a holder: units `used` and `held` in the window from `window_s` until `resets_s`."""

    meter: str
    window_s: int
    resets_s: int
    used: int
    held: int


@dataclass(frozen=True, slots=True)
class Seal:
    """A closed stretch of the ledger, until the end of `month` (`2026-10`): how many calls ended in it, and the SHA-256
    of their rows. The counters' sums stand beside it, so the rows themselves may go to an archive."""

    month: str
    until_s: int
    calls: int
    sha256: str


class Hold(NamedTuple):
    """The arguments of one `hold`, for a turn. `amounts` stand for those of the takes, where each call has its own: so
    its takes can be kept like everybody's."""

    call: Call
    takes: Sequence[Take]
    now_s: int
    lease_s: int
    amounts: Sequence[int] | None = None


class Close(NamedTuple):
    """The arguments of one `settle` (or of a `void`), for a turn."""

    call_id: str
    amounts: Mapping[str, int] | None
    now_s: int
    status: int = 0
    took_ms: int = 0
    void: bool = False


class Refusal(NamedTuple):
    """A call that was refused, for `why.py` alone: it takes nothing, counts nothing and is forgotten after a while.

    `holder` and `key_id` are empty where nobody could be told.
    """

    call_id: str
    holder: str
    release: str
    feature: str
    key_id: str
    at_s: int
    status: int
    verdict: str


class Renew(NamedTuple):
    """The arguments of one `renew`, for a turn."""

    call_id: str
    now_s: int


type Op = Hold | Close | Renew | Refusal
type Answer = Held | Short | Closed | bool


class BusyError(LicetError):
    """Another process is writing at this very moment; nothing was done. Ask again."""


class Ledger(Protocol):
    """Every operation is one transaction. LicetError for what is broken: an unknown call id, an unreadable file."""

    def hold(self, call: Call, takes: Sequence[Take], now_s: int, lease_s: int) -> Held | Short:
        """Take everything or nothing. The hold lapses `lease_s` (at least 1) seconds from now unless it is renewed."""
        ...

    def renew(self, call_id: str, now_s: int) -> bool:
        """A new lease from now, as long as the first. False: the call is no longer open."""
        ...

    def settle(
        self, call_id: str, amounts: Mapping[str, int] | None, now_s: int, *, status: int = 0, took_ms: int = 0
    ) -> Closed:
        """Count what was used: `amounts` by the takes' meters; a meter not named, or None, counts as held.

        `status` and `took_ms` are kept for the usage page.
        """
        ...

    def void(self, call_id: str, now_s: int, *, status: int = 0, took_ms: int = 0) -> Closed:
        """Release everything, count nothing."""
        ...

    def turn(self, ops: Sequence[Op]) -> list[Answer | Exception]:
        """Many operations in one transaction, the holds last and in order: units that come back are there for them.

        The answers in the order of `ops`; what breaks one operation is its own answer only. Never waits for another
        writer: BusyError, and nothing was done.
        """
        ...

    def sweep(self, now_s: int) -> int:
        """Lapse every hold whose lease ran out; how many. Only tidies: a hold does the same for itself."""
        ...

    def used(self, holder: str, release: str, now_s: int | None = None) -> tuple[Counter, ...]:
        """The holder's counters by meter and window; with `now_s` only those whose window it is."""
        ...

    def counters(self, takes: Iterable[Take]) -> tuple[Counter, ...]:
        """The counter of each take, in their order; zeros where nothing was ever taken."""
        ...

    def lately(self, takes: Iterable[Take], now_s: int) -> tuple[Counter, ...]:
        """`counters`, but what others wrote may be missing for a second: to guess by, never to refuse by."""
        ...

    def verify(self) -> tuple[Finding, ...]:
        """Rebuild every counter from the calls (and the last seal) and say what differs. Empty: clean."""
        ...

    def seal(self, month: str, now_s: int) -> Seal:
        """Close everything until the end of `month`; a repeat gives the first seal. LicetError: it is not yet over."""
        ...
