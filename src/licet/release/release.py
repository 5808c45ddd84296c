"""What is a release, once its `licet.toml` has been read whole? Values only; `document.py` makes them, nobody else.

Every value keeps `line`, where it stands in the document, so that every clause made from it can cite its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from licet.errors import Finding, closest
from licet.release.limits import Limits

Kind = Literal["code", "weights", "data", "docs", "adapter", "service"]
Period = Literal["minute", "hour", "day", "month"]
Meter = Literal["calls", "units", "tokens", "tokens_in", "tokens_out", "downloads", "bytes"]


class Upstream(NamedTuple):
    """What a component was made from: its name and the license it came under."""

    name: str
    license: str
    line: int


@dataclass(frozen=True, slots=True)
class Component:
    name: str
    kind: Kind
    line: int
    path: str = ""
    store: str = ""  # "s3://bucket/prefix", where its files lie instead of in the folder
    license: str | None = None  # SPDX expression; None exactly when proprietary
    proprietary: bool = False
    accept: bool = False
    upstream: tuple[Upstream, ...] = ()
    contributions: str = ""  # "", "none", "DCO-1.1" or "CLA"
    contributions_url: str = ""
    change_s: int | None = None  # midnight UTC of `change_date`
    change_license: str | None = None
    ask: tuple[str, ...] = ()  # what whoever accepts is asked besides, as questions
    description: str = ""

    def license_at(self, now_s: int) -> str | None:
        """The license in force at a moment: past the change date it *is* the change license."""
        return self.change_license if self.change_s is not None and now_s >= self.change_s else self.license


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that the gate serves. Exactly one of `call`, `openai`, `http`, `download` is set."""

    name: str
    line: int
    serves: tuple[str, ...]
    call: str = ""  # "package.module:callable"; "package.module:@name" for what `@feature` marks
    openai: str = ""
    http: str = ""
    download: str = ""
    model: str = ""
    key_env: str = ""
    cost_units: int = 1
    timeout_s: int = 30
    max_bytes: int = 1 << 20
    description: str = ""
    example: str = ""  # an input that it takes, as JSON, for those who call it first

    @property
    def measures(self) -> frozenset[Meter]:
        """What a call of it can be counted in."""
        more: tuple[Meter, ...] = ()
        if self.openai:
            more = ("tokens", "tokens_in", "tokens_out")
        elif self.download:
            more = ("downloads", "bytes")
        return frozenset({"calls", "units", *more})


class Quota(NamedTuple):
    """`limit` of `meter` in each `period`, over the tier's features or only over `features`."""

    meter: Meter
    limit: int
    period: Period
    line: int
    features: frozenset[str] | None = None

    @property
    def counter(self) -> str:
        """The ledger's name of its counter: `calls/month`, or `calls/month@chat+embeddings`."""
        scope = "" if self.features is None else "@" + "+".join(sorted(self.features))
        return f"{self.meter}/{self.period}{scope}"


class Rate(NamedTuple):
    limit: int
    window_s: int
    line: int


class Price(NamedTuple):
    """`micros` millionths of the currency's unit for `per` of something. Never a float."""

    micros: int
    currency: str
    line: int
    per: int = 1
    unit: str = ""  # "month", "year", "once" for a tier; a meter for overage


class Coupon(NamedTuple):
    """So many per cent off whoever names the code, for so many months (None: as long as it is held)."""

    code: str
    percent: int
    line: int
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    name: str
    line: int
    features: frozenset[str]  # "*" is expanded by the reader
    every_feature: bool = False  # written as "*"
    requires_approval: bool = False
    quotas: tuple[Quota, ...] = ()
    rate: Rate | None = None
    concurrency: int | None = None
    overage: tuple[Price, ...] = ()
    price: Price | None = None
    more_prices: tuple[Price, ...] = ()  # the same tier, paid otherwise: by the year, or once
    per_seat: bool = False  # is the price one of a seat?
    trial_days: int = 0
    coupons: tuple[Coupon, ...] = ()
    grace_days: int = 0
    seats: int | None = None  # how many people an organization with this tier may have; None: the tier does not say
    licenses: Mapping[str, str] = field(default_factory=dict)  # component -> license expression
    models: tuple[Limits, ...] = ()
    description: str = ""

    @property
    def prices(self) -> tuple[Price, ...]:
        """Every way of paying for it, the first one first; none for a tier that costs nothing."""
        return (self.price, *self.more_prices) if self.price else ()


class Program(NamedTuple):
    """Access beside the tiers for whom the operator approves: an application is approved as a grant of `features`.

    `components` narrows it (None: all). `quotas` are the grant's own, `months` how long it lasts, `answer_days` how soon
    the operator means to answer.
    """

    name: str
    line: int
    features: frozenset[str]
    pattern: str = ""
    components: frozenset[str] | None = None
    title: str = ""
    description: str = ""
    questions: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    quotas: tuple[Quota, ...] = ()
    months: int = 12
    answer_days: int = 10


class Promise(NamedTuple):
    """What a certificate for this license says, commercially or not: the licensor's own reading of his own text."""

    license: str
    line: int
    can: tuple[str, ...]
    must: tuple[str, ...] = ()


class Anonymous(NamedTuple):
    line: int
    features: frozenset[str]
    quotas: tuple[Quota, ...] = ()
    rate: Rate | None = None
    concurrency: int | None = None
    models: tuple[Limits, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """One release. `sha256` names its document; `unserved`: read well, but not yet served by this version."""

    name: str
    version: str
    licensor: str
    sha256: str
    line: int = 0
    path: str = "licet.toml"
    repository: str = ""
    contact: str = ""
    why: str = ""
    currency: str = "EUR"
    declare: tuple[str, ...] = ()
    declare_line: int = 0
    notice_days: int = 30
    pledge: bool = False  # who holds a tier at this document keeps what it says: nobody is moved to less
    components: tuple[Component, ...] = ()
    features: tuple[Feature, ...] = ()
    tiers: tuple[Tier, ...] = ()
    anonymous: Anonymous | None = None
    promises: tuple[Promise, ...] = ()
    programs: tuple[Program, ...] = ()
    unserved: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()

    def cite(self, line: int, *, newest: bool = True) -> str:
        """`licet.toml:41`; `licet.toml@3f2a9c:41` in a document that has a successor."""
        name = self.path.replace("\\", "/").rpartition("/")[2] or "licet.toml"
        return f"{name}:{line}" if newest else f"{name}@{self.sha256[:6]}:{line}"

    def component(self, name: str) -> Component | None:
        return next((c for c in self.components if c.name == name), None)

    def feature(self, name: str) -> Feature | None:
        return next((f for f in self.features if f.name == name), None)

    def tier(self, name: str) -> Tier | None:
        return next((t for t in self.tiers if t.name == name), None)

    def program(self, name: str) -> Program | None:
        return next((p for p in self.programs if p.name == name), None)

    def promise(self, license: str) -> Promise | None:
        return next((p for p in self.promises if p.license == license), None)

    def did_you_mean(self, tier: str) -> str:
        return closest(tier, (t.name for t in self.tiers))
