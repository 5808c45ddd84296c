"""The demo's `licet.toml`: does it load without a finding, and name only what is there?"""

from __future__ import annotations

import importlib
import runpy
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from pathlib import Path
from threading import Thread

import pytest

from licet.gate.hints import parameters_of
from licet.release.accepting import unreadable
from licet.release.document import read

HOME = Path(str(files("licet.demo").joinpath("release")))
DOCUMENT = (HOME / "licet.toml").read_bytes()


def test_the_release_loads_whole_without_a_warning_and_is_served_whole() -> None:
    release = read(DOCUMENT)
    assert (release.name, release.licensor) == ("demo", "Licet demo")
    assert (release.warnings, release.unserved) == ((), ())
    assert "try Licet" in release.why


def test_the_tiers_are_the_three_that_the_demo_promises() -> None:
    tiers = {tier.name: tier for tier in read(DOCUMENT).tiers}
    first = {"basic_analysis", "data_preprocessing", "download_code", "download_probe"}
    every = first | {"advanced_modelling", "embeddings", "chat"}
    assert {name: tier.features for name, tier in tiers.items()} == {"free": first, "research": every, "premium": every}
    quotas = {name: [(q.limit, q.meter, q.period) for q in tier.quotas] for name, tier in tiers.items()}
    assert quotas == {
        "free": [(1000, "calls", "month")],
        "research": [(20000, "calls", "month")],
        "premium": [(100000, "calls", "month"), (100, "units", "month")],
    }
    assert [(p.micros, p.per, p.unit) for p in tiers["premium"].overage] == [(200_000, 10, "units")]
    assert [name for name, tier in tiers.items() if tier.requires_approval] == ["research"]
    assert tiers["free"].rate is None
    price = tiers["premium"].price
    assert price is not None
    assert (price.micros, price.currency, price.unit) == (9_000_000, "EUR", "month")


def test_nobody_has_to_declare_anything() -> None:
    assert read(DOCUMENT).declare == ()


def test_every_component_has_a_folder_with_a_word_about_it() -> None:
    for component in read(DOCUMENT).components:
        assert (HOME / component.path / "README.md").is_file(), component.name


def test_one_component_asks_for_acceptance_and_one_is_closed() -> None:
    components = {c.name: c for c in read(DOCUMENT).components}
    assert [c.name for c in components.values() if c.accept] == ["probe"]
    assert [c.name for c in components.values() if c.proprietary] == ["notes"]
    assert components["sample"].change_license == "CC-BY-4.0"


def test_what_is_asked_to_be_accepted_can_be_read() -> None:
    assert list(unreadable(read(DOCUMENT), HOME)) == []


def test_the_repository_has_a_part_for_everybody_and_a_part_behind_a_license_that_is_there_to_read() -> None:
    release = read(DOCUMENT)
    assert release.repository == "licet-demo/demo"
    assert {f.name: f.download for f in release.features if f.download} == {
        "download_code": "code",
        "download_probe": "probe",
    }
    assert release.anonymous is not None
    assert release.anonymous.features == {"download_code"}
    probe = release.component("probe")
    assert probe is not None
    assert (HOME / "LICENSES" / f"{probe.license}.txt").read_text().startswith("Licet Demo License 1.0")


def test_the_probe_says_what_its_readme_says() -> None:
    numpy = pytest.importorskip("safetensors.numpy", reason="the dependency group `models` is not installed")
    line = numpy.load_file(str(HOME / "weights/probe/model.safetensors"))
    said = line["weight"] @ [10, 0, 0, 0] + line["bias"]
    assert abs(said[0] - (4 + 1.5 * 10)) < 1


CALLED = [f for f in tomllib.loads(DOCUMENT.decode())["feature"] if "call" in f]


@pytest.mark.parametrize("feature", CALLED, ids=lambda f: str(f["name"]))
def test_every_feature_is_a_function_whose_hints_the_gate_can_check(feature: dict) -> None:
    module, _, name = feature["call"].partition(":")
    if module.endswith("models"):
        pytest.importorskip(module, reason="the dependency group `models` is not installed")
    parameters = parameters_of(getattr(importlib.import_module(module), name))
    assert len(parameters.required) == 1


def test_the_gates_check_lets_the_examples_through_and_stops_other_shapes() -> None:
    from licet.demo import features

    for function in (features.basic_analysis, features.data_preprocessing, features.advanced_modelling):
        check = parameters_of(function).check
        for data in ([1, 2, 3, 4, 5], [1.5, None], [[1, 2], [3, 4]], {"a": [1, None], "b": ["x", True]}):
            assert check({"data": data}) == []
        for wrong in ("abc", 7, None, {"a": 1}, [{"a": 1}], [1, float("nan")]):
            assert check({"data": wrong})
        assert check({})


def test_the_example_client_prints_answers_and_refusals_alike(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[tuple[str, str | None, bytes]] = []

    class Gate(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.path, self.headers["Authorization"], body))
            fine = self.path.endswith("basic_analysis")
            self.send_response(200 if fine else 403)
            self.end_headers()
            self.wfile.write(b'{"mean": 3.0}' if fine else b'{"detail": "not in your tier"}')

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Gate) as gate:
        Thread(target=gate.serve_forever, daemon=True).start()
        monkeypatch.setenv("LICET_KEY", "lic_demo")
        codes = []
        for feature in ("basic_analysis", "chat"):
            url = f"http://127.0.0.1:{gate.server_port}/"
            monkeypatch.setattr("sys.argv", ["ask.py", url, feature, '{"data": [1, 2]}'])
            with pytest.raises(SystemExit) as left:
                runpy.run_path(str(HOME / "code/ask.py"), run_name="__main__")
            codes.append(left.value.code)
        gate.shutdown()
    assert codes == [0, 1]
    assert seen[0] == ("/v1/features/basic_analysis", "Bearer lic_demo", b'{"data": [1, 2]}')
    out = capsys.readouterr().out
    assert '"mean": 3.0' in out
    assert "not in your tier" in out
