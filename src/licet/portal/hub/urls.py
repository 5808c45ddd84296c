"""Which addresses does the Hub's wire have on the portal's side? Included last: the page of a repository is any two words."""

from __future__ import annotations

from django.urls import path, re_path

from licet.portal.hub import device, requests, views

# These first words are no namespace (the reader of licet.toml refuses them), and their pages end with a slash: an address
# without it must go on to be mended, not be taken for a repository.
RESERVED = "api|v1|access|accounts|admin|identity|licenses|docs|documents|oauth|static|my|cdn"

REQUESTS = r"^api/models/(?P<ns>[\w.-]+)/(?P<name>[\w.-]+)/user-access-request"

urlpatterns = [
    path("oauth/device", device.device, name="device"),
    path("oauth/device/answer", device.answer, name="device_answer"),
    path("oauth/token", device.token, name="device_token"),
    path("licenses/<str:component>/text", views.text, name="license_text"),
    re_path(rf"{REQUESTS}/(?P<state>pending|accepted|rejected)$", requests.listed, name="hub_requests"),
    re_path(rf"{REQUESTS}/handle$", requests.handled, name="hub_handle"),
    re_path(rf"{REQUESTS}/grant$", requests.granted, name="hub_grant"),
    re_path(rf"^(?!(?:{RESERVED})/)(?P<ns>[\w.-]+)/(?P<name>[\w.-]+)$", views.repository, name="repository"),
]
