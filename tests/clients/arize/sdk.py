"""What the tests of Arize's clients have in common."""

import base64
import re
from contextlib import contextmanager
from datetime import datetime

import pytest

from podium import ADMIN_KEY_ID, ADMIN_KEY_SECRET
from releases import Process, Release

KEY = f"podium_{ADMIN_KEY_ID}_{ADMIN_KEY_SECRET}"
EVERYWHERE = [{"organization_id": None, "space_id": None}]

# By status, what the package raises and where the problem's `type` points.
PROBLEMS = {
    400: ("BadRequestException", "invalid-request"),
    401: ("UnauthorizedException", "authentication-required"),
    403: ("ForbiddenException", "access-forbidden"),
    404: ("NotFoundException", "resource-not-found"),
    409: ("ConflictException", "resource-conflict"),
    422: ("UnprocessableEntityException", "validation-error"),
}


class Raised(Exception):
    """What a release raised in its process."""

    def __init__(self, answer: dict):
        super().__init__(f"{answer['error']}: {answer['message']}")
        self.name, self.status, self.problem = (answer[key] for key in ("error", "status", "data"))


@contextmanager
def refused(status: int):
    """The calls inside are refused, with the class and the problem that belong to the status."""
    with pytest.raises(Raised) as caught:
        yield caught
    name, anchor = PROBLEMS[status]
    assert (caught.value.name, caught.value.status) == (name, status), caught.value
    problem = caught.value.problem
    assert problem["status"] == status
    assert problem["type"] == f"https://arize.com/docs/ax/rest-reference/errors#{anchor}"
    assert problem["title"] and problem["detail"]
    assert problem["instance"].startswith("/v2/")


@contextmanager
def raised(name: str):
    """The calls inside fail within the package, which sends nothing or reads no answer."""
    with pytest.raises(Raised) as caught:
        yield caught
    assert (caught.value.name, caught.value.status) == (name, None), caught.value


class Sdk:
    """One release of the package against one server.

    Bodies are given as the newest release spells them; answers are as the release reads them.
    """

    def __init__(self, process: Process, release: Release, host: str, key: str = KEY):
        self.process, self.release, self.host, self.key = process, release, host, key

    def call(self, path: str, **arguments):
        """Calls a method of `ArizeClient`, as `integrations.get`."""
        request = {"host": self.host, "key": self.key, "path": path, "arguments": arguments}
        answer = self.process.answer(**request)
        if "error" in answer:
            raise Raised(answer)
        return answer["result"]

    def generated(self, verb: str, **arguments):
        """Calls the generated API of `/v2/integrations`, which each release has."""
        thing = "integrations" if verb == "list" else "integration"
        named = f"{verb}_{thing}" if self.release.since("8.40") else f"integrations_{verb}"
        return self.call(f"generated.{named}", **self.release.spelled(arguments))

    def create(self, body: dict) -> dict:
        if not self.release.wrapped or body["type"] == "EVALUATOR":
            return self.generated("create", body=body)
        around = {key: value for key, value in body.items() if key not in ("type", "config")}
        if body["type"] == "AGENT":
            return self.call("integrations.create_agent", **around, **body["config"])
        return self.call(
            "integrations.create_llm", **around, config={"CreateLlmConfig": body["config"]}
        )

    def update(self, id: str, body: dict) -> dict:
        """The body has the `type`, and what changes."""
        if not self.release.wrapped or body["type"] == "EVALUATOR":
            return self.generated("update", integration_id=id, body=body)
        changes = {key: value for key, value in body.items() if key not in ("type", "config")}
        for key, value in body.get("config", {}).items():
            if key == "is_function_calling_enabled":
                key = "function_calling_enabled"
            if key == "auth":
                value = {auth_class(value): value}
            changes[key] = value
        method = f"integrations.update_{body['type'].lower()}"
        return self.call(method, integration=id, **changes)

    def get(self, id: str) -> dict:
        if self.release.wrapped:
            return self.call("integrations.get", integration=id)
        return self.generated("get", integration_id=id)

    def delete(self, id: str) -> None:
        if self.release.wrapped:
            return self.call("integrations.delete", integration=id)
        return self.generated("delete", integration_id=id)

    def page(self, type: str, **query) -> dict:
        if self.release.wrapped and type != "EVALUATOR":
            return self.call("integrations.list", integration_type=type, **query)
        return self.generated("list", type=type, **query)

    def list(self, type: str, **query) -> list[dict]:
        """The first page, which must be the last."""
        page = self.page(type, **query)
        assert page["pagination"]["has_more"] is False
        assert page["pagination"].get("next_cursor") is None
        return page["integrations"]


def auth_class(auth: dict) -> str:
    """The class that a user takes for this block of settings."""
    bedrock = auth["auth_type"] in ("BEARER_TOKEN", "PROXY_WITH_HEADERS") or "role_arn" in auth
    return "CreateAwsBedrockAuth" if bedrock else "CreateCustomAuth"


def told(text: str) -> str:
    """What an id says of itself, as the package reads it."""
    return base64.b64decode(text, validate=True).decode()


def check_envelope(made: dict, kind: str) -> None:
    """Whatever the server adds to an integration of its own."""
    assert re.fullmatch(rf"{kind}:\d+:[A-Za-z0-9]{{4}}", told(made["id"]))
    assert told(made["created_by_user_id"]).startswith("User:")
    created, updated = (datetime.fromisoformat(made[key]) for key in ("created_at", "updated_at"))
    assert created.tzinfo and created.year > 2020
    assert created <= updated
