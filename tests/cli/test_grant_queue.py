"""The operator's queue on the command line: what waits, what was said, and each answer there is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.test_operators_commands import FILE, START, licet

PROGRAM = """
[[program]]
name = "art"
features = ["tell"]
questions = ["What is it about?"]
evidence = ["Where is it shown?"]
months = 6
answer_days = 4
"""
MAKE = """
from licet.portal import accounts, documents, events
from licet.portal.events import By
from licet.portal.programs import applications
documents.publish(Path(sys.argv[2]).read_bytes(), events.COMMAND, folder=Path(sys.argv[2]).parent)
for name in ("ada", "bob", "eve"):
    who = accounts.create(f"{name}@example.org", "correct horse battery", events.COMMAND)
    by = By(who.pk)
    found = applications.draft(who, "tale", "art", [f"Whales\\n\\x1b[2Jof {name}"], ["https://uni.example"], by)
    if name != "eve":
        found = applications.send(found, by)
    print(found.pk)
"""


@pytest.fixture
def home(tmp_path: Path) -> tuple[Path, list[str]]:
    """A data folder, and three applications: Ada's and Bob's were sent, Eve's is a draft."""
    (tmp_path / "licet.toml").write_text(FILE + PROGRAM)
    words = [sys.executable, "-c", START + MAKE, str(tmp_path / ".licet"), str(tmp_path / "licet.toml")]
    made = subprocess.run(words, capture_output=True, text=True, check=True)
    return tmp_path, made.stdout.split()


def queue(folder: Path, *more: str) -> dict[str, str]:
    told = json.loads(licet(folder, "grant", "queue", "--json", *more).stdout)
    return {one["for"]: one["state"] for one in told}


def test_each_answer_of_the_queue_is_given_by_a_command(home: tuple[Path, list[str]]) -> None:
    folder, (adas, bobs, eves) = home
    assert queue(folder) == {"ada@example.org": "waits for the operator", "bob@example.org": "waits for the operator"}
    read = licet(folder, "grant", "read", adas).stdout
    assert (
        "What is it about?\n  Whales\n  \\x1b[2Jof ada" in read and "https://uni.example" in read and "\x1b" not in read
    )
    asked = licet(folder, "grant", "ask", bobs, "--words", "who else?")
    assert asked.returncode == 0 and queue(folder) == {"ada@example.org": "waits for the operator"}
    assert "operator" in licet(folder, "grant", "read", bobs).stdout
    done = licet(folder, "grant", "approve", adas, "--until", "2099-06-30")
    assert done.returncode == 0 and "grant_" in done.stdout and "until 2099-06-30" in done.stdout
    assert licet(folder, "grant", "queue").stdout.strip() == "no application waits"
    assert queue(folder, "--all") == {"ada@example.org": "approved", "bob@example.org": "waits for the applicant"}
    assert "ada@example.org" in licet(folder, "grant", "list").stdout
    late = licet(folder, "grant", "approve", adas)
    assert late.returncode == 1 and "the application is: Approved" in late.stderr
    for word in (eves, "app_none"):  # a draft is its writer's own
        missed = licet(folder, "grant", "read", word)
        assert missed.returncode != 0 and "there is no application" in missed.stderr and "queue --all" in missed.stderr


def test_nobody_is_refused_without_words(home: tuple[Path, list[str]]) -> None:
    folder, (adas, *_) = home
    assert licet(folder, "grant", "reject", adas).returncode == 2
    blank = licet(folder, "grant", "reject", adas, "--words", " ")
    assert blank.returncode != 0 and "the applicant reads it" in blank.stderr
    assert licet(folder, "grant", "reject", adas, "--words", "it is for sale").returncode == 0
    assert queue(folder, "--all")["ada@example.org"] == "rejected"
