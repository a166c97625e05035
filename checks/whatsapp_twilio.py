"""WhatsApp by Twilio, with the vendor's own library.

The library sends to our stand-in, reads its answers, and checks the signatures of its webhooks; the forms that it sends
are the ones that the server's own carrier sends (`crates/providers/src/whatsapp/twilio/fixtures/forms.json`).
"""

import http.client
import json
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from server import free_port, program

ACCOUNT = "AC00000000000000000000000000000001"
TOKEN = "0123456789abcdef0123456789abcdef"
FORMS = Path(__file__).parent.parent / "crates/providers/src/whatsapp/twilio/fixtures/forms.json"
PERSON = "whatsapp:+972501234567"
NUMBER = "whatsapp:+97233000000"
START_SECONDS = 30
WAIT_SECONDS = 10


class Rerouted(TwilioHttpClient):
    """Goes to the stand-in what is meant for the vendor."""

    def __init__(self, base):
        super().__init__()
        self._base = base

    def request(self, method, url, *arguments, **named):
        return super().request(method, url.replace("https://api.twilio.com", self._base), *arguments, **named)


class Hooks:
    """A server that keeps what it is told."""

    def __init__(self):
        self.taken = []
        taken = self.taken

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                taken.append((self.path, self.headers["X-Twilio-Signature"], parse_qsl(body, keep_blank_values=True)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def wait_for(self, count):
        end = time.monotonic() + WAIT_SECONDS
        while len(self.taken) < count and time.monotonic() < end:
            time.sleep(0.02)
        return list(self.taken)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class StandIns:
    """`agentlocator simulate standins`, as long as it is needed."""

    def __init__(self, server):
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        arguments = ["--listen", f"127.0.0.1:{self.port}", "--server", server, "--auth-token", TOKEN]
        self._process = subprocess.Popen(
            [program(), "simulate", "standins", "--voice", "tones", "--account-sid", ACCOUNT, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                self.ask("GET", "/")
                return self
            except OSError:
                time.sleep(0.05)
        self.__exit__()
        raise RuntimeError("the stand-ins did not start")

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)
        try:
            text = None if body is None else json.dumps(body).encode()
            connection.request(method, path, text, {"Content-Type": "application/json"})
            answer = connection.getresponse().read()
            return json.loads(answer) if answer[:1] in (b"[", b"{") else None
        finally:
            connection.close()


def sends(tally, client, standins):
    """What the library sends, and what it makes of the answers."""
    expected = json.loads(FORMS.read_text())
    told = "https://agent.example.com/webhook/whatsapp/status"
    wanted = {
        "text": {"body": "שלום דנה 🙂 & = +", "status_callback": told},
        "media": {"body": "ההצעה", "media_url": ["https://agent.example.com/media/files/t"]},
        "template": {
            "content_sid": "HX00000000000000000000000000000001",
            "content_variables": json.dumps({"1": "דנה", "2": "09:00"}, ensure_ascii=False, separators=(",", ":")),
        },
        "hidden": {"body": "שלום", "to": "whatsapp:IL.13491208655302741918"},
    }
    for name, fields in wanted.items():
        message = client.messages.create(**({"to": PERSON, "from_": NUMBER} | fields))
        last = standins.ask("GET", "/_whatsapp/twilio/sent")[-1]
        tally.check(last["request"] == expected[name], f"{name}: the library's form is {FORMS.name}'s", last["request"])
        tally.check(message.sid == last["id"] and message.status == "queued", f"{name}: taken", message.status)
        tally.check(message.direction == "outbound-api" and message.date_created is not None, f"{name}: dated", vars(message))
        again = client.messages(message.sid).fetch()
        tally.check(again.sid == message.sid and again.from_ == NUMBER, f"{name}: fetched", again.sid)
    listed = client.messages.list(to=PERSON, limit=20)
    tally.check(len(listed) == 3 and all(message.to == PERSON for message in listed), "listed by To", listed)


def refusals(tally, client, standins):
    def code_of(**fields):
        try:
            client.messages.create(**({"to": PERSON, "from_": NUMBER, "body": "x"} | fields))
        except TwilioRestException as refused:
            return refused.code, refused.status
        return None

    for what, fields, expected in (
        ("a text that is too long", {"body": "x" * 1601}, (21617, 400)),
        ("no number", {"to": "whatsapp:nobody"}, (21211, 400)),
        ("not on WhatsApp", {"to": "+972501234567"}, (21211, 400)),
        ("a sender of somebody else", {"from_": "+97233000000"}, (63007, 400)),
        ("a template that is none", {"body": None, "content_sid": "nothing"}, (21655, 400)),
    ):
        saw = code_of(**fields)
        tally.check(saw == expected, f"{what}: {expected}", saw)
    for code, status in ((63016, 400), (20429, 429), (63051, 403), (20500, 500)):
        trouble = {"trouble": {"kind": "refuse", "code": str(code), "status": status}}
        standins.ask("PUT", "/_whatsapp/twilio/troubles", trouble)
        saw = code_of()
        tally.check(saw == (code, status), f"refused with {code}", saw)


def webhooks(tally, client, standins, hooks):
    """Each is signed as the library checks it, with the status callbacks and the inbound messages."""
    validator = RequestValidator(TOKEN)
    hooks.taken.clear()
    standins.ask("PUT", "/_whatsapp/twilio/plan", {"statuses": ["sent", "delivered", "read"], "delay_ms": 5, "copies": 2})
    callback = f"{hooks.base}/webhook/whatsapp/status?secret=a%20b&x=1"
    message = client.messages.create(to=PERSON, from_=NUMBER, body="x", status_callback=callback)
    hooks.wait_for(6)
    letters = [
        {"from": "+972501234567", "text": "שלום & = + 🙂", "name": "דנה"},
        {"from": "IL.13491208655302741918", "text": "hidden"},
        {"from": "+972501234567", "kind": "location", "location": [32.08, 34.78]},
        {"from": "+972501234567", "kind": "image", "file": {"mime_type": "image/jpeg", "content": "YWJj"}},
    ]
    standins.ask("POST", "/_whatsapp/twilio/inbound", letters)
    taken = hooks.wait_for(10)
    tally.check(len(taken) == 10, "six statuses and four messages", len(taken))
    for path, signature, pairs in taken:
        fields = dict(pairs)
        tally.check(validator.validate(hooks.base + path, fields, signature), f"{path}: signed", fields)
        wrong = validator.validate(hooks.base + path, fields | {"Body": "another"}, signature)
        tally.check(not wrong, f"{path}: and nothing else", fields)
    said = [dict(pairs).get("MessageStatus") for path, _, pairs in taken if "status" in path]
    sids = {dict(pairs)["MessageSid"] for path, _, pairs in taken if "status" in path}
    tally.check(said == ["sent", "sent", "delivered", "delivered", "read", "read"], "each status twice", said)
    tally.check(sids == {message.sid}, "of this message", sids)


def run(tally):
    hooks = Hooks()
    try:
        with StandIns(hooks.base) as standins:
            client = Client(ACCOUNT, TOKEN, http_client=Rerouted(standins.base))
            standins.ask("PUT", "/_whatsapp/twilio/plan", {"statuses": []})
            sends(tally, client, standins)
            refusals(tally, client, standins)
            webhooks(tally, client, standins, hooks)
            stranger = Client(ACCOUNT, "another", http_client=Rerouted(standins.base))
            try:
                stranger.messages.create(to=PERSON, from_=NUMBER, body="x")
                tally.check(False, "a stranger's message is refused")
            except TwilioRestException as refused:
                tally.check((refused.code, refused.status) == (20003, 401), "a stranger's message is refused", refused)
    finally:
        hooks.close()
