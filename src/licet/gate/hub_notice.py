"""What should a client's user be told beside the answer? Changes of license that are coming, one line a topic.

`X-HF-Warning: topic; text` is printed once in the user's terminal by huggingface_hub from 1.x on.
"""

from __future__ import annotations

from collections.abc import Iterator

from licet.gate.clocks import rfc3339
from licet.gate.directory import Directory
from licet.gate.files import sent
from licet.gate.hub_say import WARNING, line
from licet.release.release import Release

AHEAD_S = 366 * 86_400


def notices(release: Release, directory: Directory, now_s: int, url: str) -> Iterator[tuple[bytes, bytes]]:
    """The headers: change dates of what is sent, and a document that is published already and not yet in force."""
    for part in sent(release, now_s):
        if part.change_s is not None and part.change_s > now_s:
            day = rfc3339(part.change_s)[:10]
            said = f"`{part.name}` is under {part.license} until {day}, and under {part.change_license} from then on."
            yield WARNING, line(f"license-of-{part.name}; {said}")
    begins_s = _coming(release, directory, now_s)
    if begins_s is not None:
        said = f"New terms of {release.repository} are in force from {rfc3339(begins_s)} on: {url.rstrip('/')}/changes/"
        yield WARNING, line(f"terms-of-{release.name}; {said}")


def _coming(release: Release, directory: Directory, now_s: int) -> int | None:
    """The second from which another document is in force; None: none is published for the year ahead."""
    if directory.newest(release.name, now_s + AHEAD_S) == release.sha256:
        return None
    low, high = now_s, now_s + AHEAD_S  # in force at `low`, no more at `high`
    while high - low > 1:
        middle = (low + high) // 2
        if directory.newest(release.name, middle) == release.sha256:
            low = middle
        else:
            high = middle
    return high
