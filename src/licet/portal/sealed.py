"""How is a secret kept that we have to know again? Sealed with a key of the data folder: a copy of the database opens nothing.

AES-256-GCM, bound to what it is about: a sealed secret moved to another row does not open. Of secrets that we only have
to recognize (keys, passwords) there is a digest instead.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from licet.access.key import Secret
from licet.errors import LicetError
from licet.portal import clock, data_folder
from licet.portal.config import current

_NONCE_BYTES = 12


def seal(secret: str, about: str) -> bytes:
    nonce = clock.dice(_NONCE_BYTES)
    return nonce + _box().encrypt(nonce, secret.encode(), about.encode())


def opened(sealed: bytes, about: str) -> Secret:
    """LicetError where the key of the data folder is another than the one it was sealed with."""
    try:
        told = _box().decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode())
    except (InvalidTag, ValueError):  # ValueError: too short to be sealed at all
        raise LicetError("a sealed secret cannot be opened", where="secrets/seal.key", mend="enter it anew") from None
    return Secret(told.decode())


def _box() -> AESGCM:
    return AESGCM(bytes.fromhex(data_folder.secret(current().data, "seal.key")))
