"""How is the secret of a sign-in server kept? Sealed with a key of the data folder: a copy of the database opens nothing.

AES-256-GCM, bound to the connection: a sealed secret moved to another row does not open.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from licet.access.key import Secret
from licet.errors import LicetError
from licet.portal import clock, data_folder
from licet.portal.config import current

_NONCE_BYTES = 12


def seal(secret: str, connection_id: str) -> bytes:
    nonce = clock.dice(_NONCE_BYTES)
    return nonce + _box().encrypt(nonce, secret.encode(), connection_id.encode())


def opened(sealed: bytes, connection_id: str) -> Secret:
    """LicetError where the key of the data folder is another than the one it was sealed with."""
    try:
        told = _box().decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], connection_id.encode())
    except InvalidTag:
        raise LicetError(
            "the secret of the sign-in server cannot be opened", where="secrets/sso.key", mend="enter it anew"
        ) from None
    return Secret(told.decode())


def _box() -> AESGCM:
    return AESGCM(bytes.fromhex(data_folder.secret(current().data, "sso.key")))
