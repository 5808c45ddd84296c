"""Which names may people give? What goes into mails and pages of others: short, printable, no address to click on."""

from __future__ import annotations

import re
import unicodedata

from licet.errors import LicetError

_CLICKED = re.compile(r"[/\\<>@]|:\S|www\.", re.I)


def good(name: str, what: str, most: int) -> str:
    """The name without blanks around and doubled within. LicetError says what is wrong with it."""
    text = " ".join(unicodedata.normalize("NFC", name).split())
    if not text or len(text) > most:
        raise LicetError(f"the name of {what} has 1 to {most} letters")
    if not text.isprintable() or _CLICKED.search(text) or any(unicodedata.category(sign) == "Cf" for sign in text):
        raise LicetError(f"the name of {what} may not look like an address or hide signs", mend="letters and spaces do")
    return text
