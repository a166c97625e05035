"""Every webhook of calls that Twilio signs, under every address by which it may know the server.

What is tried is in `Visit`s and `WEBHOOKS`; a webhook in the server's OpenAPI document that is not in `WEBHOOKS` fails.
"""

import json
from dataclasses import dataclass, replace
from hashlib import sha256

from twilio.request_validator import RequestValidator

import twilio_calls
import twilio_sockets
from server import Server
from twilio_signing import ACCOUNT, SIGNATURE, TOKEN, Request, other, validator
from twilio_twiml import examine

TWIML = (200, "text/xml")
OK = (200, "text/plain")
NOTHING = (204, "")


@dataclass(frozen=True)
class Webhook:
    path: str
    methods: tuple
    answer: tuple
    # What the addresses that the server itself gives to Twilio carry.
    query: str = ""
    unsigned: bool = False


BOTH = ("POST", "GET")
WEBHOOKS = (
    Webhook("/webhook/incoming_call", BOTH, TWIML),
    Webhook("/webhook/handle_recording", ("POST",), TWIML),
    Webhook("/webhook/call_status", BOTH, OK),
    Webhook("/webhook/recording_status", ("POST",), NOTHING),
    Webhook("/webhook/stream_ended", BOTH, TWIML),
    Webhook("/webhook/stream_status", BOTH, NOTHING, unsigned=True),
    Webhook("/webhook/dial_ended", ("POST",), TWIML, "call=1"),
    Webhook("/webhook/whisper", ("POST",), TWIML, "call=1"),
    Webhook("/webhook/take_over", ("POST",), TWIML, "call=1&user=1&at=0"),
    Webhook("/webhook/take_over_ended", ("POST",), NOTHING, "call=1&user=1&at=0&first="),
)

CALL = (
    ("CallSid", "CA5f1e"),
    ("AccountSid", ACCOUNT),
    ("From", "+972501234567"),
    ("To", "+97231234567"),
    ("CallStatus", "in-progress"),
    ("Direction", "inbound"),
)
HEBREW = (("CallerName", "דנה לוי־כהן"), ("SpeechResult", "שָׁלוֹם, אפשר תור? 🙂"), ("שדה", "ערך"))
EMPTY = (("FromCity", ""), ("CallerName", ""), ("Empty", ""))
REPEATED = (("MediaUrl", "b"), ("MediaUrl", "a"), ("Digit", "1"), ("MediaUrl", "b"), ("MediaUrl", ""))
MARKS = (("Notes", "a&b=c+d%20/?#;\"'<>~*()!\r\n\t$,@[]{}|\\^`"), ("a b", "_-."), ("B", "1"), ("b", "2"), ("B1", ""))
FIELDS = {
    "plain": ("", CALL),
    "repeated": ("", CALL + REPEATED),
    "Hebrew": ("", CALL + HEBREW),
    "empty": ("", CALL + EMPTY),
    "marks": ("", CALL + MARKS),
    "no fields": ("", ()),
    "query": ("x=1&y=a%20b&x=0&q=%D7%A9&e=&bare&z=it%27s", CALL),
    "everything": ("y=a%20b&x=1&x=1&e=", CALL + HEBREW + EMPTY + REPEATED + MARKS),
}

H = "agent.example.com"
HTTPS = (f"https://{H}", f"https://{H}:443")
HTTPS_8443 = (f"https://{H}", f"https://{H}:8443")
HTTP = (f"http://{H}", f"http://{H}:80")


def forwarded(host, scheme="https"):
    return {"X-Forwarded-Proto": scheme, "X-Forwarded-Host": host}


@dataclass(frozen=True)
class Visit:
    """Under which origins Twilio may have signed, given what the proxy says. `{port}` is the server's own."""

    name: str
    origins: tuple
    headers: dict
    # Signed as that, it must not be believed.
    stranger: str = "https://elsewhere.example.com"


@dataclass(frozen=True)
class Home:
    """A server with its settings, and the ways that lead to it."""

    name: str
    settings: dict
    visits: tuple


