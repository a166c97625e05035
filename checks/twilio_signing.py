"""Webhook requests as Twilio makes them, signed by its own library."""

from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

ACCOUNT = "AC00000000000000000000000000000001"
TOKEN = "0123456789abcdef0123456789abcdef"
SIGNATURE = "X-Twilio-Signature"
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"

validator = RequestValidator(TOKEN)


class Fields(dict):
    """Name to values, with the method by which the library asks for repeated fields."""

    def __init__(self, pairs):
        super().__init__()
        for name, value in pairs:
            self.setdefault(name, []).append(value)

    def getlist(self, name):
        return self[name]


@dataclass(frozen=True)
class Request:
    """What goes over the wire. `pairs` are a POST's fields; a GET has them in its query."""

    method: str
    path: str
    query: str = ""
    pairs: tuple = ()
    headers: dict = field(default_factory=dict)

    @property
    def target(self):
        query = "&".join(part for part in (self.query, urlencode(self.pairs) if self.method == "GET" else "") if part)
        return f"{self.path}?{query}" if query else self.path

    @property
    def body(self):
        return None if self.method == "GET" else urlencode(self.pairs).encode()

    @property
    def signed_fields(self):
        return {} if self.method == "GET" else Fields(self.pairs)

    def signature(self, origin, algorithm=None, by=validator):
        return by.compute_signature(origin + self.target, self.signed_fields, algorithm)

    def with_headers(self, headers):
        return replace(self, headers=self.headers | headers)

    def signed(self, origin, algorithm=None):
        """As Twilio would send it that knows this server under `origin`."""
        headers = {SIGNATURE: self.signature(origin, algorithm)}
        if algorithm:
            headers[SETTINGS] = f"key=webhooks_sharedkey_1,algorithm={algorithm}"
        return self.with_headers(headers)

    def send(self, server):
        headers = dict(self.headers)
        if self.method != "GET":
            headers.setdefault("Content-Type", FORM)
        return server.ask(self.method, self.target, headers, self.body)


def other(text, at):
    """The text with its byte at this place changed to another letter."""
    changed = "B" if text[at] == "A" else "A"
    return text[:at] + changed + text[at + 1 :] if at != -1 else text[:-1] + changed
