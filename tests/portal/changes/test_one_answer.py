"""Page, terms.json, ODRL, command line and gate: five mouths, one answer, for random questions over random releases."""

from __future__ import annotations

import asyncio
import io
import json
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.gate.gate_world import World, ask
from tests.portal.community.asking import nobody

from licet.cli import main
from licet.licenses.shelf import known
from licet.portal.config import PortalConfig
from licet.release.document import read
from licet.terms import CLOCK, AllOf, Answer, Ask, fact, may

LICENSES = st.sampled_from(("MIT", "CC-BY-NC-4.0", "MIT OR CC-BY-NC-4.0", "LicenseRef-Nobody-Read", *sorted(known())))
ACTIONS = (
    "use",
    "commercial-use",
    "modify",
    "distribute",
    "host-as-service",
    "sell-outputs",
    "train-on-outputs",
    "sell",
)
FEATURES = ("look", "chat", "fetch")
TIERS = ("free", "research", "premium")
FACTS: Mapping[str, st.SearchStrategy[str]] = {
    "commercial": st.sampled_from(("true", "false")),
    "country": st.sampled_from(("DE", "KR", "US")),
    "monthly_active_users": st.sampled_from(("10", "800000000")),
    "academic": st.sampled_from(("true", "false")),
}
WORDS = {"Yes": "yes", "No": "no", "It depends": "depends"}


@st.composite
def files(draw: st.DrawFn) -> str:
    """A `licet.toml`: two components, three features, up to three tiers, perhaps callers without an account."""
    declare = draw(st.lists(st.sampled_from(("commercial", "academic")), unique=True))
    rows = ['[release]\nname = "sample"\nversion = "1"\nlicensor = "Lab"']
    rows += [f"declare = {json.dumps(declare)}"] if declare else []
    for name in ("weights", "data"):
        rows.append(f'[[component]]\nname = "{name}"\nkind = "weights"\npath = "{name}/"')
        if draw(st.integers(0, 6)) == 0:
            rows.append("proprietary = true")
            continue
        rows.append(f'license = "{draw(LICENSES)}"')
        rows += ["accept = true"] * draw(st.integers(0, 1))
        if draw(st.booleans()):
            rows.append(f'upstream = [{{ name = "base", license = "{draw(LICENSES)}" }}]')
        if draw(st.booleans()):
            day = draw(st.sampled_from(("2020-01-01", "2090-01-01")))
            rows.append(f'change_date = {day}\nchange_license = "{draw(LICENSES)}"')
    rows.append('[[feature]]\nname = "look"\nhttp = "http://127.0.0.1:9"\nserves = ["weights"]')
    rows.append('[[feature]]\nname = "chat"\nhttp = "http://127.0.0.1:9"\nserves = ["data", "weights"]')
    if "proprietary" not in rows[-1] and all("proprietary" not in row for row in rows):
        rows.append('[[feature]]\nname = "fetch"\ndownload = "data"')
    features = st.lists(st.sampled_from(FEATURES if "fetch" in rows[-1] else FEATURES[:2]), min_size=1, unique=True)
    for name in draw(st.lists(st.sampled_from(TIERS), unique=True, min_size=draw(st.sampled_from((2, 1, 0))))):
        rows.append(f'[[tier]]\nname = "{name}"\nfeatures = {json.dumps(draw(features))}')
        rows += ['requires = "approval"'] * draw(st.integers(0, 1))
        rows += ['price = "3.00 EUR / month"'] * draw(st.integers(0, 1))
        rows += [f'quota = ["{draw(st.integers(1, 9))} calls / month"]'] * draw(st.integers(0, 1))
        rows += [f'licenses = {{ weights = "{draw(LICENSES)}" }}'] * draw(st.integers(0, 1))
    if draw(st.booleans()):
        rows.append(f"[anonymous]\nfeatures = {json.dumps(draw(features))}")
    return "\n".join(rows) + "\n"


@st.composite
def questions(draw: st.DrawFn) -> dict[str, str]:
    """`who`, `do`, `with` and facts, as in the page's address."""
    told = {
        "who": draw(st.sampled_from((*TIERS, ""))),
        "do": draw(st.sampled_from(FEATURES) | st.sampled_from(ACTIONS)),
    }
    if told["do"] not in FEATURES:
        told["with"] = draw(st.sampled_from(("weights", "data")))
        for name in draw(st.lists(st.sampled_from(sorted(FACTS)), unique=True, max_size=2)):
            told[name] = draw(FACTS[name])
    return told


# --- the mouths ------------------------------------------------------------------------------------------------------


