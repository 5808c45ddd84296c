"""What does size cost? 100,000 accounts in 5,000 organizations with custom roles, 50,000 grants; and the same with 1,000.

    python benchmarks/scale.py [--accounts 100000] [--keep FOLDER]

Makes both data folders in bulk (rows as the portal writes them, events chained), then measures, each in a process of its
own: a warm decision (record -> standing -> slot -> plan) in both folders, interleaved; a first use (nothing of the caller
loaded yet); how soon a revocation is known; start-up and resident memory of `licet serve`; every list and page of the
console. Goals: warm <= 1.2 x the small folder, first use <= 1 ms, start <= 5 s, <= 400 MB, console pages <= 200 ms.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

TOML = b"""
[release]
name = "bench"
version = "1.0.0"
licensor = "Bench"

[[component]]
name = "code"
kind = "code"
path = "code/"
license = "MIT"

[[component]]
name = "weights"
kind = "weights"
path = "weights/"
license = "CC-BY-NC-4.0"
accept = true

[[feature]]
name = "basic"
call = "licet.demo.features:basic_analysis"
serves = ["code"]

[[feature]]
name = "advanced"
call = "licet.demo.features:advanced_modelling"
serves = ["code"]

[[feature]]
name = "fetch"
download = "weights"

[[tier]]
name = "free"
features = ["basic"]
quota = ["1000 calls / month"]

[[tier]]
name = "vip"
features = ["*"]
requires = "approval"
quota = ["20000 calls / month"]

[[program]]
pattern = "research"
features = ["advanced", "fetch"]
quota = ["500 calls / month"]
"""
ACTS = ["call:features", "read:usage", "make:keys", "read:members", "read:tier"]
MEMBERS, KEYS_OF_ORG, GRANT_EVERY, DOMAINS, CHUNK = 20, 2, 2, 100, 5_000


def bearer_of(kind: str, n: int) -> str:
    return f"lic_bench_{kind}_{n:012d}"


def digest_of(kind: str, n: int) -> bytes:
    return sha256(bearer_of(kind, n).encode()).digest()


# --- the data ---------------------------------------------------------------------------------------------------------


def opened(folder: Path) -> Any:
    from licet.portal import start
    from licet.portal.config import PortalConfig

    config = PortalConfig(folder / ".licet", url="http://localhost:8000")
    start.configure(config)
    start.migrate()
    return config


def make(folder: Path, accounts: int) -> None:
    """Everything in bulk. What a row looks like is asked of the portal's own functions once, and copied."""
    opened(folder)
    from django.db import transaction

    from licet.portal import accounts as people
    from licet.portal import documents, events

    (folder / "licet.toml").write_bytes(TOML)
    documents.publish(TOML, events.COMMAND, folder=folder)
    people.create("op@bench.example", None, events.COMMAND, operator=True)
    with transaction.atomic():
        _accounts(accounts)
    with transaction.atomic():
        _organizations(accounts)
    with transaction.atomic():
        _grants(accounts)
    with transaction.atomic():
        _events(accounts * 2)


def _bulk(rows: Iterator[Any]) -> None:
    kept: list[Any] = []
    for row in rows:
        kept.append(row)
        if len(kept) == CHUNK:
            type(row).objects.bulk_create(kept)
            kept.clear()
    if kept:
        type(kept[0]).objects.bulk_create(kept)


def hol(n: int) -> str:
    return f"hol_{n:022d}"


def org(n: int) -> str:
    return f"hol_org{n:019d}"


def _template(kind: str) -> Any:
    """The standing that the portal itself writes for one such holder."""
    from licet.portal import accounts as people
    from licet.portal import events
    from licet.portal.events import By
    from licet.portal.models import StandingRow
    from licet.portal.organizations import founding

    one = people.create(f"template-{kind}@bench.example", None, events.COMMAND)
    if kind == "organization":
        one = founding.found(one, "Template", By(one.pk)).holder
    return StandingRow.objects.get(holder_id=one.pk)


def _held(holder_id: str, like: Any, n: int) -> Any:
    from licet.portal.models import Held

    return Held(holder_id=holder_id, release="bench", tier="free", document=like.document, from_s=1_700_000_000 + n,
                anchor_s=1_700_000_000 + n, by="command")  # fmt: skip


def _standing(holder_id: str, like: Any, n: int) -> Any:
    from licet.portal.models import StandingRow

    values = {f.attname: getattr(like, f.attname) for f in StandingRow._meta.local_fields if f.name != "id"}
    domain = f"d{n % DOMAINS}.example" if like.domain else ""
    return StandingRow(**{**values, "holder_id": holder_id, "anchor_s": 1_700_000_000 + n, "domain": domain})


