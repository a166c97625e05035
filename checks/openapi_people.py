"""A server with two businesses, people of every role, a key of few scopes, and some records of each kind."""

import json
import re
import subprocess
from dataclasses import dataclass

from server import program

PASSWORD = "a horse named battery"
BUSINESSES = ("Roots", "Branches")
# All of the first business, also the key; the admin is above both.
ROLES = ("agent", "manager", "owner", "admin")
KEY = "key"
# Nobody who is signed in.
STRANGER = "stranger"
# Enough to read and write a little, and to be refused nearly everywhere.
SCOPES = ("customers:read", "tasks:read", "tasks:write")
CHANGES_USER = re.compile(r"(PATCH|DELETE|POST) /api/users/.*")
CLOSES_BUSINESS = re.compile(r"(DELETE /api/businesses/{id}|POST /api/businesses/{id}/deactivate)")
UPLOAD = "\r\n".join(
    (
        "--upload",
        'Content-Disposition: form-data; name="file"; filename="people.csv"',
        "",
        "name,phone\nRuth,0501234567\n",
        "--upload--",
        "",
    )
)


@dataclass(frozen=True)
class Caller:
    """Who asks, and what stands on the server."""

    name: str
    email: str
    key: str
    business: int
    owner: str
    # By whom lists are read: the owner, or an admin, who sees those of all businesses.
    reader: str
    # Ids of what no list of the API shows, by name.
    lists: dict
    # By what operations which ids are not to come to harm, and which one may instead.
    spared: tuple

    def token(self, server):
        """What goes after `Bearer`: a new session's token, or the key."""
        return self.key or sign_in(server, self.email)


def sign_in(server, email):
    return ask(server, "POST", "/api/auth/token", {"email": email, "password": PASSWORD})["access_token"]


def ask(server, method, path, body=None, token=None, upload=None):
    """A request that must succeed; its document."""
    headers = {"Content-Type": "multipart/form-data; boundary=upload" if upload else "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    sent = upload or (json.dumps(body) if body is not None else "")
    reply = server.ask(method, path, headers, sent.encode())
    if not 200 <= reply.status < 300:
        raise RuntimeError(f"{method} {path}: {reply}")
    return json.loads(reply.body) if reply.body else None


def furnish(server, name):
    """Fills a new server; the caller of this name."""
    people = {(role, business): person(server, role, business) for role in ROLES[:3] for business in BUSINESSES}
    admin = person(server, "admin", BUSINESSES[0])
    lists = {}
    # The first business last: its records are the ones that are asked for, but by an admin.
    for business in reversed(BUSINESSES):
        owner, agent = people["owner", business], people["agent", business]
        made = records(server, sign_in(server, owner["email"]), agent)
        lists = {kind: ids + (lists.get(kind, []) if name == "admin" else []) for kind, ids in made.items()}
    own = sign_in(server, owner["email"])
    secret = ask(server, "POST", "/api/api_keys", {"name": "Few", "scopes": SCOPES}, own)["secret"]
    me = admin if name == "admin" else people.get((name, BUSINESSES[0]), owner)
    harmed = agent if name != "agent" else people["manager", BUSINESSES[0]]
    return Caller(
        name=name,
        email=me["email"],
        key=secret if name == KEY else "",
        business=me["business_id"],
        owner=owner["email"],
        reader=admin["email"] if name == "admin" else owner["email"],
        lists=lists,
        spared=(
            (CHANGES_USER, {str(me["id"]), str(owner["id"])}, harmed["id"]),
            (CLOSES_BUSINESS, {str(me["business_id"])}, people["owner", BUSINESSES[1]]["business_id"]),
        ),
    )


def person(server, role, business):
    """Makes somebody by the command line; their `id`, `business_id` and `email`."""
    email = f"{role}@{business.lower()}.example.com"
    command = [program(), "user", "create", "--email", email, "--role", role, "--business", business, "--password-stdin"]
    made = subprocess.run(command, env=server.environment, input=PASSWORD.encode(), capture_output=True, check=True)
    return json.loads(made.stdout) | {"email": email}


def records(server, token, agent):
    """Records of every kind for the business of this owner; where ids are found that no list of the API has."""

    def make(path, body=None):
        return ask(server, "POST", path, body, token)

    field = make("/api/custom_fields", {"label": "Floor", "kind": "number"})["key"]
    make("/api/custom_fields", {"label": "Size", "kind": "choice", "choices": ["small", "large"]})
    make("/api/customer_statuses", {"label": "Hot"})
    people = [
        {"name": f"Dana {n}", "phone": f"+97250110000{n}", "tags": ["one"], "custom": {field: n}} for n in range(6)
    ]
    first, *_, last = (make("/api/crm/customers", body)["id"] for body in people)
    notes = [make(f"/api/crm/customers/{first}/notes", {"text": "Likes mornings"})["id"] for _ in range(6)]
    merged = make(f"/api/crm/customers/{first}/merge", {"other_id": last})
    for n in range(3):
        make("/api/tasks", {"title": f"Call back {n}", "customer_id": first, "due_at": "2030-01-01T10:00:00Z"})
        make("/api/deals", {"title": f"Flat {n}", "customer_id": first, "amount_minor": 1000 * n})
        make("/api/views", {"name": f"View {n}", "entity": "customers", "shared": True})
        make("/api/api_keys", {"name": f"Key {n}", "scopes": ["tasks:read"]})
    make("/api/pipelines", {"name": "Second", "stages": [{"name": "New"}, {"name": "Sent"}]})
    make("/api/users", {"name": "Ruth", "email": f"ruth{agent['id']}@example.com", "role": "agent"})
    bulk = make("/api/crm/customers/bulk", {"ids": [first], "add_tags": ["two"]})
    make("/api/exports")
    call = make("/api/calls/test")
    ask(server, "POST", "/api/crm/customers/import", token=token, upload=UPLOAD)
    return {"notes": notes, "merges": [merged["merge_id"]], "bulk": [bulk["id"]], "/api/crm/calls": [call["call_id"]]}
