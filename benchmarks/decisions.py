"""What does one decision cost, from a key's record to a verdict with its reason? Beside bare dicts, Cedar, casbin, rules.

    python benchmarks/decisions.py [--most 1000000] [--seconds 0.4]

Everything runs in one process, interleaved, and what counts are the ratios to the floor of the same run: two bare dict
look-ups (key -> row, row[action]) without reason, expiry or clock. `licet, record` begins with the key's record in hand,
`licet, digest` with its digest, `licet, bearer` with the bytes that were sent; each ends with the ways to yes and their
ready verdicts (none: refused), after comparing the key's end and the slot's with the clock. `licet, the gate's door` is
all that the gate itself does from a call's headers to a visit, inside one turn of its loop. Medians over the rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from _harness import gate_app, key_of

from gate import DOCUMENT
from licet.access.slot import NEVER_S, Slot
from licet.access.standing import Credential, Standing
from licet.access.table import Tables
from licet.release.document import read
from licet.release.release import Release

DEMO = Path(__file__).parents[1] / "src/licet/demo/release/licet.toml"
TIERS = ("free", "research", "premium")
NOW_S = 1_780_000_000
GOAL_RECORD, GOAL_BEARER, GOAL_FIRST_MS = 1.5, 10.0, 1.0
RECORD, BEARER = "licet, record", "licet, bearer"
Run = Callable[[int], None]


@dataclass(slots=True)
class Record:
    """What the gate keeps of a key: when it ends, and the slots of its table (one dict for all of equal standing)."""

    ends_s: int
    slots: dict[str, Slot]


def bearer_of(n: int) -> str:
    return f"lic_test_{n:011d}_" + "x" * 32


def records_of(release: Release, keys: int) -> dict[bytes, Record]:
    """Records by digest; each tenth key has an end."""
    tables = Tables()
    slots: list[dict[str, Slot]] = []
    for tier in TIERS:
        facts = {f"approved:{tier}": True}
        standing = Standing("h", release.name, tier, release.sha256, frozenset({"account", f"tier:{tier}"}), facts)
        table = tables.of(release, standing, Credential("k", "h"))
        for feature in release.features:
            table.slot(feature.name, feature.serves[0], NOW_S)
        slots.append(table.slots)
    return {
        hashlib.sha256(bearer_of(n).encode()).digest(): Record(NOW_S + 9_999 if n % 10 == 0 else NEVER_S, slots[n % 3])
        for n in range(keys)
    }


def timed(run: Run, count: int) -> float:
    """Nanoseconds for one of `count`."""
    start = time.thread_time_ns()  # of this thread alone: what others do on the machine is not counted
    run(count)
    return (time.thread_time_ns() - start) / count


def licet_and_floor(release: Release, keys: int, dice: random.Random) -> dict[str, Run]:
    records = records_of(release, keys)
    digests = list(records)
    actions = [f.name for f in release.features]
    rows = [dict.fromkeys(actions, n) for n in range(3)]
    floor = {digest: rows[n % 3] for n, digest in enumerate(digests)}
    picks = [dice.randrange(keys) for _ in range(65_536)]
    asks = [(digests[p], actions[p % len(actions)]) for p in picks]
    held = [(records[digest], action) for digest, action in asks]
    sent = {p: bearer_of(p).encode() for p in picks}  # one for each key, like the digests of the floor
    bearers = [(sent[p], actions[p % len(actions)]) for p in picks]

    def two_lookups(count: int) -> None:
        for digest, action in asks[:count]:
            row = floor[digest]
            row[action]

    def record_to_verdict(count: int) -> None:
        now_s, never = NOW_S, NEVER_S
        for record, action in held[:count]:
            slot = record.slots[action]
            if (slot.until_s is never or now_s < slot.until_s) and (record.ends_s is never or now_s < record.ends_s):
                ways = slot.ways  # noqa: F841 - what a caller goes on with

    def digest_to_verdict(count: int) -> None:
        now_s, never = NOW_S, NEVER_S
        for digest, action in asks[:count]:
            record = records[digest]
            slot = record.slots[action]
            if (slot.until_s is never or now_s < slot.until_s) and (record.ends_s is never or now_s < record.ends_s):
                ways = slot.ways  # noqa: F841 - what a caller goes on with

    def bearer_to_verdict(count: int) -> None:
        now_s, never, sha256 = NOW_S, NEVER_S, hashlib.sha256
        for bearer, action in bearers[:count]:
            record = records[sha256(bearer).digest()]
            slot = record.slots[action]
            if (slot.until_s is never or now_s < slot.until_s) and (record.ends_s is never or now_s < record.ends_s):
                ways = slot.ways  # noqa: F841 - what a caller goes on with

    return {
        "two dict look-ups": two_lookups,
        RECORD: record_to_verdict,
        "licet, digest": digest_to_verdict,
        BEARER: bearer_to_verdict,
    }


def the_door(folder: Path, keys: int, dice: random.Random) -> Run:
    """The gate's own decision, with everything around it: header, key, seat, plan."""
    gate = gate_app(folder, keys, DOCUMENT)
    asks = [{b"authorization": f"Bearer {key_of(dice.randrange(keys))}".encode()} for _ in range(4096)]
    now_ns = NOW_S * 1_000_000_000

    async def turn(count: int) -> None:
        decide = gate.door.decide
        for n in range(count):
            decide({}, asks[n % 4096], "echo", now_ns, "call")

    def run(count: int) -> None:
        asyncio.run(turn(count))

    return run


# --- the peers: the same three tiers and five features, each in its own best documented way --------------------------