def of_page(told: Mapping[str, str], at: str = "/") -> str:
    answer = nobody().get(f"{at}?{urlencode(told)}")
    assert answer.status_code == 200, told
    found = re.search(r'class="word" id="answer-word">([^<]+)<', answer.content.decode())
    assert found
    return WORDS[found[1]]


def of_command(told: Mapping[str, str], folder: Path) -> tuple[str, str]:
    """The answer, and the code of a refusal."""
    words = ["may", told["do"], "--release", str(folder), "--json"]
    words += ["--tier", told["who"]] if told["who"] else []
    words += ["--component", told["with"]] if "with" in told else []
    words += [f"--fact={name}={told[name]}" for name in FACTS if name in told]
    with redirect_stdout(io.StringIO()) as out:
        assert main(words) == 0, words
    verdict = json.loads(out.getvalue())
    return str(verdict["answer"]), str(verdict["code"])


def of_gate(told: Mapping[str, str], world: World, key: Any, runner: asyncio.Runner) -> bool:
    subject = {"type": "tier", "id": told["who"]} if told["who"] else {"type": "anonymous", "id": "-"}
    body = {"subject": subject, "action": {"name": "call"}, "resource": {"type": "feature", "id": told["do"]}}
    answer = runner.run(ask(world.gate, "POST", "/access/v1/evaluation", body, key=key))
    assert answer.status == 200, answer.body
    return bool(answer.json["decision"])


def of_json(told: Mapping[str, str], release: Any, now_s: int) -> str:
    """What the licenses that terms.json names say together: worked out from nothing but that file."""
    from licet.licenses.expression import policy
    from licet.portal.pages.asking import Question, ask_of
    from licet.terms.action import unsugared

    one = next(c for c in json.loads(nobody().get("/terms.json").content)["components"] if c["name"] == told["with"])
    if one.get("proprietary"):
        return "no"
    today = datetime.fromtimestamp(now_s, UTC).date().isoformat()
    changed = "change_date" in one and one["change_date"] <= today
    over = [*(u["license"] for u in one.get("upstream", ())), one["change_license"] if changed else one["license"]]
    tree = AllOf(tuple(policy(expression) for expression in over))
    action, _ = unsugared(told["do"])
    made = ask_of(release, Question("", told["do"], told["with"], parsed(told)), action, told["with"], tree, now_s)
    return may(tree, fact.bind(tree, made)).answer.name.lower()


def lists(told: Mapping[str, str]) -> bool:
    """Does terms.json say that the feature is among what this tier, or a caller without an account, may call?"""
    terms = json.loads(nobody().get("/terms.json").content)
    tiers = {tier["name"]: tier for tier in terms.get("tiers", ())}
    one = tiers[told["who"]] if told["who"] else terms["anonymous"] or {"features": ()}
    return told["do"] in one.get("features", ())


def parsed(told: Mapping[str, str]) -> dict[str, Any]:
    return {name: fact.parse(name, told[name]) for name in FACTS if name in told}


class Odrl:
    """Reads `/odrl.jsonld` back, knowing ODRL and the two words of ours, and nothing of how it was made."""

    NS = "urn:licet:ns:"
    SAME = {"use": "odrl:execute", "reproduce": "odrl:reproduce", "distribute": "odrl:distribute",
            "modify": "odrl:modify", "sublicense": "odrl:grantUse"}  # fmt: skip
    LEFT = {"odrl:dateTime": CLOCK, "odrl:spatial": "country", "odrl:purpose": "purpose"}

    def __init__(self, text: bytes) -> None:
        self.nodes = {node["@id"]: node for node in json.loads(text)["@graph"]}

    def root(self, kind: str, name: str) -> str | None:
        return next((id for id in self.nodes if re.search(rf":{kind}:{re.escape(quote(name, safe=''))}$", id)), None)

    def answer(self, id: str, asked: Ask) -> Answer:
        node = self.nodes[id]
        if node["@type"] != "Set":
            below = [self.answer(part, asked) for part in node["licet:of"]]
            return min(below) if node["@type"] == "licet:AllOf" else max(below)
        can = self.truth(node.get("permission", ()), asked)
        cannot = self.truth(node.get("prohibition", ()), asked)
        return min(can, {Answer.YES: Answer.NO, Answer.NO: Answer.YES}.get(cannot, cannot))

    def truth(self, rules: Any, asked: Ask) -> Answer:
        return max((self.rule(rule, asked) for rule in rules), default=Answer.NO)

    def rule(self, rule: Mapping[str, Any], asked: Ask) -> Answer:
        action = (
            self.SAME.get(asked.action) or f"{self.NS}{'feature:' if asked.action in FEATURES else ''}{asked.action}"
        )
        if not {"odrl:use", action} & set(_list(rule["action"])):
            return Answer.NO
        if asked.component not in {unquote(t.rpartition(":")[2]) for t in _list(rule["target"])}:
            return Answer.NO
        parties = {unquote(p.removeprefix(f"{self.NS}party:")) for p in _list(rule.get("assignee", []))}
        if "assignee" in rule and not parties & asked.claims:
            return Answer.NO
        return min((self.holds(one, asked) for one in rule.get("constraint", ())), default=Answer.YES)

    def holds(self, one: Mapping[str, Any], asked: Ask) -> Answer:
        left = one["leftOperand"]
        name = self.LEFT.get(left) or unquote(left.removeprefix(f"{self.NS}fact:"))
        if name not in asked.facts:
            return Answer.DEPENDS
        value, right = asked.facts[name], one["rightOperand"]
        if isinstance(right, dict):
            right = int(datetime.fromisoformat(right["@value"]).timestamp())
        held = {
            "eq": lambda: value == right,
            "neq": lambda: value != right,
            "lteq": lambda: value <= right,
            "gt": lambda: value > right,
            "isAnyOf": lambda: value in right,
            "isNoneOf": lambda: value not in right,
        }[one["operator"]]
        return Answer.YES if held() else Answer.NO


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def of_odrl(told: Mapping[str, str], release: Any, odrl: Odrl, now_s: int) -> str | None:
    """None for what the file does not speak of: a component that is kept."""
    from licet.portal.pages.asking import Question, _policies, ask_of

    ((component, action, tree),) = _policies(
        release, asked := Question(told["who"], told["do"], told.get("with", ""), parsed(told))
    )
    root = odrl.root("feature", told["do"]) if told["do"] in FEATURES else odrl.root("component", component)
    if root is None:
        return None
    made = fact.bind(tree, ask_of(release, asked, action, component, tree, now_s))
    return odrl.answer(root, made).name.lower()


