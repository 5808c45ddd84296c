"""How is a password kept? As Argon2id (RFC 9106, its choice for little memory: 64 MiB, three passes).

At most two hashes are worked out at a time: forty log-ins at once would otherwise take 2.5 GiB and every core.
"""

from __future__ import annotations

from threading import BoundedSemaphore

from django.contrib.auth.hashers import Argon2PasswordHasher

_AT_A_TIME = BoundedSemaphore(2)


class Argon2id(Argon2PasswordHasher):
    time_cost = 3
    memory_cost = 65_536  # KiB
    parallelism = 4

    def encode(self, password: str, salt: str) -> str:
        with _AT_A_TIME:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _AT_A_TIME:
            return super().verify(password, encoded)
