"""Leads generated requests to records that exist and to values that can hold, mostly: else nearly all would be refused.

Nothing but values is replaced here; a quarter of everything goes out as it was generated.
"""

import json
from random import Random

from openapi_people import ask, sign_in

MOSTLY = 0.75
# How often a list serves before it is read again.
READ_EVERY = 15
CUSTOMERS, USERS, DEALS, CALLS = "/api/crm/customers", "/api/users", "/api/deals", "/api/crm/calls"
# What ids of these names are ids of; `stages` are those of all pipelines.
IDS = {
    "customer_id": CUSTOMERS,
    "other_id": CUSTOMERS,
    "owner_id": USERS,
    "assignee_id": USERS,
    "hand_over_to": USERS,
    "user_id": USERS,
    "deal_id": DEALS,
    "after_id": DEALS,
    "before_id": DEALS,
    "pipeline_id": "/api/pipelines",
    "stage_id": "stages",
    "move_to": "stages",
}
LISTS = {"ids": CUSTOMERS, "mentions": USERS, "call_out_order": USERS}
# Where ids in paths are found, when it is not the list under the same path.
PATHS = {"/api/calls": CALLS, "/api/customers": CUSTOMERS, "/api/crm/notes": "notes", "/api/crm/bulk": "bulk"}
PATHS |= {"/api/crm/customers/merges": "merges"}
KEYS = {"prompts": "agent", "templates": "invitation", "tts": "greeting_he.mp3", "voice_responses": "welcome.mp3"}
DAYS = ("2026-11-01", "2026-11-21", "2026-12-31")
VALUES = {
    "active": ("true", "false"),
    "agent_visibility": ("all", "own_and_unassigned"),
    "choices": (["one", "two"],),
    "currency": ("ILS", "USD"),
    "cursor": (None,),
    "date": DAYS,
    "due_at": ("2030-05-05T10:00:00Z",),
    "due_before": DAYS,
    "endpoint": ("https://push.example.com/abc",),
    "entity": ("customer", "customers"),
    "expected_close": DAYS,
    "expires_at": ("2031-01-01T00:00:00Z",),
    "file": (b"name,phone\nRuth,0501234567\nDana,0521234567\n", b"\xff\xfe\x00", b"PK\x03\x04"),
    "from": DAYS,
    "hours": ({"sun": [["09:00", "17:00"]]}, {}),
    "key": (None,),
    "label": ("Floor", "Colour"),
    "lang": ("he", "en"),
    "language": ("he-IL",),
    "limit": ("1", "5", "100"),
    "lost_reason": ("price",),
    "months": ("3",),
    "name": ("Dana Levi", "דנה לוי"),
    "new_password": ("another horse and battery",),
    "page": ("1", "2"),
    "per_stage": ("2",),
    "phone": ("+972502223344", "0502223345"),
    "preset": ("10m", "1h", "tomorrow", "next_opening"),
    "probability": (10, 90),
    "q": ("Dana", "050", "דנה"),
    "repeat": ("FREQ=WEEKLY;BYDAY=SU", None),
    "role": ("agent", "manager"),
    "scopes": (["tasks:read", "calls:read"],),
    "sort": ("created_at", "-created_at", "id", None),
    "stages": ([{"name": "New", "probability": 10}, {"name": "Sent"}],),
    "tax_id": ("123456782", None),
    "text": ("שלום", "hello"),
    "timezone": ("Asia/Jerusalem",),
    "title": ("Call back", "לחזור"),
    "to": DAYS,
    "types": ("call", "note"),
    "until": ("2030-05-05T10:00:00Z",),
}
# What a record can not be made without, though the same body in an update can.
ESSENTIAL = ("name", "title", "label", "email", "role", "kind", "entity", "stages")
# The run is of a business at work: its modules stay on, so that they are not all there is to see.
MODULES = ("crm", "calls")


