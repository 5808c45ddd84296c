"""How does somebody say where a key may be used from, and how much with it? Texts into values, or what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any

from licet.errors import LicetError
from licet.release.reader import amount

METERS = ("calls", "units", "tokens")  # what a call takes itself; bytes and downloads are the tier's to count
MOST = 20  # networks of one key: it is looked through at every call


def networks(texts: Iterable[str]) -> list[str] | None:
    """`10.1.2.3`, `10.0.0.0/8`, `2001:db8::/32`, each once; None for no bound at all."""
    found: list[str] = []
    for text in texts:
        try:
            network = str(ip_network(text.strip(), strict=False))
        except ValueError:
            raise LicetError(f"`{text}` is not an address or network", mend="write it like 10.0.0.0/8 or ::1") from None
        if network not in found:
            found.append(network)
    if len(found) > MOST:
        raise LicetError(f"a key has at most {MOST} networks", mend="name wider ones")
    return found or None


def budgets(texts: Iterable[str]) -> list[dict[str, Any]]:
    """`100 calls / day`, in the words of a quota in licet.toml; one of a meter and period."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for text in texts:
        try:
            limit, meter, period = amount.quota(text.strip())
        except amount.AmountError as wrong:
            raise LicetError(str(wrong), mend=wrong.mend) from None
        if meter not in METERS:
            raise LicetError(f"a key's budget counts no `{meter}`", mend="one of " + ", ".join(METERS))
        found[meter, period] = {"limit": limit, "meter": meter, "period": period}
    return list(found.values())
