"""What the tests of the Python SDK have in common."""

import json
from contextlib import contextmanager

import pytest
from conductor.client.configuration.configuration import Configuration
from conductor.client.configuration.settings.authentication_settings import AuthenticationSettings
from conductor.client.http.models.create_or_update_application_request import (
    CreateOrUpdateApplicationRequest,
)
from conductor.client.http.models.integration_api_update import IntegrationApiUpdate
from conductor.client.http.models.integration_update import IntegrationUpdate
from conductor.client.http.rest import ApiException
from conductor.client.orkes_clients import OrkesClients

from podium import SECRET


def connect(url: str, key_id: str, key_secret: str) -> OrkesClients:
    """The SDK's clients with this access key; the first call gets a token, as the SDK does."""
    settings = AuthenticationSettings(key_id=key_id, key_secret=key_secret)
    return OrkesClients(Configuration(server_api_url=url, authentication_settings=settings))


def provider(**changes) -> IntegrationUpdate:
    """A valid integration, but for `changes`."""
    usual = {
        "type": "openai",
        "category": "AI_MODEL",
        "description": "team account",
        "enabled": True,
        "configuration": {"api_key": SECRET, "endpoint": "https://models.example/v1"},
    }
    return IntegrationUpdate(**usual | changes)


def model(**changes) -> IntegrationApiUpdate:
    """A valid model, but for `changes`."""
    usual = {"description": "chat", "enabled": True, "configuration": {}}
    return IntegrationApiUpdate(**usual | changes)


def named(name: str) -> CreateOrUpdateApplicationRequest:
    return CreateOrUpdateApplicationRequest(name=name)


def grant(subject, type: str, id: str, *accesses: str) -> dict:
    """What the wire takes as a grant, also on what the SDK cannot name."""
    return {
        "subject": {"type": subject.type, "id": subject.id},
        "target": {"type": type, "id": id},
        "access": list(accesses),
    }


def names(each) -> set[str]:
    """The names of roles or permissions."""
    return {one.name for one in each}


def key_values(tags) -> set[tuple[str, str]]:
    return {(tag.key, tag.value) for tag in tags}


@contextmanager
def refused(status: int):
    """The calls inside are refused with `status`, in the words that Conductor's clients read."""
    with pytest.raises(ApiException) as caught:
        yield caught
    assert caught.value.status == status, caught.value
    body = json.loads(caught.value.body)
    assert body["status"] == status
    assert body["message"]
    assert {"instance", "retryable"} <= body.keys()
