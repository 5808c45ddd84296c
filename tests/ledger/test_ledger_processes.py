"""Several processes, and processes that are killed: still exact."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from licet.errors import LicetError
from licet.ledger.ports import Call, Counter, Held, Short, Take
from licet.ledger.sqlite import SqliteLedger
from licet.ledger.usage import Usage

HAMMER = Path(__file__).with_name("hammer.py")
NOW = 1_767_222_000


def hammer(*words: object) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    child = subprocess.Popen([sys.executable, HAMMER, *map(str, words)], stdin=pipe, stdout=pipe, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def begin(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.flush()


@pytest.mark.parametrize("ways", [("alone", "alone"), ("turns", "turns"), ("alone", "turns")])
def test_two_processes_at_one_file_admit_exactly_the_limit(tmp_path: Path, ways: tuple[str, str]) -> None:
    file = tmp_path / "ledger.sqlite3"
    children = [hammer(way, file, f"p{i}", 1_000, 800) for i, way in enumerate(ways)]
    for child in children:
        begin(child)
    admitted = [int(child.communicate()[0]) for child in children]
    assert sum(admitted) == 1_000
    assert all(admitted), "both took part"
    ledger = SqliteLedger(file, process_id="after")
    assert ledger.used("ann", "sana") == (Counter("calls/month", 0, 2 * NOW, 1_000, 0),)
    assert ledger.verify() == ()
    ledger.close()


def test_after_kill_9_at_any_point_the_ledger_is_clean_and_keeps_what_was_answered(tmp_path: Path) -> None:
    file, dice, answered = tmp_path / "ledger.sqlite3", Random(9), 0
    for kill in range(10):
        child = hammer("forever", file, f"gate-{kill}")
        begin(child)
        time.sleep(dice.uniform(0.0, 0.15))
        child.kill()
        told, _ = child.communicate()
        lines = told.rpartition("\n")[0].splitlines()  # the last line may be cut
        survivor = SqliteLedger(file, process_id="survivor")
        assert survivor.verify() == ()
        assert [counter.held for counter in survivor.used("ann", "sana")] in ([], [0]), "a dead process holds nothing"
        survivor.close()
        db = sqlite3.connect(file)
        kept = dict(db.execute("select id, state from call"))
        db.close()
        for call_id, state in map(str.split, lines):
            assert kept[call_id] == state
        answered += len(lines)
    assert answered, "some call was answered before its process died"


def hold(ledger: SqliteLedger, call_id: str, lease_s: int = 60) -> Held | Short:
    take = Take("ann", "sana", "calls/month", 0, 2 * NOW, 1, 10)
    return ledger.hold(Call(call_id, "ann", "sana", "chat", "key_1", NOW), [take], NOW, lease_s)


def units_held(ledger: SqliteLedger) -> int:
    return sum(counter.held for counter in ledger.used("ann", "sana"))


def test_a_start_lapses_the_calls_of_the_dead_and_leaves_those_of_the_living(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite3"
    living, dying = SqliteLedger(file, process_id="living"), hammer("forever", file, "dying")
    hold(living, "c1")
    begin(dying)
    time.sleep(0.2)
    dying.kill()
    dying.communicate()
    assert units_held(living) > 1
    third = SqliteLedger(file, process_id="third")
    assert units_held(third) == 1
    assert living.settle("c1", None, NOW).state == "settled"
    third.close()
    living.close()


def test_a_process_that_stops_lapses_its_own_calls_and_leaves_no_lock_behind(tmp_path: Path) -> None:
    first, second = (SqliteLedger(tmp_path / "ledger.sqlite3", process_id=name) for name in "ab")
    hold(first, "c1")
    hold(second, "c2")
    first.close()
    assert units_held(second) == 1
    second.close()
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.sqlite3"]


def test_a_process_that_stops_takes_nothing_away_from_one_that_goes_on(tmp_path: Path) -> None:
    """Once it took itself for the last one, and the log of the other with it (`schema.connect` says why)."""
    going_on = SqliteLedger(tmp_path / "ledger.sqlite3", process_id="going-on")
    for stops in range(2):
        child = hammer("alone", going_on.path, "stops", 0, 0)
        child.communicate("\n")
        hold(going_on, f"c{stops}")
        going_on.settle(f"c{stops}", None, NOW)
    reads = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('select used from counter').fetchone()[0])"
    seen = subprocess.run([sys.executable, "-c", reads, going_on.path], capture_output=True, text=True, check=True)
    assert int(seen.stdout) == 2
    going_on.close()


def test_two_living_processes_cannot_have_one_name(tmp_path: Path) -> None:
    first = SqliteLedger(tmp_path / "ledger.sqlite3", process_id="gate")
    hold(first, "c1")
    with pytest.raises(LicetError, match="open already"):
        SqliteLedger(tmp_path / "ledger.sqlite3", process_id="gate")
    assert units_held(first) == 1
    first.close()


def test_a_name_that_could_leave_the_folder_is_refused(tmp_path: Path) -> None:
    for name in ("", "../gate", "a/b", "x" * 65):
        with pytest.raises(LicetError, match="cannot name a process"):
            SqliteLedger(tmp_path / "ledger.sqlite3", process_id=name)


def test_another_process_lapses_what_a_hanging_one_did_not_renew(tmp_path: Path) -> None:
    hanging, other = (SqliteLedger(tmp_path / "ledger.sqlite3", process_id=name) for name in "ab")
    hold(hanging, "c1", lease_s=30)
    other.sweep(NOW + 30)
    assert units_held(other) == 0
    assert hanging.settle("c1", None, NOW + 31).late
    made = Usage(hanging.path).call("c1")
    assert made is not None
    assert (made.state, made.late) == ("settled", True)
    hanging.close()
    other.close()
