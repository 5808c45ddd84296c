"""What should a client's user be told beside the answer? What changes and what ends, once it is known; one line a topic.

`X-HF-Warning: topic; text` is printed once in the user's terminal by huggingface_hub from 1.x on.
"""

from __future__ import annotations

from collections.abc import Iterator

from licet.gate.clocks import rfc3339
from licet.gate.files import sent
from licet.gate.hub_say import WARNING, line
from licet.gate.rights import Rights
from licet.release.release import Release

AHEAD_S = 366 * 86_400


def notices(release: Release, rights: Rights, now_s: int, url: str) -> Iterator[tuple[bytes, bytes]]:
    """The headers: change dates of what is sent, and a document that is published already and not yet in force, with
    what it no longer offers."""
    for part in sent(release, now_s):
        if part.change_s is not None and part.change_s > now_s:
            day = rfc3339(part.change_s)[:10]
            said = f"`{part.name}` is under {part.license} until {day}, and under {part.change_license} from then on."
            yield WARNING, line(f"license-of-{part.name}; {said}")
    begins_s = _coming(release, rights, now_s)
    if begins_s is not None:
        when, changes = rfc3339(begins_s), f"{url.rstrip('/')}/changes/"
        said = f"New terms of {release.repository} are in force from {when} on: {changes}"
        yield WARNING, line(f"terms-of-{release.name}; {said}")
        sha256 = rights.directory.newest(release.name, begins_s)
        stays = {part.name for part in sent(rights.document(sha256), begins_s)} if sha256 else set()
        for part in sent(release, now_s):
            if part.name not in stays:
                said = f"`{part.name}` is offered until {when}, and no more from then on: {changes}"
                yield WARNING, line(f"sunset-of-{part.name}; {said}")


def _coming(release: Release, rights: Rights, now_s: int) -> int | None:
    """The second from which another document is in force; None: none is published for the year ahead."""
    newest = rights.directory.newest
    if newest(release.name, now_s + AHEAD_S) == release.sha256:
        return None
    low, high = now_s, now_s + AHEAD_S  # in force at `low`, no more at `high`
    while high - low > 1:
        middle = (low + high) // 2
        if newest(release.name, middle) == release.sha256:
            low = middle
        else:
            high = middle
    return high
