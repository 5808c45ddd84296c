"""Documentation that a stranger can follow: every page is listed once, every link leads somewhere, every command is one."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

from licet.cli import COMMANDS, Parser

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMAND = re.compile(r"(?:^|\| |uv run )(licet [^|&>]*)")


def shown(page: Path) -> list[str]:
    """The lines of a page that are typed at a prompt: blocks of no other language, and indented ones."""
    found, fence = [], ""
    for line in page.read_text().splitlines():
        if line.startswith("```"):
            fence = "" if fence else line
        elif fence in ("```", "```console", "```sh") or (not fence and line.startswith("    ")):
            found.append(line.strip().removeprefix("$ "))
    return found


def commands() -> list[tuple[str, str]]:
    """Each `licet …` that is shown, by its page; of a pipe its own part, without what stands behind it to explain it."""
    return [
        (page.name, re.split(r" {2,}", command)[0].strip())
        for page in PAGES
        for line in shown(page)
        for command in COMMAND.findall(line)
    ]


def test_there_are_commands_to_look_at() -> None:
    assert len(commands()) > 45
    assert {("README.md", "licet demo"), ("grants.md", "licet whatif tier ada@example.org premium")} <= {*commands()}


@pytest.mark.parametrize(("page", "command"), sorted(set(commands())))
def test_a_command_in_the_documentation_is_one_that_licet_takes(page: str, command: str) -> None:
    words = shlex.split(command.replace("5f1c…", "5f1c" * 16).replace("…", "x"), comments=True)[1:]
    assert words[0] in COMMANDS, f"{page}: {command}"
    parser = Parser(prog="licet", allow_abbrev=False)
    import_module(f"licet.cli.{words[0]}").add(parser.add_subparsers())
    try:
        parser.parse_args(words)
    except SystemExit:
        pytest.fail(f"{page}: `{command}` is not taken")


def test_every_page_is_listed_once_in_the_index() -> None:
    listed = re.findall(r"^\| \[([\w./-]+)\]\(\1\)", (ROOT / "docs/README.md").read_text(), re.M)
    pages = {p.name for p in (ROOT / "docs").glob("*.md")} - {"README.md"} | {"security/", "decisions/"}
    assert sorted(listed) == sorted(pages)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_within_the_repository_leads_to_a_page_and_a_heading(page: Path) -> None:
    for target in re.findall(
        r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`|^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    ):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name}: {target}"
        if anchor:
            heads = re.findall(r"^#+ (.+)$", file.read_text(), re.M)
            slugs = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
            assert anchor in slugs, f"{page.name}: {target}"


def test_the_refusal_that_the_readme_shows_cites_the_line_of_the_demo() -> None:
    lines = (ROOT / "src/licet/demo/release/licet.toml").read_text().splitlines()
    cited = re.search(r'"because": \[\{"cite": "licet.toml:(\d+)"', (ROOT / "README.md").read_text())
    assert cited is not None
    assert lines[int(cited[1]) - 1 : int(cited[1]) + 1] == ["[[tier]]", 'name = "research"']