def _key(kind: str, n: int, holder_id: str, narrow: dict[str, Any]) -> tuple[Any, Any]:
    from licet.portal.models import CredentialRow, Key

    id = f"key_{kind}{n:020d}"
    key = Key(id=id, holder_id=holder_id, name=f"key {n}", env="live", prefix=f"lic_live_{n}", made_s=1_700_000_000 + n)
    return key, CredentialRow(digest=digest_of(kind, n), key_id=id, holder_id=holder_id, narrow=narrow,
                              made_s=1_700_000_000 + n)  # fmt: skip


def _accounts(count: int) -> None:
    from uuid import UUID

    from allauth.account.models import EmailAddress

    from licet.portal.models import Account, Holder

    like = _template("account")
    _bulk(Account(id=UUID(int=n + 1), email=f"person{n}@d{n % DOMAINS}.example", password="!",
                  email_folded=f"person{n}@d{n % DOMAINS}.example", made_s=1_700_000_000 + n) for n in range(count))  # fmt: skip
    _bulk(Holder(id=hol(n), kind="account", account_id=UUID(int=n + 1), made_s=1_700_000_000 + n) for n in range(count))
    _bulk(EmailAddress(user_id=UUID(int=n + 1), email=f"person{n}@d{n % DOMAINS}.example", verified=True, primary=True)
          for n in range(count))  # fmt: skip
    _bulk(_held(hol(n), like, n) for n in range(count))
    _bulk(_standing(hol(n), like, n) for n in range(count))
    keys = [_key("a", n, hol(n), {}) for n in range(count)]
    _bulk(key for key, _ in keys)
    _bulk(row for _, row in keys)


