"""`licet may`: both forms, its options, its JSON, its exit codes, and what it never imports."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from licet.cli import main

SANA = Path(__file__).parent / "sana.toml"
DEMO = Path(__file__).parents[2] / "src/licet/demo/release"


@pytest.fixture
def sana(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a release, two levels below which somebody stands."""
    (tmp_path / "licet.toml").write_bytes(SANA.read_bytes())
    below = tmp_path / "src" / "deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    return tmp_path


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = main(["may", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def failed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What is said where the question could not be asked."""
    assert main(["may", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err


# --- of a license ----------------------------------------------------------------------------------------------------


def test_a_license_is_asked_without_any_release(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = told(capsys, "sell", "CC-BY-NC-4.0")
    assert code == 0
    assert answer["answer"] == "no"
    assert answer["detail"] == "No: CC-BY-NC-4.0 does not allow `sell`."
    assert all(row["cite"].startswith("CC-BY-NC-4.0 §") for row in answer["because"])


def test_the_json_has_the_keys_that_others_read(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, answer = told(capsys, "use", "CC-BY-NC-4.0")
    assert list(answer) == ["answer", "detail", "code", "because", "duties", "needs", "would_allow"]
    assert answer["answer"] == "depends"
    assert answer["needs"] == [{"fact": "commercial", "question": "Is it for commercial advantage or payment?"}]
    assert {tuple(row) for row in (*answer["because"], *answer["duties"])} == {("cite", "says")}


def test_a_fact_settles_what_depends(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "use", "CC-BY-NC-4.0", "--fact", "commercial=false")[1]["answer"] == "yes"
    assert told(capsys, "use", "CC-BY-NC-4.0", "--fact", "commercial=true")[1]["answer"] == "no"
    assert told(capsys, "commercial-use", "CC-BY-NC-4.0")[1]["answer"] == "no"


def test_an_expression_is_a_choice(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "sell", "MIT OR CC-BY-NC-4.0")[1]["answer"] == "yes"
    assert told(capsys, "sell", "MIT AND CC-BY-NC-4.0")[1]["answer"] == "no"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("sell", "MIT"), 0),
        (("sell", "CC-BY-NC-4.0"), 1),
        (("use", "CC-BY-NC-4.0"), 3),
    ],
)
def test_exit_codes_tell_the_answer_only_on_request(
    nowhere: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int
) -> None:
    assert main(["may", *words]) == 0
    assert main(["may", *words, "--exit-code"]) == code
    capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("sell",), "licet may ACTION LICENSE"),
        (("sell", "MITT"), "did you mean `MIT`?"),
        (("sel", "MIT"), "did you mean `sell`?"),
        (("use", "MIT", "--fact", "comercial=true"), "`comercial` is not a fact that can be told"),
        (("use", "MIT", "--fact", "commercial=yes"), "`commercial` is true or false, not `yes`"),
        (("use", "MIT", "--fact", "commercial"), "NAME=VALUE"),
        (("use", "MIT", "--tier", "free"), "--tier asks about a release"),
        (("use", "MIT", "--certificate", "c.jwt"), "--certificate asks about a release"),
        (("use", "--release", "no-such-folder"), "no licet.toml there"),
    ],
)
def test_what_cannot_be_asked_exits_2_with_the_mend(
    nowhere: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str
) -> None:
    assert says in failed(capsys, *words)


# --- of a release ----------------------------------------------------------------------------------------------------


def test_licet_toml_is_looked_for_upward(sana: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, answer = told(capsys, "look", "--tier", "free", "--fact", "commercial=true")
    assert (answer["answer"], answer["detail"]) == ("yes", "Access granted: `look` in free tier.")


@pytest.mark.parametrize("place", [DEMO, DEMO / "licet.toml"])
def test_a_release_may_be_named(nowhere: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "basic_analysis", "--tier", "free", "--release", str(place))[1]["answer"] == "yes"


def test_a_refusal_tells_the_ways_to_a_yes(sana: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, answer = told(capsys, "paint", "--tier", "free", "--fact", "commercial=false")
    assert answer["code"] == "feature_not_in_tier"
    assert [offer["offer"] for offer in answer["would_allow"]] == ["tier:research", "tier:premium"]
    assert {tuple(offer) for offer in answer["would_allow"]} == {("offer", "detail", "url", "cite")}


def test_without_a_component_all_are_asked_and_all_must_allow(sana: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, answer = told(capsys, "modify")
    assert answer["answer"] == "no"
    assert list(answer["components"]) == ["code", "weights", "tuned", "trainer"]
    assert answer["components"]["code"]["answer"] == "yes"
    one = told(capsys, "modify", "--component", "code")[1]
    assert (one["answer"], "components" in one) == ("yes", False)


def test_an_unknown_tier_is_a_verdict(sana: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = told(capsys, "look", "--tier", "premum")
    assert (code, answer["code"]) == (0, "unknown_tier")
    assert answer["detail"] == "Invalid user level: no tier `premum`; did you mean `premium`?"


def test_an_unknown_feature_or_component_is_no_question(sana: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean `paint`?" in failed(capsys, "piant")
    assert "did you mean `weights`?" in failed(capsys, "use", "--component", "wieghts")
    assert "it serves `code`" in failed(capsys, "look", "--component", "weights")


def test_a_secret_is_never_an_argument(sana: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (sana / ".licet").mkdir()
    said = failed(capsys, "look", "--key", "lic_test_secret")
    assert "lic_test_secret" not in said


def test_findings_of_the_document_are_shown_all_at_once(sana: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (sana / "licet.toml").write_text('[release]\nname = "sana"\nvershion = "1"\n', encoding="utf-8")
    said = failed(capsys, "look")
    assert "vershion" in said
    assert said.count("licet.toml:") >= 2


def test_the_page_for_people_cites_every_reason(sana: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["may", "paint", "--tier", "free", "--fact", "commercial=false"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("NO  Feature not available in free tier")
    assert lines[1:3] == ["", "Because"]
    assert "What would be a yes" in lines
    assert not any("\033" in line for line in lines)


def test_the_help_teaches_both_forms(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["may", "--help"])
    page = capsys.readouterr().out
    assert "licet may sell CC-BY-NC-4.0" in page
    assert "licet may basic_analysis --tier free" in page


# --- what it costs ---------------------------------------------------------------------------------------------------

HEAVY = ("django", "numpy", "rich", "uvicorn", "license_expression", "sqlite3", "asyncio")


@pytest.mark.parametrize(
    "words", [["sell", "CC-BY-NC-4.0"], ["basic_analysis", "--tier", "free", "--release", str(DEMO)]]
)
def test_nothing_heavy_is_imported(words: list[str], tmp_path: Path) -> None:
    program = (
        "import sys\nfrom licet.cli import main\n"
        f"code = main(['may', *{words!r}])\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], code, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[] 0"


def test_importing_licet_imports_nothing_else() -> None:
    program = "import sys, typing; before = set(sys.modules); import licet; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "licet.terms" not in done.stdout
    assert "re" not in json.loads(done.stdout.replace("'", '"'))
