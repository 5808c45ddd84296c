"""Which findings are ignored with a reason, and which ignore comments are wrong themselves?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase

from licet.errors import Finding, closest
from licet.release.check.statement import Mark

_TOP = 20  # lines; a mark there speaks of findings about the whole file


def ignore(
    findings: Sequence[Finding], marks: Sequence[Mark], known: Collection[str]
) -> tuple[list[Finding], list[Finding]]:
    """The findings that stay (with those about the marks themselves), and those that are ignored.

    A mark speaks of its own line and the next; near the top of a file, of the whole file as well. With a glob it speaks
    of every file that the glob fits. Without a reason it speaks of nothing, and is a finding.
    """
    meant = [m for m in marks if m.reason]
    stays: list[Finding] = [
        Finding(
            m.path,
            m.line,
            "ignore-without-reason",
            f"`ignore[{m.rule}]` gives no reason",
            "write behind it why it may stay",
        )
        for m in marks
        if not m.reason
    ]
    gone: list[Finding] = []
    used: set[Mark] = set()
    for finding in findings:
        by = next((m for m in meant if _fits(m, finding)), None)
        if by:
            used.add(by)
        (gone if by else stays).append(finding)
    for mark in meant:
        if mark not in used:
            says = f"nothing is found here that `ignore[{mark.rule}]` would ignore"
            mend = "take it out" if mark.rule in known else closest(mark.rule, known)
            stays.append(Finding(mark.path, mark.line, "ignore-unused", says, mend, "note"))
    return stays, gone


def _fits(mark: Mark, finding: Finding) -> bool:
    if mark.rule != finding.rule:
        return False
    if mark.glob:
        return fnmatchcase(finding.path, mark.glob)
    if mark.path != finding.path:
        return False
    return finding.line in (mark.line, mark.line + 1) or (finding.line <= 1 and mark.line <= _TOP)
