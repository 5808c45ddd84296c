"""Every route that the gate answers, and what it says on each besides the calls of features."""

from __future__ import annotations

import asyncio

import pytest
from gate_world import NOW_S, World, ask

from licet.access.key import Secret
from licet.access.standing import Narrow
from licet.gate.app import ROUTES, Gate

DATA = {"data": [1, 2, 3]}


def test_the_routes_of_the_gate_are_these_and_no_others() -> None:
    assert [f"{r.method} {r.path}" for r in ROUTES] == [
        "POST /v1/features/{name}",
        "GET /v1/features",
        "POST /v1/chat/completions",
        "POST /v1/completions",
        "POST /v1/responses",
        "POST /v1/embeddings",
        "GET /v1/forward/{name}",
        "POST /v1/forward/{name}",
        "GET /v1/models",
        "GET /v1/models/{id}",
        "GET /v1/me",
        "POST /access/v1/evaluation",
        "POST /access/v1/evaluations",
        "GET /.well-known/authzen-configuration",
        "GET /openapi.json",
        "GET /docs",
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
    ]
    assert all(Gate.owns(r.path) for r in ROUTES)


@pytest.mark.parametrize(
    ("path", "owned"),
    [
        ("/v1/features/x", True),
        ("/v1/anything", True),
        ("/access/v1/evaluation", True),
        ("/api/models/a/b", True),
        ("/api/whoami-v2", True),
        ("/cdn/x", True),
        ("/example-lab/sana/resolve/main/config.json", True),
        ("/healthz", True),
        ("/", False),
        ("/healthz/x", False),
        ("/v1/acceptances", False),
        ("/v1/requests/7", False),
        ("/v1", False),
        ("/accounts/login/", False),
        ("/accounts/x/resolve/y", False),
        ("/static/a/resolve/b", False),
        ("/example-lab/sana", False),
        ("/oauth/token", False),
        ("/api/other", False),
        ("/api/models/a/b/user-access-request/pending", False),
        ("/api/models/a/b/user-access-request", False),
        ("/api/models/a/b/tree/main/user-access-request/x", True),
    ],
)
def test_a_path_is_the_gates_or_the_portals(path: str, owned: bool) -> None:
    assert Gate.owns(path) is owned


async def test_every_route_answers_and_other_methods_are_405_with_what_is_allowed(world: World) -> None:
    for route in ROUTES:
        path = route.path.replace("{name}", "echo").replace("{id}", "a/model")
        allowed = {r.method for r in ROUTES if r.path == route.path}
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "X"):
            answer = await ask(world.gate, method, path, {})
            if method in allowed:
                assert answer.status != 405, path
                assert answer.status != 404 or answer.code == "model_not_found", path
            else:
                assert (answer.status, answer.code) == (405, "method_not_allowed")
                assert route.method in answer.headers["allow"]
        assert (await ask(world.gate, "OPTIONS", path)).status == 204
    assert (await ask(world.gate, "HEAD", "/healthz")).status == 200


@pytest.mark.parametrize(
    "path", ["/v1/", "/v1/x", "/v1/features/", "/v1/features/a/b", "/v1/me/", "/api/models/a/b", "/metrics/", "/V1/me"]
)
async def test_an_unknown_route_is_a_404_problem_with_a_request_id(world: World, path: str) -> None:
    for method in ("GET", "POST"):
        answer = await ask(world.gate, method, path, {}, key=world.rights.give("premium"))
        assert (answer.status, answer.code) == (404, "not_found")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json["request_id"] == answer.headers["x-request-id"]