class Steering:
    def __init__(self, server, caller, seed):
        self._server = server
        self._caller = caller
        self._random = Random(seed)
        self._token = ""
        self._lists = {}
        self._count = 0

    def change(self, case):
        """Just before it goes out."""
        self._count += 1
        path = case.operation.path
        if case.path_parameters:
            case.path_parameters = {
                name: self._in_path(path, name, value) for name, value in case.path_parameters.items()
            }
        if isinstance(case.query, dict):
            case.query = self._fields(dict(case.query), ())
        if isinstance(case.body, dict):
            case.body = self._fields(dict(case.body), self._missing(case))
        self._headers(case)
        self._spare(case)

    def _mostly(self):
        return self._random.random() < MOSTLY

    def _in_path(self, path, name, value):
        if not self._mostly():
            return value
        if name in ("key", "name"):
            return KEYS.get(path.split("/")[-2], value)
        if name != "id":
            return value
        at = path.split("/{")[0]
        known = self._ids(PATHS.get(at, at))
        return self._random.choice(known) if known else value

    def _missing(self, case):
        """Essential members that the body of a new record lacks."""
        if case.operation.method != "post" or "{" in case.operation.path:
            return ()
        body = case.operation.definition.raw["requestBody"]["content"].get("application/json", {})
        name = body.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
        schema = case.operation.schema.raw_schema["components"]["schemas"].get(name, {})
        return [member for member in ESSENTIAL if member in schema.get("properties", {}) and member not in case.body]

    def _fields(self, fields, missing):
        names = [*fields, *(name for name in missing if self._mostly())]
        for name in names:
            if self._mostly():
                found, value = self._value(name, fields.get(name))
                if found and value is None:
                    fields.pop(name, None)
                elif found:
                    fields[name] = value
        for module in MODULES:
            for at in (fields, fields.get("modules")):
                if isinstance(at, dict):
                    at.pop(module, None)
        return fields

    def _value(self, name, value):
        """Whether something is known of the name, and what may stand there; nothing for what is left out."""
        if name == "business_id":
            return True, self._caller.business if self._caller.name == "admin" else None
        if name == "email":
            return True, f"a{self._count}@example.com"
        if name in IDS:
            known = self._ids(IDS[name])
            return bool(known), self._random.choice(known) if known else None
        if name in LISTS:
            known = self._ids(LISTS[name])
            return bool(known), known[:2]
        if name in VALUES:
            return True, self._random.choice(VALUES[name])
        if name == "kind" and value is None:
            return True, "number"
        return False, None

    def _headers(self, case):
        headers = case.headers or {}
        if "Idempotency-Key" in headers and self._mostly():
            headers["Idempotency-Key"] = f"check-{self._count}"
        if "If-Match" in headers and self._mostly():
            headers["If-Match"] = "*"
        if "Range" in headers and self._mostly():
            headers["Range"] = self._random.choice(("bytes=0-9", "bytes=-5", "bytes=99999999-"))

    def _spare(self, case):
        """Whoever asks, and the owner by whom lists are read, stay as they are: the run would end with them."""
        for asked, kept, other in self._caller.spared:
            if asked.fullmatch(case.operation.label) and str(case.path_parameters.get("id")) in kept:
                case.path_parameters = case.path_parameters | {"id": other}

    def _ids(self, name):
        ids, left = self._lists.get(name, ((), 0))
        if not left:
            ids, left = self._read(name), READ_EVERY
        self._lists[name] = (ids, left - 1)
        return ids

    def _read(self, name):
        if name in self._caller.lists:
            return self._caller.lists[name]
        if name == "stages":
            return [stage["id"] for pipeline in self._results("/api/pipelines") for stage in pipeline["stages"]]
        return [row["id"] for row in self._results(name)]

    def _results(self, path):
        """The records of a list, as its reader sees it."""
        for _ in range(2):
            reply = self._server.ask("GET", path, {"Authorization": f"Bearer {self._token}"})
            if reply.status != 401:
                break
            self._token = sign_in(self._server, self._caller.reader)
        document = json.loads(reply.body) if reply.status == 200 else {}
        return document.get("results") or []
