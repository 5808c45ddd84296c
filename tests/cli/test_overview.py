"""Does the command line teach and forgive?"""

from __future__ import annotations

import pytest

from licet.cli import COMMANDS, main


def test_licet_alone_prints_the_overview_and_asks_for_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "may WHO do WHAT" in capsys.readouterr().out


def test_a_misspelt_command_gets_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sevre"]) == 2
    assert "did you mean `serve`?" in capsys.readouterr().err


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_help_of_every_command_says_what_it_does_and_shows_an_example(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    page = capsys.readouterr().out
    assert stopped.value.code == 0
    assert page.startswith("usage: licet " + command)
    assert f"licet {command}" in page.split("usage:", 1)[1].split("\n", 1)[1], "no example"


def test_an_unknown_option_is_answered_by_the_command_itself_with_the_nearest_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["may", "use", "MIT", "--fcat", "commercial=true"])
    said = capsys.readouterr().err
    assert stopped.value.code == 2
    assert said.startswith("usage: licet may")
    assert "did you mean `--fact`?" in said