async def test_me_tells_tier_quotas_limits_acceptances_and_usage(world: World) -> None:
    key = world.rights.give("free", holder_id="hol_1")
    world.rights.hold("hol_1", "free", accepted__MIT=True)
    await ask(world.gate, "POST", "/v1/features/mean", DATA, key=key)
    me = (await ask(world.gate, "GET", "/v1/me", key=key)).json
    assert me == {
        "holder": "hol_1",
        "key": world.rights.id_of(key),
        "release": "sample",
        "tier": "free",
        "document": world.rights.documents[0][1],
        "suspended": False,
        "quotas": [
            {"meter": "calls", "period": "month", "limit": 5, "used": 1, "held": 0, "remaining": 4,
             "resets": "2026-12-18T11:06:40Z"}
        ],
        "rate": None,
        "concurrency": None,
        "acceptances": ["MIT"],
        "budgets": [],
        "grants": [],
        "usage": {"calls": 1},
    }  # fmt: skip
    brisk = (await ask(world.gate, "GET", "/v1/me", key=world.rights.give("brisk"))).json
    assert (brisk["rate"], brisk["concurrency"]) == ({"limit": 2, "window_s": 60}, {"limit": 1})
    stranger = (await ask(world.gate, "GET", "/v1/me")).json
    assert (stranger["tier"], stranger["key"], stranger["quotas"][0]["limit"]) == (None, None, 3)


async def test_features_tell_what_this_caller_may_use_and_what_others_may(world: World) -> None:
    await world.gate.features.load([])
    told = (await ask(world.gate, "GET", "/v1/features", key=world.rights.give("free"))).json["features"]
    by_name = {f["name"]: f for f in told}
    assert by_name["mean"]["allowed"] is True
    assert "Access granted" in by_name["mean"]["detail"]
    assert by_name["premium_only"]["allowed"] is False
    assert by_name["premium_only"]["tiers"] == ["research", "premium"]
    assert by_name["premium_only"]["would_allow"][0]["offer"] == "tier:research"
    stranger = (await ask(world.gate, "GET", "/v1/features")).json["features"]
    assert [f["name"] for f in stranger if f["allowed"]] == ["echo"]


async def test_asking_never_spends(world: World) -> None:
    key = world.rights.give("free")
    for _ in range(10):
        await ask(world.gate, "GET", "/v1/features", key=key)
        await ask(world.gate, "GET", "/v1/me", key=key)
        answer = await ask(world.gate, "POST", "/access/v1/evaluation", about("mean"), key=key)
        assert answer.json["decision"] is True
    assert world.used(key) == (0, 0)


# --- AuthZEN


def about(feature: str, kind: str = "", name: str = "") -> dict[str, object]:
    asked: dict[str, object] = {"action": {"name": "call"}, "resource": {"type": "feature", "id": feature}}
    return {**asked, "subject": {"type": kind, "id": name}} if kind else asked


async def test_an_evaluation_says_yes_or_no_with_its_reasons(world: World) -> None:
    key = world.rights.give("free")
    for asked in (about("mean"), about("mean", "key", world.rights.id_of(key))):
        yes = await ask(world.gate, "POST", "/access/v1/evaluation", asked, key=key, x_request_id="mine-1")
        assert (yes.status, yes.json["decision"]) == (200, True)
        assert yes.headers["x-request-id"] == "mine-1"
    no = (await ask(world.gate, "POST", "/access/v1/evaluation", about("premium_only"), key=key)).json
    assert no["decision"] is False
    assert no["context"]["code"] == "feature_not_in_tier"
    assert no["context"]["would_allow"][0]["offer"] == "tier:research"
    component = {"action": {"name": "mean"}, "resource": {"type": "component", "id": "code"}}
    assert (await ask(world.gate, "POST", "/access/v1/evaluation", component, key=key)).json["decision"] is True


async def test_an_evaluation_knows_the_quota_without_touching_it(world: World) -> None:
    key = world.rights.give("free")
    for _ in range(5):
        await ask(world.gate, "POST", "/v1/features/mean", DATA, key=key)
    no = (await ask(world.gate, "POST", "/access/v1/evaluation", about("mean"), key=key)).json
    assert (no["decision"], no["context"]["code"]) == (False, "quota_exhausted")


