"""What calls are answered with, each step: the verbs, and that Twilio can fetch what it is told to play."""

from urllib.parse import urlsplit

from twilio_signing import ACCOUNT, Request
from twilio_twiml import examine, shape

MESSAGE = "Play Pause Record"
ROOM = "Dial(Conference)"
RECORDED = (("RecordingSid", "RE1"), ("RecordingUrl", "http://127.0.0.1:9/recording"), ("RecordingDuration", "3"))


def fields(call_sid, more=()):
    call = {"CallSid": call_sid, "AccountSid": ACCOUNT, "From": "+972501234567", "To": "+97231234567"}
    return tuple((call | {"Direction": "inbound", "CallStatus": "in-progress"} | dict(more)).items())


# Path, call, what else is posted, and the verbs of the answer, in this order on a fresh server: the first call is 1.
STEPS = (
    ("/webhook/incoming_call", "CA1", (), "Play Connect(Stream(Parameter))"),
    ("/webhook/whisper?call=1", "CA2", (), "Gather(Say) Hangup"),
    ("/webhook/whisper?call=1", "CA2", (("Digits", "1"),), ""),
    ("/webhook/whisper?call=1", "CA2", (("Digits", "2"),), "Hangup"),
    ("/webhook/take_over?call=1&user=1&at=0", "CA3", (), "Hangup"),
    ("/webhook/take_over?call=1&user=1&at=0", "CA3", (("Digits", "1"),), ROOM),
    ("/webhook/take_over?call=1&user=2&at=0", "CA4", (("Digits", "1"),), "Say Hangup"),
    ("/webhook/stream_ended", "CA1", (), ROOM),
    ("/webhook/dial_ended?call=1", "CA1", (("DialCallStatus", "no-answer"),), MESSAGE),
    ("/webhook/handle_recording", "CA1", RECORDED, "Play Hangup"),
    ("/webhook/stream_ended", "CA1", (("CallStatus", "completed"),), "Hangup"),
    ("/webhook/incoming_call", "CA5", (), "Play Connect(Stream(Parameter))"),
    ("/webhook/stream_ended", "CA5", (), MESSAGE),
    ("/webhook/handle_recording", "CA5", (), MESSAGE),
)
CLIPS = (
    "/static/tts/greeting_he.mp3",
    "/static/tts/fallback_he.mp3",
    "/static/voice_responses/greeting_he.mp3",
    "/static/voice_responses/welcome.mp3",
    "/server/static/voice_responses/welcome.mp3",
    "/server/static/voice_responses/fallback_he.mp3",
)


def answer(server, origin, target, pairs):
    path, _, query = target.partition("?")
    return Request("POST", path, query, pairs).signed(origin).send(server)


def stream_token(server, origin, call_sid):
    """The token that a media socket of this call must show."""
    root, _ = examine(answer(server, origin, "/webhook/incoming_call", fields(call_sid)).body)
    return next(parameter.get("value") for parameter in root.iter("Parameter"))


def answers(tally, server, origin):
    played = set(CLIPS)
    for target, call_sid, more, verbs in STEPS:
        reply = answer(server, origin, target, fields(call_sid, more))
        root, flaws = examine(reply.body)
        what = f"{target} of {call_sid} with {dict(more)}"
        tally.check(reply.status == 200 and not flaws, f"{what}: TwiML", f"{flaws} in {reply}")
        if root is not None:
            tally.check(shape(root) == verbs, f"{what}: {verbs}", reply)
            addresses = [urlsplit(play.text) for play in root.iter("Play")]
            ours = all(f"{url.scheme}://{url.netloc}" == origin for url in addresses)
            tally.check(ours, f"{what}: plays from {origin}", reply)
            played |= {url.path for url in addresses}
    for path in sorted(played):
        fetched(tally, server, path)


def fetched(tally, server, path):
    whole = server.ask("GET", path)
    tally.check((whole.status, whole.content_type) == (200, "audio/mpeg"), f"{path}: audio/mpeg", whole.status)
    head = server.ask("HEAD", path)
    tally.check((head.status, head.content_type) == (200, "audio/mpeg"), f"HEAD {path}: audio/mpeg", head.status)
    part = server.ask("GET", path, {"Range": "bytes=0-99"})
    tally.check(part.status == 206 and part.body == whole.body[:100], f"{path} in parts", part.status)
