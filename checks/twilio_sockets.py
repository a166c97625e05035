"""The media socket's upgrade, signed over its `wss` address. A refused one is closed with 1008."""

import json
import socket

from twilio_calls import stream_token
from twilio.request_validator import RequestValidator
from twilio_signing import ACCOUNT, SIGNATURE, TOKEN, other, validator
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import connect

PATHS = ("/ws/twilio-media", "/ws/twilio-media/")
DONE, POLICY = 1000, 1008
SECONDS = 10


def talk(server, path, headers, messages):
    """The code with which the server closes, after these messages."""
    headers = dict(headers)
    host = headers.pop("Host", f"127.0.0.1:{server.port}")
    raw = socket.create_connection(("127.0.0.1", server.port), SECONDS)
    with connect(f"ws://{host}{path}", sock=raw, additional_headers=headers, compression=None) as line:
        try:
            for message in messages:
                line.send(json.dumps(message))
            while True:
                line.recv(SECONDS)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None
        except TimeoutError:
            return "open"


def closed_with(tally, server, path, headers, messages, code, what):
    try:
        saw = talk(server, path, headers, messages)
    except (WebSocketException, OSError) as why:
        saw = repr(why)
    tally.check(saw == code, f"{what}: closed with {code}", saw)


def hung_up():
    """A caller who is gone before the stream starts: closed without complaint, by whomever that is said."""
    stop = {"event": "stop", "sequenceNumber": "2", "streamSid": "MZ1", "stop": {"accountSid": ACCOUNT}}
    return [{"event": "connected", "protocol": "Call", "version": "1.0.0"}, stop]


def whole(call_sid, token):
    """A caller who says nothing and hangs up."""
    connected, stop = hung_up()
    start = {
        "streamSid": "MZ1",
        "accountSid": ACCOUNT,
        "callSid": call_sid,
        "tracks": ["inbound"],
        "customParameters": {"token": token},
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
    }
    return [connected, {"event": "start", "sequenceNumber": "1", "streamSid": "MZ1", "start": start}, stop]


def sockets(tally, server, home):
    """A refused socket lingers a little, so many are tried at once."""
    cases = [*well_signed(server, home), *falsified(server, home)]
    if home.settings.get("PUBLIC_BASE_URL"):
        cases += calls(server, home)
    tally.together([(closed_with, tally, server, *case) for case in cases])


def well_signed(server, home):
    for visit in home.visits:
        for path in PATHS:
            for origin in (origin.format(port=server.port) for origin in visit.origins):
                # Twilio's docs: the signed address may end in a slash that is not asked for.
                for signed_path in PATHS:
                    url = "ws" + origin.removeprefix("http") + signed_path
                    headers = visit.headers | {SIGNATURE: validator.compute_signature(url, {})}
                    what = f"{home.name}, {visit.name}: socket {path} signed as {url}"
                    yield path, headers, hung_up(), DONE, what


def falsified(server, home):
    visit = home.visits[0]
    origin = "ws" + visit.origins[0].format(port=server.port).removeprefix("http")
    for path in PATHS:
        good = validator.compute_signature(origin + path, {})
        elsewhere = "ws" + visit.stranger.removeprefix("http")
        for wrong, signature in (
            ("a changed byte", other(good, 5)),
            ("no content", ""),
            ("another's token", RequestValidator(TOKEN[::-1]).compute_signature(origin + path, {})),
            ("another's address", validator.compute_signature(elsewhere + path, {})),
            ("a byte of the path changed", validator.compute_signature(origin + other(path, 4), {})),
        ):
            headers = visit.headers | {SIGNATURE: signature}
            what = f"{home.name}: socket {path}, signature with {wrong}"
            yield path, headers, hung_up(), POLICY, what


def calls(server, home):
    """A stream of a call is let in by its token; a signature is not needed besides it, and does not replace it."""
    visit = home.visits[0]
    origin = visit.origins[0]
    for number, path in enumerate(PATHS):
        for signed in (True, False):
            signature = validator.compute_signature("ws" + origin.removeprefix("http") + path, {})
            headers = visit.headers | ({SIGNATURE: signature} if signed else {})
            what = f"{home.name}: a call over {path}, {'signed' if signed else 'unsigned'}"
            sid = f"CAsocket{number}{signed}"
            token = stream_token(server, origin, sid)
            yield path, headers, whole(sid, token), DONE, what
            yield path, headers, whole(sid, other(token, 3)), POLICY, f"{what}, with another token"