async def test_only_a_key_with_the_scope_decide_may_ask_about_others(world: World) -> None:
    other = world.rights.give("premium")
    plain = world.rights.give("premium")
    asked = about("premium_only", "key", world.rights.id_of(other))
    for asker in (plain, None):
        answer = await ask(world.gate, "POST", "/access/v1/evaluation", asked, key=asker)
        assert (answer.status, answer.code) == (403, "not_allowed")
    decider = world.rights.give("free", narrow=Narrow(scopes=frozenset({"decide"})))
    holder = world.rights.credentials[other.digest].holder_id
    cases = {
        ("key", world.rights.id_of(other)): True,
        ("account", holder): True,
        ("tier", "premium"): True,
        ("tier", "free"): False,
        ("tier", "gold"): False,
        ("anonymous", ""): False,
        ("key", "key_nobody"): False,
        ("account", "hol_nobody"): False,
    }
    for (kind, name), decision in cases.items():
        answer = await ask(world.gate, "POST", "/access/v1/evaluation", about("premium_only", kind, name), key=decider)
        assert (answer.status, answer.json["decision"]) == (200, decision), (kind, name)
    world.rights.revoke(other, NOW_S)
    assert (await ask(world.gate, "POST", "/access/v1/evaluation", asked, key=decider)).json["decision"] is False


async def test_a_secret_is_never_a_subject(world: World) -> None:
    key = world.rights.give("free", narrow=Narrow(scopes=frozenset({"decide"})))
    answer = await ask(world.gate, "POST", "/access/v1/evaluation", about("mean", "key", key.reveal()), key=key)
    assert answer.status == 400
    assert key.reveal() not in answer.body.decode()


@pytest.mark.parametrize(
    "asked",
    [[], {}, {"action": {"name": "call"}}, {"action": "call", "resource": {"type": "feature", "id": "mean"}},
     {"action": {"name": 1}, "resource": {"type": "feature", "id": "mean"}}, {**about("mean"), "subject": "me"},
     about("mean", "person", "x"), {"evaluations": 3}, {"evaluations": [{}] * 101},
     {"evaluations": [{}], "options": {"evaluations_semantic": "x"}},
     {"evaluations": [{}], "options": {"evaluations_semantic": ["execute_all"]}}],
)  # fmt: skip
async def test_what_is_no_authzen_request_is_400(world: World, asked: object) -> None:
    path = "/access/v1/evaluations" if "evaluations" in asked else "/access/v1/evaluation"  # type: ignore[operator]
    answer = await ask(world.gate, "POST", path, asked, key=world.rights.give("free"))
    assert (answer.status, answer.code) == (400, "invalid_input")


async def test_evaluations_answer_many_at_once_with_shared_parts(world: World) -> None:
    key = world.rights.give("free")
    resources = [{"resource": {"type": "feature", "id": name}} for name in ("mean", "premium_only", "nope", "echo")]
    asked = {"action": {"name": "call"}, "evaluations": [*resources, {"resource": 1}]}

    async def decisions(**options: str) -> list[bool]:
        answer = await ask(world.gate, "POST", "/access/v1/evaluations", {**asked, "options": options}, key=key)
        return [one["decision"] for one in answer.json["evaluations"]]

    assert await decisions() == [True, False, False, True, False]
    assert await decisions(evaluations_semantic="deny_on_first_deny") == [True, False]
    assert await decisions(evaluations_semantic="permit_on_first_permit") == [True]
    single = await ask(world.gate, "POST", "/access/v1/evaluations", about("mean"), key=key)
    assert single.json["decision"] is True


# --- health, metrics, browsers


async def test_ready_is_told_once_the_features_are_loaded(world: World) -> None:
    assert (await ask(world.gate, "GET", "/healthz")).json == {"status": "ok"}
    for _ in range(500):
        if (answer := await ask(world.gate, "GET", "/readyz")).status == 200:
            break
        assert answer.code == "not_ready"
        await asyncio.sleep(0.02)
    assert answer.json == {"status": "ready"}
    world.rights.version = lambda: 1 / 0  # type: ignore[method-assign, assignment, return-value]
    assert (await ask(world.gate, "GET", "/readyz")).status == 503


