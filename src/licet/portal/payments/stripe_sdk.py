"""How is Stripe reached? The SDK, loaded when it is first needed; its errors as ours; its objects as plain values.

Only files named `stripe_*` know the SDK, and nothing of it leaves them. A key or a card never stands in an error.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from licet.errors import LicetError
from licet.portal.config import Stripe as Account
from licet.portal.payments.port import Declined, Unreachable

if TYPE_CHECKING:
    from stripe import StripeClient
    from stripe._v1_services import V1Services as V1Services

type Json = dict[str, Any]
TIMEOUT_S = 10  # a person waits for a page
_RETRIES = 1  # the SDK's own, under the same idempotency key

_ECHOES = 20
INSTALL = "pip install 'licet[stripe]'"


def installed() -> None:
    """LicetError where the SDK is not there: asked when a server starts that has a key, not when somebody wants to pay."""
    if find_spec("stripe") is None:
        raise LicetError("LICET_STRIPE_KEY is set, and the Stripe SDK is not installed", mend=INSTALL)


@lru_cache(maxsize=4)
def client(account: Account) -> V1Services:
    """The SDK, ready to ask. LicetError where it is not installed."""
    installed()
    import stripe

    logging.getLogger("stripe").setLevel("WARNING")  # its debug lines hold what was sent
    made: StripeClient = stripe.StripeClient(
        account.key,
        base_addresses={"api": account.api} if account.api else None,
        max_network_retries=_RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
    )
    return made.v1


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Whatever Stripe answers to this becomes `Unreachable` (nothing is known to have happened) or `Declined`."""
    import stripe

    try:
        yield
    except stripe.AuthenticationError:
        raise Declined("Stripe does not know the key", where=what, mend="look at LICET_STRIPE_KEY") from None
    except stripe.PermissionError:
        raise Declined(
            "the key may not do this at Stripe", where=what, mend="give the restricted key that permission"
        ) from None
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise Unreachable("Stripe cannot be reached", where=what, mend="try again in a moment") from error
    except (stripe.CardError, stripe.InvalidRequestError, stripe.IdempotencyError) as error:
        raise Declined(f"Stripe says no: {error.user_message or 'no reason given'}", where=what) from error
    except stripe.StripeError as error:  # 5xx, and what is new
        raise Unreachable("Stripe has trouble of its own", where=what, mend="try again in a moment") from error


def plain(found: Any) -> Json:
    """A StripeObject as a dict, all the way down: since SDK 15 it is none itself."""
    told: Json = found.to_dict()
    return told


@contextmanager
def absent_is_fine() -> Iterator[None]:
    """What Stripe does not have is not there; any other no stays a no."""
    import stripe

    try:
        yield
    except stripe.InvalidRequestError as error:
        if error.http_status != 404 and error.code != "resource_missing":
            raise


def once(create: Any, told: Any, key: str) -> Json:
    """Create under a key of ours: asked again, the same object is answered.

    Under a key Stripe repeats for a day whatever it answered first, also an error of its own. Such an echo says that
    nothing was made, and nothing of now: so it is asked again under the next key. The SDK's own retries are off here,
    for they would hear nothing but echoes; whoever clicks again asks again, and finds what was made.
    """
    import stripe

    for n in range(_ECHOES):
        try:
            named = f"{key}-{n}" if n else key
            return plain(create(told, {"idempotency_key": named, "max_network_retries": 0}))
        except stripe.StripeError as error:
            if (error.headers or {}).get("idempotent-replayed") != "true":
                raise
    return plain(create(told))  # so many errors, and each of them made nothing
