"""The file: who may read it, which schemas are opened, what its log does, and what the audit finds."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Thread
from time import sleep

import pytest

from licet.errors import LicetError
from licet.ledger.audit import seal_file, verify_file
from licet.ledger.checkpoint import Checkpoints
from licet.ledger.ports import Call, Held, Short, Take
from licet.ledger.schema import MIGRATIONS
from licet.ledger.sqlite import SqliteLedger

OCTOBER, NOVEMBER, DECEMBER = 1_790_812_800, 1_793_491_200, 1_796_083_200  # 2026, the first of each


def use(ledger: SqliteLedger, call_id: str, at_s: int, amount: int = 1, counted: int | None = None) -> None:
    take = Take("ann", "sana", "calls/month", OCTOBER, DECEMBER, amount, None)
    ledger.hold(Call(call_id, "ann", "sana", "chat", "key_1", at_s), [take], at_s, 60)
    ledger.settle(call_id, None if counted is None else {"calls/month": counted}, at_s)


def change(ledger: SqliteLedger, sql: str) -> None:
    with closing(sqlite3.connect(ledger.path)) as db, db:
        db.execute(sql)


def test_only_its_owner_may_read_the_ledger_and_its_log(sqlite: SqliteLedger) -> None:
    use(sqlite, "c1", NOVEMBER)
    files = list(sqlite.path.parent.iterdir())
    assert {path.name for path in files} == {f"ledger.sqlite3{end}" for end in ("", "-wal", "-shm", "-alive-a")}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_ledger_of_a_newer_licet_is_refused_and_left_as_it_is(sqlite: SqliteLedger) -> None:
    change(sqlite, f"pragma user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(LicetError, match="newer Licet"):
        SqliteLedger(sqlite.path, process_id="b")
    with closing(sqlite3.connect(sqlite.path)) as db:
        assert db.execute("pragma user_version").fetchone() == (len(MIGRATIONS) + 1,)


def test_many_first_starts_at_once_make_one_schema(tmp_path: Path) -> None:
    failed: list[Exception] = []

    def start(name: str) -> None:
        try:
            SqliteLedger(tmp_path / "ledger.sqlite3", process_id=name).close()
        except Exception as error:
            failed.append(error)

    threads = [Thread(target=start, args=(f"p{i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


@pytest.mark.parametrize("path", ["none/ledger.sqlite3", "."])
def test_a_place_where_no_ledger_can_be_is_an_error_that_says_so(tmp_path: Path, path: str) -> None:
    with pytest.raises(LicetError):
        SqliteLedger(tmp_path / path, process_id="a")


def test_a_file_that_is_no_ledger_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite3").write_text("these are not the rows you are looking for " * 50)
    with pytest.raises(LicetError, match="no ledger"):
        SqliteLedger(tmp_path / "ledger.sqlite3", process_id="a")


def test_verify_of_a_ledger_that_is_not_there_makes_none(tmp_path: Path) -> None:
    with pytest.raises(LicetError, match="there is no ledger here"):
        verify_file(tmp_path / "ledger.sqlite3")
    assert not list(tmp_path.iterdir())


def test_checkpoints_write_the_log_back_and_let_it_start_over(sqlite: SqliteLedger) -> None:
    checkpoints, log = Checkpoints(sqlite.path, every_s=0.005, long=20), sqlite.path.with_name("ledger.sqlite3-wal")
    for i in range(200):
        use(sqlite, f"a{i}", NOVEMBER)
    size = log.stat().st_size
    checkpoints.start()
    checkpoints.start()
    for tries in range(1_000):  # until its thread had its turn: then what is written next needs no more room
        sleep(0.005)
        use(sqlite, f"b{tries}", NOVEMBER)
        if log.stat().st_size == size:
            break
        size = log.stat().st_size
    else:
        pytest.fail("the log never started over")
    checkpoints.stop()
    checkpoints.stop()
    with closing(sqlite3.connect(f"file:{sqlite.path}?mode=ro&immutable=1", uri=True)) as file_without_log:
        assert file_without_log.execute("select count(*) from call").fetchone()[0] >= 200
    assert sqlite.verify() == ()


def test_without_checkpoints_no_commit_writes_the_log_back(sqlite: SqliteLedger) -> None:
    for i in range(400):
        use(sqlite, f"c{i}", NOVEMBER)
    assert sqlite.path.with_name("ledger.sqlite3-wal").stat().st_size > 1_000 * 4_096, (
        "more than SQLite's own threshold"
    )
    with closing(sqlite3.connect(f"file:{sqlite.path}?mode=ro&immutable=1", uri=True)) as file_without_log:
        assert file_without_log.execute("select count(*) from sqlite_schema").fetchone() == (0,)


WRONG: dict[str, tuple[str, str]] = {
    "a counter that says more": ("update counter set used = used + 1", "wrong-counter"),
    "a counter that holds for nobody": ("update counter set held = 3", "wrong-counter"),
    "a call taken away": ("delete from call where id = 'c1'", "wrong-counter"),
    "a call counted differently": ("update call set counted = '[5]' where id = 'c1'", "wrong-counter"),
    "a call that ended otherwise": ("update call set state = 'voided' where id = 'c2'", "wrong-counter"),
    "a counter taken away": ("delete from counter", "lost-counter"),
}


@pytest.mark.parametrize(("sql", "rule"), WRONG.values(), ids=WRONG)
def test_verify_finds(sqlite: SqliteLedger, sql: str, rule: str) -> None:
    use(sqlite, "c1", NOVEMBER)
    use(sqlite, "c2", NOVEMBER, counted=4)
    assert verify_file(sqlite.path) == ()
    change(sqlite, sql)
    (finding,) = verify_file(sqlite.path)
    assert finding.rule == rule
    assert finding.path == str(sqlite.path)


def test_a_wrong_counter_is_told_in_words_that_a_person_can_check(sqlite: SqliteLedger) -> None:
    use(sqlite, "c1", NOVEMBER, 2)
    change(sqlite, "update counter set used = 7")
    (finding,) = sqlite.verify()
    assert "`calls/month` of ann in `sana` since 2026-10-01T00:00:00Z says 7 used, 0 held" in finding.message
    assert "its calls add up to 2 used, 0 held" in finding.message


def test_a_sealed_month_keeps_its_sums_when_its_calls_go_to_the_archive(sqlite: SqliteLedger) -> None:
    use(sqlite, "c1", OCTOBER, 2)
    use(sqlite, "c2", NOVEMBER - 1, counted=5)
    use(sqlite, "c3", NOVEMBER)
    made = sqlite.seal("2026-10", NOVEMBER)
    assert (made.calls, made.until_s, len(made.sha256)) == (2, NOVEMBER, 64)
    assert sqlite.verify() == ()
    change(sqlite, f"delete from call where closed_s < {NOVEMBER}")
    assert sqlite.verify() == ()
    assert sqlite.seal("2026-10", DECEMBER) == made
    assert sqlite.seal("2026-11", DECEMBER).calls == 1
    assert sqlite.verify() == ()


@pytest.mark.parametrize(
    "sql",
    [
        "delete from call where id = 'c1'",
        "update call set key_id = 'key_2' where id = 'c1'",
        "update call set counted = '[9]' where id = 'c1'",
        "update call set status = 500 where id = 'c1'",
    ],
)
def test_a_change_to_a_sealed_call_is_found(sqlite: SqliteLedger, sql: str) -> None:
    use(sqlite, "c1", OCTOBER)
    use(sqlite, "c2", OCTOBER)
    sqlite.seal("2026-10", NOVEMBER)
    change(sqlite, sql)
    assert [finding.rule for finding in sqlite.verify()] == ["broken-seal"]


def test_what_ends_after_a_seal_lies_after_it_even_if_the_clock_went_back(sqlite: SqliteLedger) -> None:
    use(sqlite, "c1", OCTOBER)
    sqlite.seal("2026-10", NOVEMBER)
    use(sqlite, "c2", OCTOBER + 5)
    assert sqlite.verify() == ()
    assert sqlite.seal("2026-11", DECEMBER).calls == 1
    assert sqlite.verify() == ()


def test_a_call_that_is_open_across_the_seal_is_counted_in_the_next_stretch(sqlite: SqliteLedger) -> None:
    take = Take("ann", "sana", "calls/month", OCTOBER, DECEMBER, 3, None)
    sqlite.hold(Call("c1", "ann", "sana", "chat", "key_1", NOVEMBER - 5), [take], NOVEMBER - 5, 60)
    assert sqlite.seal("2026-10", NOVEMBER).calls == 0
    assert sqlite.verify() == ()
    sqlite.settle("c1", None, NOVEMBER + 5)
    assert sqlite.verify() == ()
    assert sqlite.seal("2026-11", DECEMBER).calls == 1


REFUSED: dict[str, Callable[[Path], object]] = {
    "is not over yet": lambda path: seal_file(path, "2026-11", DECEMBER - 1),
    "is no month": lambda path: seal_file(path, "November", DECEMBER),
    "lies under a later seal": lambda path: (
        seal_file(path, "2026-11", DECEMBER),
        seal_file(path, "2026-10", DECEMBER),
    ),
}


@pytest.mark.parametrize("says", REFUSED)
def test_a_month_that_cannot_be_sealed_is_an_error_that_says_why(sqlite: SqliteLedger, says: str) -> None:
    with pytest.raises(LicetError, match=says):
        REFUSED[says](sqlite.path)


def test_verify_and_seal_may_run_beside_a_server_that_holds(sqlite: SqliteLedger) -> None:
    take = Take("ann", "sana", "calls/month", OCTOBER, DECEMBER, 3, None)
    sqlite.hold(Call("c1", "ann", "sana", "chat", "key_1", NOVEMBER), [take], NOVEMBER, 60)
    assert verify_file(sqlite.path) == ()
    seal_file(sqlite.path, "2026-10", NOVEMBER)
    assert sqlite.used("ann", "sana")[0].held == 3, "its hold is still alive"


def test_a_number_that_was_never_written_is_remembered_by_nobody(sqlite: SqliteLedger) -> None:
    """A disk that is full halfway: the counter was numbered, the call was not written, and all of it is undone."""
    sqlite._db.execute(f"pragma max_page_count = {sqlite._db.execute('pragma page_count').fetchone()[0]}")
    takes = (Take("ann", "sana", "calls/month", OCTOBER, DECEMBER, 1, 1),)
    with pytest.raises(LicetError, match="make room"):
        sqlite.hold(Call("c" * 50_000, "ann", "sana", "chat", "key_1", NOVEMBER), takes, NOVEMBER, 60)
    sqlite._db.execute("pragma max_page_count = 1000000")
    bob = (replace(takes[0], holder="bob"),)  # whose counter now has the number that ann's never got
    assert sqlite.hold(Call("c1", "bob", "sana", "chat", "key_2", NOVEMBER), bob, NOVEMBER, 60) == Held("c1")
    assert sqlite.hold(Call("c2", "ann", "sana", "chat", "key_1", NOVEMBER), takes, NOVEMBER, 60) == Held("c2")
    assert isinstance(sqlite.hold(Call("c3", "ann", "sana", "chat", "key_1", NOVEMBER), takes, NOVEMBER, 60), Short)
    assert [(c.used, c.held) for c in sqlite.counters((*takes, *bob))] == [(0, 1), (0, 1)]
    assert sqlite.verify() == ()
