"""The real server program with a database, a disk and a port of its own; gone afterwards.

Knows no vendor: what a suite needs to be set, it says.
"""

import http.client
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60
ANSWER_SECONDS = 20
# Nothing listens there: what the server would ask of companies outside fails at once, on this machine.
NOWHERE = "http://127.0.0.1:9"


def program():
    """The binary's path: AGENTLOCATOR_BIN, else the debug build of this user."""
    if given := os.environ.get("AGENTLOCATOR_BIN"):
        return given
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    target = os.environ.get("CARGO_TARGET_DIR") or Path(cache) / "agentlocator/target"
    return str(Path(target) / "debug/agentlocator")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(frozen=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def content_type(self):
        return (self.headers.get("content-type") or "").split(";")[0].strip()

    def __str__(self):
        return f"{self.status} {self.content_type} {self.body[:300].decode(errors='replace')!r}"


class Server:
    """Runs from `with` to its end. `settings` are environment variables besides the usual ones."""

    def __init__(self, settings):
        self.port = free_port()
        self._settings = settings
        self._local = threading.local()

    def __enter__(self):
        self._folder = Path(tempfile.mkdtemp(prefix="agentlocator-checks-"))
        self._log = open(self._folder / "log", "wb")
        self.environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self._folder),
            "PORT": str(self.port),
            "BIND": "127.0.0.1",
            "DATABASE_URL": f"sqlite:///{self._folder}/checks.db",
            "DATA_DIR": str(self._folder / "data"),
            "SQLITE_SYNCHRONOUS": "normal",
            "LOG_LEVEL": "error",
            "OPENAI_BASE_URL": NOWHERE,
            "GTTS_BASE_URL": NOWHERE,
            "TWILIO_API_BASE": NOWHERE,
            "TTS_ORDER": "espeak",
            "LLM_ORDER": "scripted",
        } | self._settings
        # In its own folder, so that nobody's .env is read.
        self._process = subprocess.Popen(
            [program(), "serve"],
            env=self.environment,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        # Nothing of it is kept, so nothing needs to be finished.
        self._process.kill()
        self._process.wait()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait_until_ready(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                if self.ask("GET", "/readyz").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        log = (self._folder / "log").read_text(errors="replace")
        raise RuntimeError(f"the server did not start:\n{log[-3000:]}")

    def ask(self, method, target, headers=None, body=None):
        """One request over this thread's connection. `target` goes out exactly as it is."""
        for last in (False, True):
            connection = getattr(self._local, "connection", None)
            fresh = connection is None
            if fresh:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
                self._local.connection = connection
            try:
                connection.request(method, target, body=body, headers=headers or {})
                reply = connection.getresponse()
                return Reply(reply.status, reply.headers, reply.read())
            except (http.client.HTTPException, OSError):
                connection.close()
                self._local.connection = None
                if fresh or last:
                    raise
