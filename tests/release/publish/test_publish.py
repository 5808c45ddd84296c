"""What other tools read is what we meant: the hub's card, SPDX 3, CycloneDX, and ODRL with the gate's own terms."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licet.licenses.shelf import known
from licet.release import policy
from licet.release.document import read
from licet.release.publish import cyclonedx, model_card, odrl, spdx, terms
from licet.release.publish.hub import KNOWN, hub_ids
from licet.release.release import Release
from licet.terms import CLOCK, AllOf, AnyOf, Clause, Fact, Policy, Says, Terms, may
from licet.terms.action import ACTIONS
from licet.terms.clause import Ask, Scalar
from licet.terms.fact import bind

NOW_S = 1_790_000_000
OPENED_S = 1_830_297_600  # 2028-01-01
HERE = Path(__file__).parent
EXAMPLE = (HERE.parent / "example.toml").read_text()
SANA = read(EXAMPLE.encode())
KINDS = ["code", "weights", "data", "docs", "adapter", "service"]


def of(kind: str, license: str, more: str = "") -> Release:
    head = '[release]\nname = "one"\nversion = "1.0.0"\nlicensor = "Émile \\"Lab\\""\n'
    return read(f'{head}\n[[component]]\nname = "part"\nkind = "{kind}"\nlicense = "{license}"\n{more}'.encode())


RELEASES = st.builds(
    of,
    st.sampled_from(KINDS),
    st.sampled_from(
        ["MIT", "MIT OR Apache-2.0", "LicenseRef-Own-1", "GPL-2.0-only WITH Classpath-exception-2.0", *known()]
    ),
    st.sampled_from(
        ["", 'description = "what: it {is}"\n', 'upstream = [{ name = "a/b", license = "MIT AND CC-BY-4.0" }]\n']
    ),
)


# --- the model card ---------------------------------------------------------------------------------------------------


@given(RELEASES)
@settings(max_examples=60, deadline=None)
def test_the_hub_reads_the_card_of_any_release(release: Release) -> None:
    from huggingface_hub import ModelCard

    text = model_card.model_card(release, NOW_S)
    kind = release.components[0].kind
    card = ModelCard(text, ignore_metadata_errors=False)
    data = card.data.to_dict()
    if kind not in ("weights", "adapter", "data"):
        assert data == {}
        return
    told = data["license"]
    names = told if isinstance(told, list) else [told]
    assert set(names) <= KNOWN | {"other"}
    if told == "other":
        assert data["license_link"] == "LICENSE"
        assert data["license_name"] == data["license_name"].lower() and " " not in data["license_name"]
    else:
        assert tuple(names) == hub_ids(release.components[0].license or "")
    assert "## License" in card.content


def test_the_card_says_the_license_in_force_and_asks_where_it_must_be_accepted() -> None:
    from huggingface_hub import ModelCard

    before = ModelCard(model_card.model_card(SANA, NOW_S)).data.to_dict()
    assert before["license"] == "cc-by-nc-4.0"
    assert before["extra_gated_fields"] == {"I have read CC-BY-NC-4.0 and accept it": "checkbox"}
    assert ModelCard(model_card.model_card(SANA, OPENED_S)).data.to_dict()["license"] == "apache-2.0"


def test_a_card_keeps_its_other_keys_and_never_an_old_license() -> None:
    from huggingface_hub import ModelCard

    old = "---\nlicense: other\nlicense_name: old\nlicense_link: old.md\ntags:\n  - a\n- b\nlibrary_name: x\n---\nWords.\n"
    told = model_card.with_front_matter(old.replace("\n- b", "\n  - b"), of("weights", "MIT"), NOW_S)
    assert ModelCard(told).data.to_dict() == {"license": "mit", "tags": ["a", "b"], "library_name": "x"}


@pytest.mark.parametrize(
    ("expression", "ids"),
    [
        ("MIT", ("mit",)),
        ("GPL-3.0-or-later", ("gpl-3.0",)),
        ("MIT OR Apache-2.0", ("mit", "apache-2.0")),
        ("MIT AND Apache-2.0", ()),
        ("LicenseRef-scancode-llama-3.1-license-2024", ("llama3.1",)),
        ("LicenseRef-Own", ()),
        ("GPL-2.0-only WITH Classpath-exception-2.0", ()),
    ],
)
def test_the_hubs_words_for_licenses(expression: str, ids: tuple[str, ...]) -> None:
    assert hub_ids(expression) == ids


# --- bills of materials -----------------------------------------------------------------------------------------------


def spdx_objects(release: Release) -> Any:
    from spdx_python_model import v3_0_1

    found = v3_0_1.SHACLObjectSet()
    v3_0_1.JSONLDDeserializer().read(io.StringIO(spdx.spdx(release, NOW_S)), found)
    return found


@given(RELEASES)
@settings(max_examples=40, deadline=None)
def test_spdx_reads_its_own_bill_of_any_release(release: Release) -> None:
    from spdx_python_model import v3_0_1

    found = spdx_objects(release)
    assert not found.missing_ids
    assert len(list(found.foreach_type(v3_0_1.SpdxDocument))) == 1
    kind = release.components[0].kind
    wanted = {
        "weights": v3_0_1.ai_AIPackage,
        "adapter": v3_0_1.ai_AIPackage,
        "data": v3_0_1.dataset_DatasetPackage,
    }.get(kind, v3_0_1.software_Package)
    packages = [p for p in found.foreach_type(wanted) if p.name == "part"]
    assert len(packages) == 1 and packages[0].software_packageVersion == "1.0.0"
    out = io.BytesIO()
    v3_0_1.JSONLDSerializer().write(found, out)  # it can be written back: every node has its class


def test_spdx_tells_the_license_declared_and_what_upstream_adds() -> None:
    from spdx_python_model import v3_0_1

    found = spdx_objects(SANA)
    by_id = {o._id: o for o in found.foreach() if o._id}
    told = {
        (r.from_.name, str(r.relationshipType).rpartition("/")[2], t.simplelicensing_licenseExpression)
        for r in found.foreach_type(v3_0_1.Relationship)
        for t in r.to
        if hasattr(t, "simplelicensing_licenseExpression")
    }
    gemma = "LicenseRef-scancode-gemma-tou-2024-04-01"
    assert ("weights", "hasDeclaredLicense", "CC-BY-NC-4.0") in told
    assert ("weights", "hasConcludedLicense", f"CC-BY-NC-4.0 AND {gemma}") in told
    assert ("gemma-2-2b-it", "hasDeclaredLicense", gemma) in told
    assert by_id and "trainer" not in spdx.spdx(SANA, NOW_S)


@given(RELEASES)
@settings(max_examples=40, deadline=None)
def test_cyclonedx_is_valid_in_the_strict_schema(release: Release) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    strict = JsonStrictValidator(SchemaVersion.V1_6)
    text = cyclonedx.cyclonedx(release, NOW_S)
    assert strict.validate_str(text) is None
    broken = json.loads(text) | {"bogus": 1}
    assert strict.validate_str(json.dumps(broken)) is not None


def test_cyclonedx_has_a_card_for_the_model_and_nothing_that_stays_in() -> None:
    told = json.loads(cyclonedx.cyclonedx(SANA, NOW_S))
    weights = next(c for c in told["components"] if c["name"] == "weights")
    assert weights["type"] == "machine-learning-model"
    assert any(
        limit.startswith("use it commercially: no (CC-BY-NC-4.0")
        for limit in weights["modelCard"]["considerations"]["technicalLimitations"]
    )
    assert weights["pedigree"]["ancestors"][0]["name"] == "gemma-2-2b-it"
    assert "trainer" not in json.dumps(told)


# --- ODRL: the gate's own terms ---------------------------------------------------------------------------------------

_SAYS = {"permission": Says.CAN, "prohibition": Says.CANNOT, "obligation": Says.MUST}
# Written out, not taken from the writer: what a reader knows is ODRL's own words.
_TESTS = {"eq": "is", "neq": "is not", "lteq": "<=", "gt": ">", "isAnyOf": "in", "isNoneOf": "not in"}
_ACTIONS = {
    "odrl:execute": "use",
    "odrl:reproduce": "reproduce",
    "odrl:distribute": "distribute",
    "odrl:modify": "modify",
    "odrl:grantUse": "sublicense",
}
_FACTS = {"odrl:dateTime": CLOCK, "odrl:spatial": "country", "odrl:purpose": "purpose"}


def read_back(nodes: Mapping[str, Any], id: str) -> Policy:
    """The policy that a node says: what a reader who knows the profile would make of it."""
    node = nodes[id]
    if node["@type"] in ("licet:AllOf", "licet:AnyOf"):
        parts = tuple(read_back(nodes, part) for part in node["licet:of"])
        return AllOf(parts) if node["@type"] == "licet:AllOf" else AnyOf(parts)
    assert node["conflict"] == "prohibit"
    clauses = [_clause(says, rule) for key, says in _SAYS.items() for rule in node.get(key, [])]
    return Terms(node["dct:title"], tuple(clauses))


def _many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _clause(says: Says, rule: Mapping[str, Any]) -> Clause:
    written = _many(rule["licet:for"] if says is Says.MUST else rule["action"])
    named = frozenset(
        _ACTIONS.get(a) or unquote(a.removeprefix(odrl.PROFILE).removeprefix("feature:")) for a in written
    )
    return Clause(
        says,
        None if written == ["odrl:use"] else named,
        claims=frozenset(unquote(a.rpartition(":")[2]) for a in _many(rule["assignee"]))
        if "assignee" in rule
        else None,
        when=tuple(map(_fact, rule.get("constraint", []))),
        duty=rule.get("dct:description", ""),
        cite=rule["dct:source"],
    )


def _fact(told: Mapping[str, Any]) -> Fact:
    name = _FACTS.get(told["leftOperand"]) or unquote(told["leftOperand"].removeprefix(odrl.PROFILE + "fact:"))
    value = told["rightOperand"]
    if name == CLOCK:
        from datetime import datetime

        value = int(datetime.fromisoformat(value["@value"]).timestamp())
    return Fact(name, _TESTS[told["operator"]], frozenset(value) if isinstance(value, list) else value)


NODES = {node["@id"]: node for node in json.loads(odrl.odrl(SANA, NOW_S))["@graph"]}
BASE = f"urn:licet:sana:{SANA.sha256[:32]}"
SOME_FACTS: st.SearchStrategy[dict[str, Scalar]] = st.fixed_dictionaries(
    {CLOCK: st.sampled_from([NOW_S, OPENED_S - 1, OPENED_S])},
    optional={
        "commercial": st.booleans(),
        "country": st.sampled_from(["DE", "CN"]),
        "used:calls/month": st.sampled_from([1, 1000, 1001, 10**6]),
        "used:calls/day": st.sampled_from([1, 20, 21]),
        "approved:research": st.booleans(),
        "paid:premium": st.booleans(),
        "accepted:CC-BY-NC-4.0": st.booleans(),
        "declared:commercial": st.booleans(),
    },
)
CLAIMS = st.frozensets(
    st.sampled_from(["account", "tier:free", "tier:research", "tier:premium", "anonymous", "suspended"])
)


@given(st.sampled_from(["basic_analysis", "chat"]), CLAIMS, SOME_FACTS)
@settings(max_examples=150, deadline=None)
def test_odrl_says_of_every_call_what_the_gate_answers(
    feature: str, claims: frozenset[str], facts: dict[str, Scalar]
) -> None:
    ours, theirs = policy.served(SANA, feature), read_back(NODES, f"{BASE}:feature:{feature}")
    ask = bind(ours, Ask(feature, SANA.feature(feature).serves[0], claims, facts))  # type: ignore[union-attr]
    here, there = may(ours, ask), may(theirs, ask)
    assert (here.answer, here.needs, {c.duty for c in here.duties}) == (
        there.answer,
        there.needs,
        {c.duty for c in there.duties},
    )


@given(st.sampled_from(["code", "weights"]), st.sampled_from(sorted(ACTIONS)), SOME_FACTS)
@settings(max_examples=100, deadline=None)
def test_odrl_says_of_every_component_what_its_licenses_answer(
    component: str, action: str, facts: dict[str, Scalar]
) -> None:
    ours, theirs = policy.released(SANA, action, component), read_back(NODES, f"{BASE}:component:{component}")
    ask = bind(ours, Ask(action, component, frozenset(), facts))
    assert may(ours, ask).answer is may(theirs, ask).answer
    assert {c.cite for c in may(ours, ask).because} == {c.cite for c in may(theirs, ask).because}


def graph(text: str) -> Any:
    """As triples, with the ODRL context from beside this test: nothing is fetched."""
    from rdflib import Graph

    told = json.loads(text)
    assert told["@context"][0] == odrl.CONTEXT
    told["@context"][0] = json.loads((HERE / "odrl-context.json").read_text())["@context"]
    return Graph().parse(data=json.dumps(told), format="json-ld")


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own reader of JSON-LD
def test_odrl_is_a_graph_that_sparql_can_ask() -> None:
    found = graph(odrl.odrl(SANA, NOW_S))
    ask = """
        PREFIX odrl: <http://www.w3.org/ns/odrl/2/>
        PREFIX dct: <http://purl.org/dc/terms/>
        SELECT ?cite WHERE {
          ?policy a odrl:Set ; odrl:prohibition ?rule .
          ?rule odrl:action odrl:distribute ; odrl:constraint ?c ; dct:source ?cite .
          ?c odrl:leftOperand <urn:licet:ns:fact:commercial> ; odrl:operator odrl:eq ; odrl:rightOperand true .
        }"""
    assert "CC-BY-NC-4.0 §2(a)(1)(A)" in {str(row.cite) for row in found.query(ask)}
    rules = sum(len(node.get(key, [])) for node in NODES.values() for key in _SAYS)
    kinds = "PREFIX odrl: <http://www.w3.org/ns/odrl/2/> SELECT ?r { ?p odrl:permission|odrl:prohibition|odrl:obligation ?r }"
    assert len(list(found.query(kinds))) == rules


# --- the same data as the page ----------------------------------------------------------------------------------------


def test_the_terms_of_a_bundle_are_the_pages_without_a_server() -> None:
    told, page = terms.terms(SANA), terms.terms(SANA, from_s=NOW_S, url="https://example.org")
    assert json.loads(terms.terms_json(SANA)) == json.loads(json.dumps(told))
    assert list(_without_addresses(page)) == list(_without_addresses(told))
    assert told["components"][1]["change_date"] == "2028-01-01T00:00:00Z"
    assert told["tiers"][2]["price"]["micros"] == 9_000_000
    assert "127.0.0.1" not in json.dumps(told) and "CHAT_KEY" not in json.dumps(told)


def _without_addresses(told: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(told, dict):
        for key, value in told.items():
            if key not in ("url", "license_page", "in_force_from"):
                yield from _without_addresses(value, f"{path}.{key}")
    elif isinstance(told, list):
        for n, value in enumerate(told):
            yield from _without_addresses(value, f"{path}[{n}]")
    else:
        yield path, told


def test_every_id_of_the_hub_is_one_word_and_found_again() -> None:
    from licet.release.publish.hub import KNOWN, hub_ids

    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]*[a-z0-9+]", known) for known in KNOWN)
    for ours in ("CC-BY-3.0", "CC-BY-NC-SA-3.0", "MIT", "Apache-2.0"):
        assert hub_ids(ours) == (ours.lower(),)