HOMES = (
    Home(
        "address without port",
        {"PUBLIC_BASE_URL": f"https://{H}"},
        (
            Visit("direct", HTTPS, {}),
            Visit("behind a proxy nobody trusts", HTTPS, forwarded("x.example.com"), "https://x.example.com"),
        ),
    ),
    Home("address with a port", {"PUBLIC_BASE_URL": f"https://{H}:8443"}, (Visit("direct", HTTPS_8443, {}),)),
    Home(
        "no address",
        {},
        (
            Visit("direct", ("http://127.0.0.1:{port}", "http://127.0.0.1"), {}),
            Visit("another Host", HTTP, {"Host": H}),
            Visit("behind a proxy nobody trusts", HTTP, {"Host": H} | forwarded(H), HTTPS[0]),
        ),
    ),
    Home(
        "trusted proxy",
        {"TRUST_PROXY": "1"},
        (
            Visit("scheme and host", HTTPS, forwarded(H)),
            Visit("host with a port", HTTPS_8443, forwarded(f"{H}:8443")),
            Visit("several proxies", HTTPS, forwarded(f"{H}, inner.local", "https, http")),
            Visit("scheme only", HTTPS, {"X-Forwarded-Proto": "https", "Host": H}, f"http://{H}"),
            Visit("nothing said", HTTP, {"Host": H}),
        ),
    ),
    Home(
        "address and trusted proxy",
        {"PUBLIC_BASE_URL": f"https://{H}", "TRUST_PROXY": "1"},
        (Visit("another host", (*HTTPS, "https://second.example.com"), forwarded("second.example.com")),),
    ),
)
SETTINGS = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN}


def requests(webhook, fields):
    more, pairs = FIELDS[fields]
    query = "&".join(part for part in (webhook.query, more) if part)
    return [Request(method, webhook.path, query, pairs) for method in webhook.methods]


def accepted(tally, webhook, reply, what):
    status, kind = webhook.answer
    tally.check((reply.status, reply.content_type) == (status, kind), f"{what}: {status} {kind}", reply)
    if webhook.answer == TWIML:
        _, flaws = examine(reply.body)
        tally.check(not flaws, f"{what}: TwiML", f"{flaws} in {reply}")
    else:
        tally.check(reply.body == (b"OK" if webhook.answer == OK else b""), f"{what}: its body", reply)


def refused(tally, reply, what):
    tally.check(reply.status == 403 and not reply.body, f"{what}: 403", reply)


