"""What does a feature of a Licet gate answer? `LICET_KEY=... python ask.py URL FEATURE JSON`, standard library only."""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request


def ask(url: str, feature: str, body: str, key: str) -> tuple[int, str]:
    """Status and text of one call. A refusal is an answer too: its text says why and what would be a yes."""
    if not url.startswith(("http://", "https://")):
        raise SystemExit(f"{url} is no http address")
    request = urllib.request.Request(  # noqa: S310  (the address was looked at above)
        f"{url.rstrip('/')}/v1/features/{feature}",
        data=body.encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=90) as response:  # noqa: S310
            return response.status, response.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def main() -> int:
    """Print what the gate says, indented if it is JSON; 0 for an answer, 1 for a refusal, 2 for a wrong call."""
    if len(sys.argv) != 4 or "LICET_KEY" not in os.environ:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    url, feature, body = sys.argv[1:]
    status, said = ask(url, feature, body, os.environ["LICET_KEY"])
    try:
        said = json.dumps(json.loads(said), indent=2, ensure_ascii=False)
    except ValueError:
        pass
    sys.stdout.write(f"{said}\n")
    return 0 if status == 200 else 1


if __name__ == "__main__":
    raise SystemExit(main())