# --- the law ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def fresh(portal: PortalConfig) -> Iterator[PortalConfig]:
    yield portal


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(body=files(), asked=st.lists(questions(), min_size=6, max_size=10))
def test_every_mouth_gives_the_same_answer(
    fresh: PortalConfig, tmp_path: Path, body: str, asked: list[dict[str, str]]
) -> None:
    from licet.portal import clock, documents, events

    folder = tmp_path / secrets.token_hex(4)
    folder.mkdir()
    (folder / "licet.toml").write_text(body)
    documents.publish(body.encode(), events.COMMAND)
    release, now_s = read(body.encode()), clock.now_s()
    odrl = Odrl(nobody().get("/odrl.jsonld").content)
    world = World(folder, body)
    world.clock.ns = now_s * 1_000_000_000
    with asyncio.Runner() as runner:
        key = world.rights.give("", holder_id="hol_operator")
        world.rights.hold("hol_operator", release.tiers[0].name if release.tiers else "none")
        world.rights.narrow(key, scopes=frozenset({"decide"}))
        try:
            for told in asked:
                if (told["who"] and not release.tier(told["who"])) or (
                    told["do"] == "fetch" and not release.feature("fetch")
                ):
                    continue
                page = of_page(told)
                assert of_page(told, f"/terms/{release.sha256}") == page, told
                answer, code = of_command(told, folder)
                assert answer == page, told
                assert of_odrl(told, release, odrl, now_s) in (None, page), told
                if told["do"] in FEATURES:
                    assert of_gate(told, world, key, runner) is (page == "yes"), told
                    assert lists(told) is (code not in ("feature_not_in_tier", "not_authenticated")), (told, code)
                else:
                    assert of_json(told, release, now_s) == page, told
        finally:
            world.close()
            shutil.rmtree(folder)


def test_the_oracle_would_notice_a_lost_prohibition(fresh: PortalConfig) -> None:
    """The reader of ODRL is not one that says what is expected: without its prohibitions CC-BY-NC allows to sell."""
    from licet.portal import clock, documents, events
    from licet.release.publish.odrl import odrl

    body = '[release]\nname = "sample"\nversion = "1"\nlicensor = "Lab"\n'
    body += '[[component]]\nname = "data"\nkind = "data"\nlicense = "CC-BY-NC-4.0"\n'
    documents.publish(body.encode(), events.COMMAND)
    release, told = read(body.encode()), {"who": "", "do": "commercial-use", "with": "data"}
    text = json.loads(odrl(release, clock.now_s()))
    whole = of_odrl(told, release, Odrl(json.dumps(text).encode()), clock.now_s())
    for node in text["@graph"]:
        node["permission"] = [{**rule, "constraint": []} for rule in node.get("permission", ())]
        node.pop("prohibition", None)
    assert whole != of_odrl(told, release, Odrl(json.dumps(text).encode()), clock.now_s())