def _organizations(accounts: int) -> None:
    from licet.portal.models import Holder
    from licet.portal.organizations.models import KeyOf, Membership, Organization, Role

    like, count = _template("organization"), accounts // MEMBERS
    _bulk(Holder(id=org(n), kind="organization", made_s=1_700_000_000 + n) for n in range(count))
    _bulk(Organization(holder_id=org(n), name=f"Laboratory {n}", founder_id=hol(n * MEMBERS)) for n in range(count))
    _bulk(
        Role(id=f"role_{n:021d}", organization_id=org(n), name="Caller", acts=ACTS[: 2 + n % 4]) for n in range(count)
    )
    _bulk(Membership(id=f"mem_{n:022d}", organization_id=org(n // MEMBERS), person_id=hol(n),
                     role_id="role_owner" if n % MEMBERS == 0 else f"role_{n // MEMBERS:021d}")
          for n in range(count * MEMBERS))  # fmt: skip
    _bulk(_held(org(n), like, n) for n in range(count))
    _bulk(_standing(org(n), like, n) for n in range(count))
    keys = []
    for n in range(count * KEYS_OF_ORG):
        at, acts = n // KEYS_OF_ORG, ACTS[: 2 + n // KEYS_OF_ORG % 4]
        role = {"name": "Caller", "of": f"Laboratory {at}", "acts": sorted(acts), "suspended": False}
        keys.append(_key("o", n, org(at), {"role": role}))
    _bulk(key for key, _ in keys)
    _bulk(row for _, row in keys)
    _bulk(KeyOf(key_id=key.pk, membership_id=f"mem_{n // KEYS_OF_ORG * MEMBERS + 1 + n % KEYS_OF_ORG:022d}")
          for n, (key, _) in enumerate(keys))  # fmt: skip


def _grants(accounts: int) -> None:
    """Every second account has one; of ten one has ended, one was revoked; a hundred are of mail domains."""
    from licet.portal.models import GrantRow, StandingRow
    from licet.portal.programs.models import Application

    now, count = int(time.time()), accounts // GRANT_EVERY

    def grant(n: int) -> Any:
        domain = f"d{n}.example" if n < DOMAINS and n % 2 else ""
        return GrantRow(
            id=f"grant_{n:020d}", holder_id=None if domain else hol(n * GRANT_EVERY), domain=domain, release="bench",
            actions=["advanced"] if n % 3 else ["advanced", "download weights", "fetch"], reason=f"study {n}",
            quotas=[{"limit": 100 * (1 + n % 3), "meter": "calls", "period": "month"}] if n % 2 else [],
            program="research" if n % 3 == 0 else "", approver="command", made_s=1_700_000_000 + n,
            from_s=1_700_000_000, until_s=now - 60 if n % 10 == 0 else now + 86_400 * (40 + n % 300),
            revoked_s=now if n % 10 == 1 else None,
        )  # fmt: skip

    _bulk(grant(n) for n in range(count))
    changed: list[Any] = []
    mine = {g.holder_id: g for g in GrantRow.objects.filter(revoked_s=None, domain="").iterator(chunk_size=CHUNK)}
    for row in (
        StandingRow.objects.filter(holder_id__in=[]) if not mine else StandingRow.objects.iterator(chunk_size=CHUNK)
    ):
        if (g := mine.get(row.holder_id)) is not None:
            row.grants = [{"id": g.pk, "actions": g.actions, "components": None, "from_s": g.from_s,
                           "until_s": g.until_s, "quotas": g.quotas}]  # fmt: skip
            row.claims = sorted({*row.claims, f"holder:{row.holder_id}"})
            changed.append(row)
    StandingRow.objects.bulk_update(changed, ["grants", "claims"], batch_size=500)
    _bulk(Application(id=f"app_{n:022d}", holder_id=hol(n * 3), by=hol(n * 3), release="bench", program="research",
                      document="x" * 64, state="sent" if n % 2 else "approved", sent_s=now - n, due_s=now + n - 500,
                      answers=[{"asked": "What?", "said": f"study {n} " * 20}]) for n in range(accounts // 50))  # fmt: skip


def _events(count: int) -> None:
    from licet.portal import chain
    from licet.portal.models import Event

    last = Event.objects.order_by("-id").first()
    assert last is not None

    def rows() -> Iterator[Any]:
        digest, id = last.digest, last.pk
        for n in range(count):
            id += 1
            whose, what = hol(n % (count // 2)), ("login.passed", "key.made", "grant.made", "tier.given")[n % 4]
            row = Event(id=id, at_s=1_700_000_000 + n, what=what, holder_id=whose, by=whose, release="bench",
                        detail={"tier": "free"})  # fmt: skip
            row.digest = digest = chain.link(row.row(), digest)
            yield row

    _bulk(rows())


# --- deciding ---------------------------------------------------------------------------------------------------------


def decide(small: Path, big: Path) -> None:
    """Warm and first use, in one process over both folders (no Django: the gate has none)."""
    from licet.gate.rights import Rights
    from licet.portal.directory import SqliteDirectory
    from licet.release.document import read

    now_s, dice = int(time.time()), random.Random(7)
    feature = read(TOML).feature("basic")
    assert feature is not None

    def rights(folder: Path) -> Rights:
        return Rights(SqliteDirectory(folder / ".licet/portal.sqlite3"), read, ["bench"], lambda do: do())

    def call(at: Rights, digest: bytes) -> None:
        record = at.record(digest)
        assert record is not None
        at.seat(record, "bench", now_s).plan(feature, now_s)

    sizes = {"small": (small, _size(small)), "big": (big, _size(big))}
    per = 1_000
    asks: dict[str, tuple[Rights, list[bytes]]] = {}
    for name, (folder, accounts) in sizes.items():
        at, orgs = rights(folder), accounts // MEMBERS * KEYS_OF_ORG
        mixed = [digest_of("o", n % orgs) if n % 10 == 9 else digest_of("a", n)
                 for n in dice.sample(range(accounts), min(per, accounts))]  # fmt: skip
        asks[name] = at, mixed
        for digest in mixed:
            call(at, digest)
    times: dict[str, list[float]] = {name: [] for name in asks}
    for _ in range(60):  # interleaved, so that what else the machine does falls on both alike
        for name, (at, digests) in asks.items():
            begun = time.thread_time_ns()
            for digest in digests:
                call(at, digest)
            times[name].append((time.thread_time_ns() - begun) / len(digests))
    warm = {name: statistics.median(took) for name, took in times.items()}
    print(f"warm decision: {warm['small']:.0f} ns in the small folder, {warm['big']:.0f} ns in the big one:"
          f" {warm['big'] / warm['small']:.2f} x  (goal <= 1.2)")  # fmt: skip

    accounts = sizes["big"][1]
    kinds: dict[str, Callable[[int], bytes]] = {
        "an account": lambda n: digest_of("a", n * 2 + 1),
        "with a grant of its own": lambda n: digest_of("a", n * 2),
        "a member of an organization": lambda n: digest_of("o", n),
    }
    for name, digest in kinds.items():
        at, took = rights(big), []
        call(at, digest(0))  # the document is read once a server
        most = accounts // MEMBERS * KEYS_OF_ORG if name.startswith("a member") else accounts // 2
        for n in dice.sample(range(1, most), min(4_000, most - 1)):
            begun = time.thread_time_ns()  # of this thread alone, its reading of SQLite among it
            call(at, digest(n))
            took.append((time.thread_time_ns() - begun) / 1e6)
        took.sort()
        print(f"first use, {name:<28} p50 {took[len(took) // 2]:.3f} ms, p95 {took[len(took) * 95 // 100]:.3f} ms"
              "  (goal <= 1 ms)")  # fmt: skip


def _size(folder: Path) -> int:
    import sqlite3

    db = sqlite3.connect(folder / ".licet/portal.sqlite3")
    count = int(db.execute("SELECT count(*) FROM credential WHERE key_id LIKE 'key_a%'").fetchone()[0])
    db.close()
    return count


def change(folder: Path) -> None:
    """How soon does the gate know that a role was changed, or a key revoked? From the commit to the next look."""
    opened(folder)
    from licet.gate.rights import Rights
    from licet.portal import events, keys
    from licet.portal.directory import SqliteDirectory
    from licet.portal.models import Key
    from licet.portal.organizations import roles
    from licet.portal.organizations.acting import operator
    from licet.portal.organizations.models import Role
    from licet.release.document import read

    now_s = int(time.time())
    at = Rights(SqliteDirectory(folder / ".licet/portal.sqlite3"), read, ["bench"], lambda do: do())
    feature = read(TOML).feature("basic")
    assert feature is not None

    def ways(digest: bytes) -> int:
        begun = time.perf_counter_ns()
        at.look(now_s)
        record = at.record(digest)
        assert record is not None
        found = (
            -1 if record.ends_s <= int(time.time()) else len(at.seat(record, "bench", now_s).plan(feature, now_s).ways)
        )
        took.append((time.perf_counter_ns() - begun) / 1e6)
        return found

    took: list[float] = []
    role = Role.objects.get(pk=f"role_{7:021d}")
    assert ways(digest_of("o", 14)) > 0
    begun = time.perf_counter()
    roles.change(operator(role.organization, events.COMMAND), role, "Caller", ["read:usage"])
    wrote = (time.perf_counter() - begun) * 1000
    assert ways(digest_of("o", 14)) == 0, "a change of role did not reach the gate"
    print(f"a role changed: written in {wrote:.1f} ms, known to the next call, which took {took[-1]:.2f} ms")
    assert ways(digest_of("a", 5)) > 0
    begun = time.perf_counter()
    keys.revoke(Key.objects.get(pk=f"key_a{5:020d}"), events.COMMAND)
    wrote = (time.perf_counter() - begun) * 1000
    assert ways(digest_of("a", 5)) == -1, "a revocation did not reach the gate"
    print(f"a key revoked:  written in {wrote:.1f} ms, known to the next call, which took {took[-1]:.2f} ms")


# --- pages ------------------------------------------------------------------------------------------------------------


def console(folder: Path) -> None:
    opened(folder)
    from django.test import Client

    from licet.portal.models import Account

    browser = Client(SERVER_NAME="localhost", raise_request_exception=True)
    operator = Account.objects.by_email("op@bench.example")
    assert operator is not None
    browser.force_login(operator)
    size = _size(folder)
    who, lab = hol(size // 2), org(size // MEMBERS // 2)
    pages = [
        "/admin/", "/admin/portal/holder/", f"/admin/portal/holder/?p={size // 55}", "/admin/portal/holder/?q=person77",
        "/admin/portal/holder/?tier=bench%2Ffree", f"/admin/portal/holder/{who}/change/", "/admin/portal/account/",
        "/admin/portal/account/?q=person77", "/admin/portal/key/", "/admin/portal/key/?q=person77",
        "/admin/portal/held/", "/admin/portal/grantrow/", "/admin/portal/grantrow/?state=open",
        "/admin/portal/grantrow/?q=person77", f"/admin/portal/grantrow/?holder__id__exact={who}",
        "/admin/portal/request/", "/admin/portal/acceptance/", "/admin/portal/event/", "/admin/portal/event/?days=30",
        f"/admin/portal/event/?holder__id__exact={who}", "/admin/portal/event/?q=person77",
        "/admin/organizations/organization/", f"/admin/organizations/organization/{lab}/change/",
        "/admin/programs/application/", "/admin/programs/application/?turn=all",
        f"/admin/why/?who={who}&release=bench&action=advanced", "/admin/whatif/?change=tier",
        "/admin/autocomplete/?term=person77&app_label=portal&model_name=grantrow&field_name=holder",
    ]  # fmt: skip
    edited = TOML.decode().replace("1000 calls", "900 calls")
    asks: list[tuple[str, Callable[[], Any]]] = [(p, lambda p=p: browser.get(p)) for p in pages]
    asks += [
        ("what if: a document", lambda: browser.post("/admin/whatif/", {"change": "document", "toml": edited})),
        ("what if: a domain's grant", lambda: browser.post(
            "/admin/whatif/", {"change": "grant", "who": "@d7.example", "release": "bench", "action": ["advanced"]})),
        ("what if: a tier", lambda: browser.post(
            "/admin/whatif/", {"change": "tier", "who": who, "release": "bench", "tier": "vip"})),
    ]  # fmt: skip
    slow = 0
    for name, ask in asks:
        took, walls = [], []
        for _ in range(4):
            wall, begun = time.perf_counter(), time.process_time()
            answer = ask()
            took.append((time.process_time() - begun) * 1000)
            walls.append((time.perf_counter() - wall) * 1000)
            assert answer.status_code == 200, (name, answer.status_code)
        median = statistics.median(took[1:])
        slow += median > 200
        print(f"  {median:7.1f} ms ({statistics.median(walls[1:]):6.1f}){'  OVER' if median > 200 else ''}  {name}")
    print(f"console: {len(asks)} pages, {slow} over 200 ms of CPU time (in brackets: with what else the machine did)")


# --- serving ----------------------------------------------------------------------------------------------------------


def serve(folder: Path, accounts: int) -> None:
    from urllib.request import Request, urlopen

    sys.path.insert(0, str(Path(__file__).parent))
    from startup import resident_mb

    with tempfile.TemporaryFile("w+") as errors:
        for what in ("first start", "second start"):
            begun = time.perf_counter()
            server = subprocess.Popen(
                [sys.executable, "-m", "licet", "serve", str(folder), "--port", "0"], stdout=subprocess.PIPE,
                stderr=errors, text=True, env={**os.environ, "LICET_LOG": "warning"},
            )  # fmt: skip
            assert server.stdout is not None
            said = ""
            while "is served at" not in said:
                line = server.stdout.readline()
                if not line:
                    errors.seek(0)
                    raise SystemExit(errors.read())
                said += line
            ready, worked = time.perf_counter() - begun, _cpu_s(server.pid)
            time.sleep(1)
            url = said.partition("is served at ")[2].split()[0]
            before, used = resident_mb(server.pid), 3_000
            for n in range(used):
                asked = Request(f"{url}/v1/me", headers={"Authorization": f"Bearer {bearer_of('a', n * 7 % accounts)}"})
                with urlopen(asked) as answer:
                    assert answer.status == 200
            print(f"serve, {what:<13} ready in {ready:.2f} s ({worked:.2f} s of CPU time), {before:.0f} MB, after"
                  f" {used} first uses {resident_mb(server.pid):.0f} MB  (goals <= 5 s, <= 400 MB)")  # fmt: skip
            server.send_signal(signal.SIGINT)
            server.wait(30)


def _cpu_s(pid: int) -> float:
    """What a process has worked so far: the wall clock tells of the neighbours, too."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the folders here, and use them again")
    parser.add_argument("--only", default="", help="one of: decide change console serve")
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.step:
        name, *more = args.step
        do: dict[str, Callable[..., None]] = {
            "make": lambda f, n: make(Path(f), int(n)), "decide": lambda s, b: decide(Path(s), Path(b)),
            "change": lambda f: change(Path(f)), "console": lambda f: console(Path(f)),
            "serve": lambda f, n: serve(Path(f), int(n)),
        }  # fmt: skip
        do[name](*more)
        return
    with tempfile.TemporaryDirectory() as scratch:
        at = args.keep or Path(scratch)
        small, big = at / "small", at / "big"

        def step(*words: object) -> None:
            if not args.only or words[0] in ("make", args.only):
                subprocess.run([sys.executable, __file__, "--step", *map(str, words)], check=True)

        for folder, accounts in ((small, 1_000), (big, args.accounts)):
            if not (folder / ".licet/portal.sqlite3").exists():
                folder.mkdir(parents=True, exist_ok=True)
                begun = time.perf_counter()
                step("make", folder, accounts)
                size = (folder / ".licet/portal.sqlite3").stat().st_size / 1e6
                print(f"made {accounts:,} accounts in {time.perf_counter() - begun:.0f} s, {size:.0f} MB", flush=True)
        step("decide", small, big)
        step("serve", big, args.accounts)
        step("console", big)
        step("change", big)


if __name__ == "__main__":
    main()
