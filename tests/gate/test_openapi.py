"""The description of the HTTP interface is made from the routes themselves, and what is served is what it says."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from gate_world import World, ask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.gate.test_http import Served

from licet.gate import hub
from licet.gate.openapi import elsewhere
from licet.gate.openapi.operations import OPERATIONS
from licet.gate.routes import ROUTES

SAID = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("openapi"))
    while not made.world.gate.ready:  # the hints of a feature are read in a worker
        time.sleep(0.02)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def told(served: Served) -> dict[str, Any]:
    whole: dict[str, Any] = served.world.gate.described.whole()
    return whole


def test_every_answer_of_the_gate_is_described_and_nothing_else_is() -> None:
    assert {route.answer for route in ROUTES} == set(OPERATIONS)


def test_every_route_stands_in_the_description_with_its_method(told: dict[str, Any]) -> None:
    wanted = {(route.path, route.method.lower()) for route in ROUTES}
    wanted |= {(path, method.lower()) for method, path in elsewhere.PORTAL}
    for line in hub.ROUTES:
        method, _, path = line.partition(" ")
        wanted.add((path.partition("[")[0], method.lower()))
    described = {(path, method) for path, methods in told["paths"].items() for method in methods}
    assert wanted <= described
    more = {path for path, _ in described - wanted}
    assert more == {"/api/models/{ns}/{name}/tree/{rev}/{path}"} | {p for p in more if p.startswith("/v1/features/")}


def test_every_parameter_in_a_path_is_said_and_every_name_is_its_own(told: dict[str, Any]) -> None:
    names = []
    for path, methods in told["paths"].items():
        for one in methods.values():
            names.append(one["operationId"])
            assert {p["name"] for p in one["parameters"] if p["in"] == "path"} == set(re.findall(r"\{(\w+)\}", path)), (
                path
            )
    assert len(names) == len(set(names))


def test_a_feature_is_described_by_its_own_hints(told: dict[str, Any]) -> None:
    takes = told["paths"]["/v1/features/mean"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert takes["properties"]["data"] == {"type": "array", "items": {"type": "number"}}
    assert takes["required"] == ["data"]


async def test_the_example_of_a_feature_is_shown_wherever_its_input_is(told: dict[str, Any], world: World) -> None:
    example = {"data": [1, 2, 3]}
    takes = told["paths"]["/v1/features/premium_only"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert takes["examples"] == [example]
    listed = (await ask(world.gate, "GET", "/v1/features")).json["features"]
    assert {f["name"]: f["example"] for f in listed if f["example"]} == {"premium_only": example}


def test_it_is_openapi_and_every_reference_leads_somewhere(told: dict[str, Any]) -> None:
    schemathesis.openapi.from_dict(told).config  # noqa: B018  (it loads)
    assert told["openapi"].startswith("3.1")
    for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(told)):
        assert name in told["components"]["schemas"], name


async def test_the_page_has_everything_and_no_script(world: World) -> None:
    answer = await ask(world.gate, "GET", "/docs")
    page = answer.body.decode()
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script" not in page and "http://" not in page.replace(world.gate.config.url, "")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    for route in ROUTES:
        assert route.path.replace("{", "{") in page


async def test_the_description_is_the_same_for_everybody_and_holds_no_key(world: World) -> None:
    key = world.rights.give("premium")
    first, second = (
        await ask(world.gate, "GET", "/openapi.json"),
        await ask(world.gate, "GET", "/openapi.json", key=key),
    )
    assert first.json == second.json
    assert key.reveal().encode() not in second.body


async def test_authzens_metadata_names_the_endpoints_that_answer(world: World) -> None:
    told = (await ask(world.gate, "GET", "/.well-known/authzen-configuration")).json
    assert told["policy_decision_point"] == world.gate.config.url
    question = {"action": {"name": "call"}, "resource": {"type": "feature", "id": "mean"}}
    for name, body in (("evaluation", question), ("evaluations", {"evaluations": [question]})):
        path = told[f"access_{name}_endpoint"].removeprefix(world.gate.config.url)
        assert (await ask(world.gate, "POST", path, body)).status == 200


def _described(served: Served) -> Any:
    whole = served.world.gate.described.whole()
    url = f"http://127.0.0.1:{served.port}"
    # Held here are the gate's own answers; the portal's are not in this world, nor is a repository.
    kept = {path: methods for path, methods in whole["paths"].items() if any(r.path == path for r in ROUTES)}
    kept |= {path: whole["paths"][path] for path in ("/v1/features/mean", "/v1/features/echo")}  # others kill and sleep
    return schemathesis.openapi.from_dict({**whole, "paths": kept, "servers": [{"url": url}]})


@pytest.mark.slow
@pytest.mark.parametrize("keyed", [False, True])
def test_what_the_gate_answers_is_what_it_says_it_answers(served: Served, keyed: bool) -> None:
    """schemathesis makes requests out of the description, good ones and bad ones, and holds each answer to it."""
    headers = {"Authorization": f"Bearer {served.world.rights.give('premium').reveal()}"} if keyed else {}
    operations, url = (
        [found.ok() for found in _described(served).get_all_operations()],
        f"http://127.0.0.1:{served.port}",
    )
    assert len(operations) > 15

    @given(st.data())
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    def hold(data: st.DataObject) -> None:
        operation = data.draw(st.sampled_from(operations))
        case = data.draw(operation.as_strategy())
        case.call_and_validate(base_url=url, headers=headers, checks=SAID, timeout=30)

    hold()