def falsified(request, stranger):
    """The signed request with one thing wrong, each in its own way. Wants fields and a query."""
    signature = request.headers[SIGNATURE]
    signed = lambda value: request.with_headers({SIGNATURE: value})
    name, value = request.pairs[0]
    rest = request.pairs[1:]
    yield "a byte of a value", replace(request, pairs=((name, other(value, -1)), *rest))
    yield "a byte of a name", replace(request, pairs=((other(name, -1), value), *rest))
    yield "a byte of the query", replace(request, query=other(request.query, len(request.query) // 2))
    yield "a field less", replace(request, pairs=rest)
    yield "a field more", replace(request, pairs=(*request.pairs, ("CallDuration", "9")))
    for at in (0, len(signature) // 2, len(signature) - 2, -1):
        yield f"byte {at} of the signature", signed(other(signature, at))
    yield "half a signature", signed(signature[: len(signature) // 2])
    yield "another's token", signed(request.signature(stranger, by=RequestValidator(TOKEN[::-1])))
    yield "another's address", signed(request.signature(stranger))
    yield "an empty signature", signed("")


def signatures(tally, server, home, visit):
    """Everything properly signed is taken, everything else is not."""
    for webhook in WEBHOOKS:
        for fields in FIELDS if visit is home.visits[0] else ("plain", "everything"):
            for request in requests(webhook, fields):
                for origin in (origin.format(port=server.port) for origin in visit.origins):
                    what = f"{home.name}, {visit.name}: {request.method} {webhook.path} ({fields}), signed as {origin}"
                    signed = request.with_headers(visit.headers).signed(origin)
                    own = validator.validate(origin + request.target, request.signed_fields, signed.headers[SIGNATURE])
                    tally.check(own, f"{what}: by the library itself")
                    accepted(tally, webhook, signed.send(server), what)
        for request in requests(webhook, "everything"):
            what = f"{home.name}, {visit.name}: {request.method} {webhook.path}"
            request = request.with_headers(visit.headers)
            signed = request.signed(visit.origins[0].format(port=server.port))
            for wrong, changed in falsified(signed, visit.stranger):
                refused(tally, changed.send(server), f"{what} with {wrong}")
            unsigned = request.send(server)
            if webhook.unsigned:
                accepted(tally, webhook, unsigned, f"{what} unsigned")
            else:
                refused(tally, unsigned, f"{what} unsigned")


def other_ways(tally, server):
    """Shared keys, JSON bodies."""
    origin = HTTPS[0]
    for webhook in WEBHOOKS:
        for request in requests(webhook, "everything"):
            what = f"{request.method} {webhook.path}"
            sha2 = request.signed(origin, "HMAC_SHA256")
            accepted(tally, webhook, sha2.send(server), f"{what} with a shared key")
            for wrong, headers in (
                ("without its name", {SIGNATURE: sha2.headers[SIGNATURE]}),
                ("the other's name", sha2.headers | {SIGNATURE: request.signature(origin)}),
            ):
                refused(tally, request.with_headers(headers).send(server), f"{what} with a shared key, {wrong}")
            if request.method == "POST":
                in_json(tally, server, webhook, origin)


def in_json(tally, server, webhook, origin):
    body = json.dumps(dict(CALL + HEBREW), ensure_ascii=False)
    query = f"{webhook.query}&" if webhook.query else ""
    target = f"{webhook.path}?{query}bodySHA256={validator.compute_hash(body)}"
    signature = validator.compute_signature(origin + target, {})
    tally.check(validator.validate(origin + target, body, signature), f"JSON to {target}: by the library itself")
    headers = {"Content-Type": "application/json", SIGNATURE: signature}
    accepted(tally, webhook, server.ask("POST", target, headers, body.encode()), f"JSON to {webhook.path}")
    changed = body.replace("CA5f1e", "CA5f1f").encode()
    refused(tally, server.ask("POST", target, headers, changed), f"JSON to {webhook.path} with a changed byte")
    rehashed = target.replace(validator.compute_hash(body), sha256(changed).hexdigest())
    refused(tally, server.ask("POST", rehashed, headers, changed), f"JSON to {webhook.path} with another hash")


def every_byte(tally, server):
    """Of one request each byte is changed in turn."""
    for request in requests(WEBHOOKS[0], "plain"):
        signed = request.signed(HTTPS[0])
        sent = signed.body.decode() if signed.body else signed.target
        for at in range(0 if signed.body else signed.target.index("?") + 1, len(sent)):
            changed = other(sent, at)
            target, body = (signed.target, changed.encode()) if signed.body else (changed, None)
            headers = {"Content-Type": "application/x-www-form-urlencoded"} | signed.headers
            reply = server.ask(signed.method, target, headers, body)
            refused(tally, reply, f"{signed.method} {signed.path} with byte {at} of {sent!r} changed")


def as_documented(tally, server):
    """The server's own list of webhooks is ours."""
    document = json.loads(server.ask("GET", "/openapi.json").body)
    listed = {
        (method.upper(), path): operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if isinstance(operation, dict) and "twilio_signature" in operation.get("x-auth", "")
        # Those of messages have signatures that are good once; whatsapp_twilio.py holds them against the library.
        and not path.startswith("/webhook/whatsapp/")
    }
    ours = {(method, webhook.path): webhook for webhook in WEBHOOKS for method in webhook.methods}
    for operation in listed.keys() - ours.keys():
        tally.check(False, f"{operation} stands in /openapi.json: it wants a line in WEBHOOKS of {__file__}")
    for operation, webhook in ours.items():
        status, kind = webhook.answer
        responses = listed.get(operation, {}).get("responses", {})
        what = f"{operation} in /openapi.json"
        tally.check({str(status), "403"} <= responses.keys(), f"{what}: {status} and 403", responses)
        said = set(responses.get(str(status), {}).get("content", {}))
        tally.check(said == ({kind} - {""}), f"{what}: {kind}", said)


def limits(tally):
    """Who keeps coming without a good signature is told to wait; Twilio is not."""
    with Server(SETTINGS | {"PUBLIC_BASE_URL": HTTPS[0]}) as server:
        for webhook in WEBHOOKS:
            request = requests(webhook, "plain")[0]
            if webhook.path in ("/webhook/incoming_call", "/webhook/call_status", "/webhook/stream_ended"):
                most = 60 if webhook.path.endswith("_status") else 30
                wrong = request.with_headers({SIGNATURE: "AAAA"})
                replies = []
                while len(replies) <= 2 * most and not any(reply.status == 429 for reply in replies):
                    replies.append(wrong.send(server))
                # One more is allowed again with every second or two.
                refusals = sum(reply.status == 403 for reply in replies)
                tally.check(most <= refusals <= most + 10, f"{webhook.path}: 429 after {most} a minute", refusals)
                wait = replies[-1].headers.get("retry-after", "")
                tally.check(wait.isdigit() and 1 <= int(wait) <= 60, f"{webhook.path}: Retry-After", wait)
            accepted(tally, webhook, request.signed(HTTPS[0]).send(server), f"{webhook.path} after the limit")


def at_home(tally, home):
    settings = SETTINGS | {"RATE_WEBHOOK_UNVERIFIED": "off"} | home.settings
    with Server(settings) as server:
        works = [(twilio_sockets.sockets, tally, server, home)]
        works += [(signatures, tally, server, home, visit) for visit in home.visits]
        if home is HOMES[0]:
            as_documented(tally, server)
            twilio_calls.answers(tally, server, HTTPS[0])
            works += [(work, tally, server) for work in (other_ways, every_byte)]
        tally.together(works)


def run(tally):
    tally.together([(limits, tally), *((at_home, tally, home) for home in HOMES)])