async def test_metrics_are_for_this_machine_and_for_the_scope(world: World) -> None:
    key = world.rights.give("free")
    await ask(world.gate, "POST", "/v1/features/mean", DATA, key=key)
    await ask(world.gate, "POST", "/v1/features/premium_only", DATA, key=key)
    page = (await ask(world.gate, "GET", "/metrics")).body.decode()
    assert 'licet_requests_total{route="/v1/features/mean",status="200"} 1.0' in page
    assert 'licet_refusals_total{code="feature_not_in_tier"} 1.0' in page
    assert 'licet_request_seconds_bucket{le="+Inf",route="/v1/features/mean"} 1.0' in page
    assert "licet_workers 1.0" in page
    assert (await ask(world.gate, "GET", "/metrics", peer="192.0.2.1")).status == 403
    assert (await ask(world.gate, "GET", "/metrics", x_forwarded_for="192.0.2.1")).status == 403
    assert (await ask(world.gate, "GET", "/metrics", peer="192.0.2.1", key=key)).status == 403
    scoped = world.rights.give("free", narrow=Narrow(scopes=frozenset({"metrics"})))
    assert (await ask(world.gate, "GET", "/metrics", peer="192.0.2.1", key=scoped)).status == 200


async def test_unknown_routes_make_no_series_of_their_own(world: World) -> None:
    for n in range(20):
        await ask(world.gate, "GET", f"/v1/x{n}")
        await ask(world.gate, "POST", f"/v1/features/x{n}", {})
        await ask(world.gate, "POST", f"/v1/features/x{n}", {}, key=Secret("lic_wrong"))
    assert {route for route, _ in world.gate.metrics.requests} == {"", "/v1/features/{name}"}


async def test_browsers_may_call_from_the_origins_that_are_named(world: World) -> None:
    object.__setattr__(world.gate.config, "cors", ("https://app.example.org",))
    asked = {"origin": "https://app.example.org", "access_control_request_method": "POST"}
    preflight = await ask(world.gate, "OPTIONS", "/v1/features/echo", None, **asked)
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == "https://app.example.org"
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in preflight.headers
    other = await ask(world.gate, "OPTIONS", "/v1/features/echo", None, **{**asked, "origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers
    call = await ask(world.gate, "POST", "/v1/features/echo", {}, origin="https://app.example.org")
    assert (call.status, call.headers["access-control-allow-origin"]) == (200, "https://app.example.org")
    refused = await ask(world.gate, "POST", "/v1/features/mean", DATA, origin="https://app.example.org")
    assert refused.headers["access-control-allow-origin"] == "https://app.example.org"


async def test_what_breaks_inside_is_500_with_a_request_id_and_says_nothing_more(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(digest: bytes) -> None:
        raise RuntimeError("canary-of-the-inside")

    world.rights.credential = broken  # type: ignore[method-assign, assignment]
    answer = await ask(world.gate, "GET", "/v1/me", key=world.rights.give("free"))
    assert (answer.status, answer.code) == (500, "internal_error")
    assert "canary" not in answer.body.decode()
    assert answer.headers["x-request-id"] in caplog.text


async def test_a_ledger_that_cannot_be_written_refuses_instead_of_giving_away(world: World) -> None:
    from licet.errors import LicetError

    def broken(ops: object) -> None:
        raise LicetError("the disk is full")

    kept, world.ledger.turn = world.ledger.turn, broken  # type: ignore[method-assign, assignment]
    answer = await ask(world.gate, "POST", "/v1/features/mean", DATA, key=world.rights.give("free"))
    assert (answer.status, answer.code) == (503, "unavailable")
    world.ledger.turn = kept  # type: ignore[method-assign]
