"""How long may a browser rest before it is asked again who it is? As long as LICET_IDLE_MINUTES says; without it, for ever.

Counted in the session, by pages asked for; written once a minute at most, so that reading costs no writing.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from licet.portal import clock
from licet.portal.config import current

KEY, STEP_S = "seen_s", 60


class Idle(MiddlewareMixin):
    """Stands behind Django's sessions and accounts, and only where there is a limit."""

    def process_request(self, request: HttpRequest) -> None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return
        now, most_s = clock.now_s(), (current().idle_minutes or 0) * 60
        seen_s = request.session.get(KEY, now)
        if now - seen_s >= most_s:
            logout(request)  # the session is gone on the server, not only from this browser
            messages.info(request, _("You were away for a while: sign in again."))
        elif KEY not in request.session or now - seen_s >= min(STEP_S, most_s // 2):
            request.session[KEY] = now
