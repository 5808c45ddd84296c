"""`licet may` about people the server knows: the same answer as at the door, from the data folder, without Django."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SANA = Path(__file__).parent / "sana.toml"

# Django is configured once a process, so the people are made in one of their own.
PREPARE = """
import json, sys
from pathlib import Path
from licet.portal import start
from licet.portal.config import PortalConfig
folder = Path(sys.argv[1])
config = PortalConfig(folder / ".licet", url="http://localhost:8000")
start.configure(config)
start.migrate()
from licet.portal import accounts, documents, events, grants, keys, tiers
by = events.COMMAND
documents.publish((folder / "licet.toml").read_bytes(), by, folder=folder)
ada = accounts.create("ada@example.org", "correct horse battery", by)
bob = accounts.create("bob@example.org", "correct horse battery", by)
tiers.give(bob, "sana", "premium", by)
private = keys.make(ada, "laptop", by, declared={"commercial": False})
narrow = keys.make(bob, "ci", by, features=["look"], declared={"commercial": True})
silent = keys.make(ada, "old", by)
gone = keys.make(ada, "lost", by, declared={"commercial": False})
keys.revoke(gone.key, by)
print(json.dumps({
    "ada": ada.pk, "bob": bob.pk, "private": private.key.pk, "secret": private.secret.reveal(),
    "narrow": narrow.key.pk, "silent": silent.key.pk, "gone": gone.key.pk,
}))
"""


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("known")
    (folder / "licet.toml").write_bytes(SANA.read_bytes())
    done = subprocess.run([sys.executable, "-c", PREPARE, str(folder)], capture_output=True, text=True, check=True)
    return {"folder": str(folder), **json.loads(done.stdout.splitlines()[-1])}


def asked(people: dict[str, str], *words: str, said: str = "") -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "licet", "may", *words], cwd=people["folder"], input=said, capture_output=True, text=True
    )
    return done.returncode, done.stdout or done.stderr


def answer(people: dict[str, str], *words: str, said: str = "") -> dict[str, Any]:
    code, out = asked(people, *words, "--json", said=said)
    assert code == 0, out
    told: dict[str, Any] = json.loads(out)
    return told


def test_a_key_is_asked_about_by_its_public_id(people: dict[str, str]) -> None:
    assert answer(people, "look", "--key-id", people["private"])["detail"] == "Access granted: `look` in free tier."
    refused = answer(people, "paint", "--key-id", people["private"])
    assert refused["code"] == "feature_not_in_tier"
    assert [o["offer"] for o in refused["would_allow"]] == ["tier:research", "tier:premium"]


def test_a_key_itself_is_read_from_standard_input_and_printed_nowhere(people: dict[str, str]) -> None:
    told = answer(people, "look", "--key", "-", said=people["secret"] + "\n")
    assert told["answer"] == "yes"
    assert people["secret"] not in json.dumps(told)
    code, said = asked(people, "look", "--key", people["secret"])
    assert (code, people["secret"] in said) == (2, False)
    assert asked(people, "look", "--key", "-", said="lic_test_nobody\n")[0] == 2


def test_what_a_key_was_narrowed_to_and_what_it_did_not_state_count(people: dict[str, str]) -> None:
    assert answer(people, "look", "--key-id", people["narrow"])["answer"] == "yes"
    narrow = answer(people, "paint", "--key-id", people["narrow"])
    assert (narrow["code"], narrow["would_allow"][0]["offer"]) == ("key_out_of_scope", "key:wide")
    silent = answer(people, "look", "--key-id", people["silent"])
    assert (silent["code"], silent["would_allow"][0]["offer"]) == ("declaration_missing", "key:commercial")


def test_a_revoked_key_is_told_so(people: dict[str, str]) -> None:
    told = answer(people, "look", "--key-id", people["gone"])
    assert (told["answer"], told["code"], told["detail"]) == ("no", "key_revoked", "This key was revoked.")


def test_a_holder_is_asked_about_as_one_whose_keys_state_everything(people: dict[str, str]) -> None:
    assert answer(people, "paint", "--holder", people["bob"], "--fact", "commercial=true")["answer"] == "yes"
    assert answer(people, "paint", "--holder", people["ada"])["code"] == "feature_not_in_tier"


def test_of_somebody_known_it_says_which_branch_opened_and_which_stayed_shut(people: dict[str, str]) -> None:
    told = answer(people, "paint", "--holder", people["ada"])
    found = {one["branch"]: one["answer"] for one in told["branches"]}
    assert (found["account"], found["level"], found["tier"]) == ("yes", "yes", "no")
    assert all(one["because"][0]["cite"] for one in told["branches"])
    code, said = asked(people, "paint", "--holder", people["ada"])
    assert code == 0 and "Branch by branch" in said
    doors = [
        line
        for line in said.partition("Branch by branch\n")[2].partition("\n\n")[0].splitlines()
        if "licet.toml:" in line
    ]
    assert len(doors) > 2 and len({line.index("licet.toml:") for line in doors}) == 1, "cites stand below each other"
    assert "branches" not in answer(people, "paint", "--tier", "free")


def test_somebody_nobody_knows_is_no_question(people: dict[str, str]) -> None:
    assert asked(people, "look", "--holder", "hol_nobody")[0] == 2
    code, said = asked(people, "look", "--key-id", "key_nobody")
    assert code == 2
    assert "licet key list" in said