def cedar(release: Release, keys: int, dice: random.Random) -> Run:
    import cedarpy

    policies = "\n".join(
        f'permit(principal in Tier::"{t.name}", action == Action::"{f}", resource);'
        for t in release.tiers
        for f in t.features
    )
    actions = [f.name for f in release.features]
    entities = [{"uid": {"type": "Tier", "id": t}, "attrs": {}, "parents": []} for t in TIERS]
    for n in range(keys):
        parent = {"type": "Tier", "id": TIERS[n % 3]}
        entities.append({"uid": {"type": "Key", "id": str(n)}, "attrs": {}, "parents": [parent]})
    parsed, known = cedarpy.PolicySet.from_str(policies), cedarpy.Entities.from_json_str(json.dumps(entities))
    requests = [
        {
            "principal": f'Key::"{dice.randrange(keys)}"',
            "action": f'Action::"{dice.choice(actions)}"',
            "resource": 'R::"r"',
            "context": {},
        }
        for _ in range(512)
    ]

    def run(count: int) -> None:
        for n in range(count):
            cedarpy.is_authorized(requests[n % 512], parsed, known)

    return run


def casbin(release: Release, keys: int, dice: random.Random) -> Run:
    import logging

    from casbin import Enforcer, Model

    logging.disable(logging.CRITICAL)
    model = Model()
    model.load_model_from_text(
        "[request_definition]\nr = sub, act\n[policy_definition]\np = sub, act\n[role_definition]\ng = _, _\n"
        "[policy_effect]\ne = some(where (p.eft == allow))\n[matchers]\nm = g(r.sub, p.sub) && r.act == p.act\n"
    )
    enforcer = Enforcer(model)
    enforcer.add_policies([[t.name, f] for t in release.tiers for f in sorted(t.features)])
    enforcer.add_grouping_policies([[str(n), TIERS[n % 3]] for n in range(keys)])
    actions = [f.name for f in release.features]
    asks = [(str(dice.randrange(keys)), dice.choice(actions)) for _ in range(512)]

    def run(count: int) -> None:
        for n in range(count):
            enforcer.enforce(*asks[n % 512])

    return run


def rules_library(release: Release, keys: int, dice: random.Random) -> Run:
    import rules

    held = {str(n): TIERS[n % 3] for n in range(keys)}
    ruleset = rules.RuleSet()
    for feature in release.features:
        having = [t.name for t in release.tiers if feature.name in t.features]
        one, *more = (rules.predicate(lambda key, name=name: held[key] == name, name=name) for name in having)
        for predicate in more:
            one = one | predicate
        ruleset.add_rule(feature.name, one)
    actions = [f.name for f in release.features]
    asks = [(str(dice.randrange(keys)), dice.choice(actions)) for _ in range(4096)]

    def run(count: int) -> None:
        for n in range(count):
            key, action = asks[n % 4096]
            ruleset.test_rule(action, key)

    return run


# --- measuring -------------------------------------------------------------------------------------------------------


def medians(runs: dict[str, tuple[Run, int]], rounds: int) -> dict[str, float]:
    """Nanoseconds of each, the median over interleaved rounds after one to warm up."""
    for run, count in runs.values():
        run(count)
    seen: dict[str, list[float]] = {name: [] for name in runs}
    gc.disable()
    for _ in range(rounds):
        for name, (run, count) in runs.items():
            seen[name].append(timed(run, count))
    gc.enable()
    return {name: statistics.median(times) for name, times in seen.items()}


def first_use_ms(release: Release) -> float:
    """From a standing that nobody has had to its first slot: the median over the demo's tiers and features."""
    times = []
    for tier in TIERS:
        for feature in release.features:
            facts = {f"approved:{tier}": True}
            standing = Standing("h", release.name, tier, release.sha256, frozenset({"account", f"tier:{tier}"}), facts)
            start = time.perf_counter_ns()
            Tables().of(release, standing, Credential("k", "h")).slot(feature.name, feature.serves[0], NOW_S)
            times.append((time.perf_counter_ns() - start) / 1e6)
    return statistics.median(times)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        return compare(Path(folder))


def compare(folder: Path) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=1_000_000, help="keys in the largest run")
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args()
    release, dice = read(DEMO.read_bytes()), random.Random(7)
    print(f"{'keys':>9}  {'':24}{'ns a decision':>14}{'x floor':>10}")
    worst = {RECORD: 0.0, BEARER: 0.0}
    for keys in (k for k in (1_000, 10_000, 100_000, 1_000_000) if k <= args.most):
        runs: dict[str, tuple[Run, int]] = {
            name: (run, 65_536) for name, run in licet_and_floor(release, keys, dice).items()
        }
        if keys <= 10_000:
            runs["rules"] = (rules_library(release, keys, dice), 2_000)
            runs["cedarpy, all parsed"] = (cedar(release, keys, dice), 200)
        if keys == 1_000:
            runs["licet, the gate's door"] = (the_door(folder, keys, dice), 20_000)
            runs["casbin"] = (casbin(release, keys, dice), 30)
        found = medians(runs, args.rounds)
        floor = found["two dict look-ups"]
        for name, ns in found.items():
            ratio = ns / floor
            worst[name] = max(worst.get(name, 0.0), ratio)
            print(f"{keys:>9,}  {name:24}{ns:>14,.0f}{ratio:>10.1f}")
    first = first_use_ms(release)
    print(f"\nfirst use of a standing: {first:.2f} ms (goal {GOAL_FIRST_MS})")
    print(f"worst ratio, record to verdict: {worst[RECORD]:.2f} (goal {GOAL_RECORD})")
    print(f"worst ratio, bearer to verdict: {worst[BEARER]:.2f} (goal {GOAL_BEARER})")
    met = worst[RECORD] <= GOAL_RECORD and worst[BEARER] <= GOAL_BEARER and first <= GOAL_FIRST_MS
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
