"""One caller's requests to the operations of the document, generated and judged by schemathesis."""

import json
import os
import secrets
import subprocess
import traceback
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import schemathesis
from schemathesis import Config
from schemathesis.engine import events, from_schema

from openapi_people import STRANGER, furnish, sign_in
from openapi_steer import Steering
from server import Server

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
# Two more requests for each that is answered; the isolation test holds the same of every operation.
THOROUGH_CHECKS = (*CHECKS, "ignored_auth")
# What the document may say of an operation without this being a fault of the server: settings and companies that are
# not there. That it does say it is another check's business.
NO_FAULT = ["1XX", "2XX", "3XX", "4XX", "501", "502"]
SETTINGS = {"RATE_AUTH": "off", "RATE_API": "off", "BUSINESS_NAME": "Roots"}
SEED = 20261121


@dataclass
class Outcome:
    """What came of one caller's run."""

    name: str
    # Statuses by operation.
    answers: dict = field(default_factory=dict)
    # What failed, with the first request that showed it.
    failures: dict = field(default_factory=dict)
    held: int = 0

    def take(self, recorder):
        for case_id, node in recorder.cases.items():
            interaction = recorder.interactions.get(case_id)
            if interaction is None or interaction.response is None:
                continue
            answer, label = interaction.response, node.value.operation.label
            self.answers.setdefault(label, Counter())[answer.status_code] += 1
            for check in recorder.checks.get(case_id, ()):
                if check.failure_info is None:
                    self.held += 1
                    continue
                failure = check.failure_info.failure
                what = f"{label} for {self.name}: {check.name}: {failure.title}, {answer.status_code}"
                saw = f"{failure.message} {answer.content[:300]!r}\n    {check.failure_info.code_sample[:900]}"
                self.failures.setdefault(what, saw)


def run(name, examples, thorough):
    """All that this caller may ask, on a server of its own. With `thorough` each value that the document allows or
    forbids is tried of every operation; else each allowed one, by owner or admin."""
    with database() as settings, Server(SETTINGS | settings) as server:
        caller = furnish(server, name)
        document = json.loads(server.ask("GET", "/openapi.json").body)
        asked = only_own(name, document)
        brief = [] if thorough else [own for own in asked.values() if not first_of(name, own, owners(server, caller))]
        schema = schemathesis.openapi.from_dict(document, config=config(examples, brief, thorough))
        schema.config.update(base_url=f"http://127.0.0.1:{server.port}")
        steer(Steering(server, caller, SEED))
        if name != STRANGER:
            schemathesis.auth(refresh_interval=86_400, cache_by_key=session)(bearer(server, caller))
        outcome = Outcome(name)
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                outcome.take(event.recorder)
            elif isinstance(event, (events.NonFatalError, events.FatalError)):
                outcome.failures[f"{getattr(event, 'label', '')} for {name} broke off"] = trace(event)
        missing = asked.keys() - outcome.answers.keys()
        if missing:
            outcome.failures[f"{name} did not ask"] = ", ".join(sorted(missing))
        if name != STRANGER and not still_known(server, caller):
            outcome.failures[f"{name} is not known any more"] = "what came after that was asked by a stranger"
        return outcome


def still_known(server, caller):
    headers = {"Authorization": f"Bearer {caller.token(server)}"}
    return server.ask("GET", "/api/tasks", headers).status == 200


def steer(steering):
    @schemathesis.hook
    def before_call(context, case, kwargs):
        steering.change(case)


def trace(event):
    return "".join(traceback.format_exception(getattr(event, "value", None) or event.exception))


def only_own(name, document):
    """Leaves in the document what this caller asks for, and returns it by label. Who is not signed in asks for what is
    open, everybody else for all the rest."""
    own = {}
    for path, item in document["paths"].items():
        for method, operation in list(item.items()):
            if ("x-permission" in operation) == (name != STRANGER):
                own[f"{method.upper()} {path}"] = operation
            else:
                del item[method]
    return own


def owners(server, caller):
    """What an owner may do."""
    headers = {"Authorization": f"Bearer {sign_in(server, caller.owner)}"}
    return json.loads(server.ask("GET", "/api/auth/me", headers).body)["permissions"]


def first_of(name, operation, permissions):
    """Whether this caller is the one of whom every value of the operation is tried."""
    if name == STRANGER:
        return True
    return name == ("owner" if operation["x-permission"] in permissions else "admin")


def session(case, context):
    """An admin who goes on as somebody else has a session of their own: the others stay the admin's."""
    return case.operation.path if "impersonate" in case.operation.path else ""


def bearer(server, caller):
    class Bearer:
        def get(self, case, context):
            return caller.token(server)

        def set(self, case, data, context):
            case.headers["Authorization"] = f"Bearer {data}"

    return Bearer


def config(examples, brief, thorough):
    checks = {"enabled": False} | {name: {"enabled": True} for name in (THOROUGH_CHECKS if thorough else CHECKS)}
    checks["not_a_server_error"]["expected-statuses"] = NO_FAULT
    untried = {"coverage": {"enabled": False}}
    return Config.from_dict(
        {
            "seed": SEED,
            "suppress-health-check": ["all"],
            "continue-on-failure": True,
            "workers": 1,
            "warnings": False,
            # What an earlier run has learned would change this one.
            "cache": {"enabled": False},
            "checks": checks,
            "generation": {
                "max-examples": examples,
                "no-shrink": True,
                "database": "none",
                # That nothing is done for strangers is a check of its own.
                "with-security-parameters": False,
            },
            "phases": {
                "examples": {"enabled": False},
                "coverage": {"unexpected-methods": [], "generation": {"mode": "all" if thorough else "positive"}},
                "stateful": {"enabled": False},
            },
            "operations": [{"include-operation-id": own["operationId"], "phases": untried} for own in brief],
        }
    )


@contextmanager
def database():
    """Settings for a new database on TEST_POSTGRES_URL's server, when that is set; else SQLite's."""
    url = os.environ.get("TEST_POSTGRES_URL")
    if not url:
        yield {}
        return
    name = f"checks_{secrets.token_hex(6)}"
    sql(url, f"CREATE DATABASE {name}")
    try:
        yield {"DATABASE_URL": urlsplit(url)._replace(path=f"/{name}").geturl()}
    finally:
        sql(url, f"DROP DATABASE {name} WITH (FORCE)")


def sql(url, statement):
    subprocess.run(["psql", url, "-qc", statement], check=True, stdin=subprocess.DEVNULL)
