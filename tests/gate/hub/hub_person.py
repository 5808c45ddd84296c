"""A person with a browser, as far as forms go: logs in to the portal, opens a page, presses a button."""

from __future__ import annotations

import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar


class Person:
    def __init__(self, url: str) -> None:
        self.url = url
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def open(self, path: str, form: dict[str, str] | None = None) -> str:
        """The page, redirects followed; a form takes the word along that its page gave."""
        url = path if path.startswith("http") else self.url + path
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        try:
            with self._browser.open(urllib.request.Request(url, data, {"Referer": url}), timeout=30) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as refused:
            with refused:
                return str(refused.read().decode())

    def log_in(self, email: str, password: str) -> None:
        page = self.open("/accounts/login/")
        self.open("/accounts/login/", {**word(page), "login": email, "password": password})


def word(page: str) -> dict[str, str]:
    """The CSRF word of a page's form."""
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    return {"csrfmiddlewaretoken": found[1]} if found else {}
