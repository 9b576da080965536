"""Read, change the description, write back: how clients edit. No secret changes by that.

Every type of the catalogue goes this way, with a value in each of its fields. That a secret is
what it was is proved by resolving it.
"""

import json
import re

import pytest
from conductor.client.http.models.integration_update import IntegrationUpdate

from database import Database
from fields import FILES, configuration, pem, secrets, service_account, takes_files
from podium import REPOSITORY
from sdk import model, refused

CATALOGUE = json.loads((REPOSITORY / "src/catalogue.json").read_text())
TYPES = [definition["type"] for definition in CATALOGUE]

# Each type, and a type that takes files with each kind of file.
CASES = [
    pytest.param(definition["type"], file, id=f"{definition['type']}-{file.__name__}")
    for definition in CATALOGUE
    for file in (FILES if takes_files(definition) else FILES[:1])
]

# What is sent to an agent or an evaluator overlays nothing of it, and their secrets are headers,
# which only Arize's clients write.
REQUESTED = {"arize_agent", "arize_evaluator"}
SECRET_CASES = [case for case in CASES if case.values[0] not in REQUESTED]

# The SDK's models take no other category; integrations of others are plain JSON to it.
MODELLED = {"API", "AI_MODEL", "VECTOR_DB", "RELATIONAL_DB"}


@pytest.fixture
def server(start_server):
    return start_server(PODIUM_RESOLVE="on")


@pytest.fixture
def define(wire):
    """The definition of a type, as the server has it."""
    return lambda type: wire("GET", f"/integrations/def/{type}").json()


@pytest.fixture
def resolve(wire):
    """The configuration with its secrets: `resolve("main")`, `resolve("main", "gpt-4o")`."""

    def resolve(name, *resource):
        path = "/integration/".join([f"/integrations/provider/{name}", *resource])
        answer = wire("POST", f"{path}/resolve")
        assert answer.status_code == 200, answer.text
        return answer.json()["configuration"]

    return resolve


def save(integrations, name, definition, configuration):
    fields = {"type": definition["type"], "category": definition["category"], "enabled": True}
    fields |= {"description": "new", "configuration": configuration}
    modelled = definition["category"] in MODELLED
    integrations.save_integration(name, IntegrationUpdate(**fields) if modelled else fields)


def read(integrations, name, definition):
    """The integration: the SDK's model of it, or where there is none, what that is made of."""
    if definition["category"] in MODELLED:
        return integrations.get_integration(name)
    return integrations.integrationApi.api_client.call_api(
        "/integrations/provider/{name}",
        "GET",
        {"name": name},
        response_type="object",
        auth_settings=["api_key"],
        _return_http_data_only=True,
    )


def shown(read) -> tuple[str, dict]:
    """What was read of the description and the configuration."""
    if isinstance(read, dict):
        return read["description"], read["configuration"]
    return read.description, read.configuration


def write_back(integrations, name, read, description):
    """Saves what was read, as it was read but for the description."""
    if isinstance(read, dict):
        return integrations.save_integration(name, read | {"description": description})
    update = IntegrationUpdate(
        type=read.type,
        category=read.category,
        enabled=read.enabled,
        configuration=read.configuration,
        description=description,
    )
    return integrations.save_integration(name, update)


def masked(configuration: dict, sent: dict) -> set[str]:
    """The fields that show a mask in the place of what was sent."""
    differing = {key for key in sent if configuration[key] != sent[key]}
    for key in differing:
        assert re.fullmatch(r"\*{4}[a-z2-7]{8}\*{4}.{4}", configuration[key]), key
    return differing


def test_no_type_is_left_out(wire):
    assert [each["type"] for each in wire("GET", "/integrations/def").json()] == TYPES


@pytest.mark.parametrize("type, file", CASES)
def test_an_integration_written_back_keeps_its_secrets(integrations, define, resolve, type, file):
    definition = define(type)
    sent = configuration(definition, "first", file)
    save(integrations, "main", definition, sent)
    _, before = shown(read(integrations, "main", definition))
    assert masked(before, sent) >= secrets(definition) and before.keys() == sent.keys()
    for description in ["renamed", "renamed again"]:
        write_back(integrations, "main", read(integrations, "main", definition), description)
        assert shown(read(integrations, "main", definition)) == (description, before)
        assert resolve("main") == sent


def test_every_other_type_has_a_secret():
    without = {each["type"] for each in CATALOGUE if not secrets(each)}
    assert without == REQUESTED


@pytest.mark.parametrize("type, file", SECRET_CASES)
def test_what_was_read_before_a_secret_changed_is_refused(
    integrations, define, resolve, type, file
):
    definition = define(type)
    save(integrations, "main", definition, configuration(definition, "first", file))
    stale = read(integrations, "main", definition)
    newer = configuration(definition, "second", file)
    save(integrations, "main", definition, newer)
    with refused(400) as caught:
        write_back(integrations, "main", stale, "from a stale read")
    named = {each["path"] for each in json.loads(caught.value.body)["validationErrors"]}
    description, now = shown(read(integrations, "main", definition))
    assert named == {f"configuration.{key}" for key in masked(now, newer)}
    assert description == "new"
    assert resolve("main") == newer


@pytest.mark.parametrize("type, file", CASES)
def test_a_resource_written_back_keeps_its_secrets(integrations, define, resolve, type, file):
    definition = define(type)
    whole = configuration(definition, "whole", file)
    save(integrations, "main", definition, whole)
    own = configuration(definition, "own", file)
    for name, sent in [("own", own), ("plain", {})]:
        integrations.save_integration_api("main", name, model(configuration=sent))
        before = integrations.get_integration_api("main", name).configuration
        assert before.keys() == sent.keys()
        for description in ["renamed", "renamed again"]:
            found = integrations.get_integration_api("main", name)
            update = model(
                configuration=found.configuration, enabled=found.enabled, description=description
            )
            integrations.save_integration_api("main", name, update)
            found = integrations.get_integration_api("main", name)
            assert (found.description, found.configuration) == (description, before)
    assert resolve("main", "own") == own
    assert resolve("main", "plain") == ({} if type in REQUESTED else whole)
    assert resolve("main") == whole


def test_a_stale_resource_is_refused(integrations, define, resolve):
    save(integrations, "main", define("openai"), {})
    integrations.save_integration_api("main", "own", model(configuration={"api_key": "CANARY-1"}))
    stale = integrations.get_integration_api("main", "own").configuration
    integrations.save_integration_api("main", "own", model(configuration={"api_key": "CANARY-2"}))
    with refused(400):
        integrations.save_integration_api("main", "own", model(configuration=stale))
    assert resolve("main", "own") == {"api_key": "CANARY-2"}


def test_a_new_seal_key_disturbs_no_write_back(integrations, define, resolve, wire):
    every = [(definition, configuration(definition, "first")) for definition in map(define, TYPES)]
    for definition, sent in every:
        save(integrations, definition["type"], definition, sent)
    found = [read(integrations, definition["type"], definition) for definition, _ in every]

    old = {key["id"] for key in wire("GET", "/seal").json()["keys"]}
    rotated = wire("POST", "/seal/rotate")
    if Database.makes_seal_key:
        (new,) = rotated.json()["keys"]
        assert new["id"] not in old and new["values"] > len(TYPES)
    else:
        assert rotated.status_code == 409, "the operator has to give another key"

    for (definition, sent), before in zip(every, found, strict=True):
        name = definition["type"]
        write_back(integrations, name, before, "renamed")
        after = shown(read(integrations, name, definition))
        assert after == ("renamed", shown(before)[1])
        assert resolve(name) == sent, name


def test_secrets_that_stand_deep_are_kept(integrations, wire, resolve):
    """A type of one's own, with fields that the catalogue has none of."""
    fields = [
        {"fieldName": name, "fieldType": kind, "label": name}
        for name, kind in [("passage", "PASSWORD"), ("bundle", "FILE"), ("note", "TEXT")]
    ]
    definition = {"type": "own", "name": "Own", "category": "API", "configuration": fields}
    assert wire("POST", "/integrations/def/register", json=[definition]).status_code == 200
    sent = configuration(definition, "first", service_account) | {
        "headers": {"X-Api-Key": "CANARY-header", "Accept": "CANARY-accept"},
        "pools": [{"password": "CANARY-one"}, {"password": pem("first", "two")}],
        "account": {"clientSecret": 1234567890123456, "name": "a name", "keys": ["CANARY-a", "b"]},
    }
    save(integrations, "main", definition, sent)
    before = integrations.get_integration("main")
    assert "CANARY" not in json.dumps(before.configuration)
    write_back(integrations, "main", before, "renamed")
    assert integrations.get_integration("main").configuration == before.configuration
    assert resolve("main") == sent


def test_the_sdk_forgets_the_limits_of_a_resource(integrations, define, wire):
    """Its model has no place for them, so that writing it back is saving without them."""
    save(integrations, "main", define("openai"), {})
    integrations.save_integration_api("main", "gpt-4o", model(max_tokens=9, frequency="daily"))
    path = "/integrations/provider/main/integration/gpt-4o"
    assert wire("GET", path).json()["maxTokens"] == 9
    found = integrations.get_integration_api("main", "gpt-4o")
    assert "max_tokens" not in found.to_dict()
    integrations.save_integration_api("main", "gpt-4o", model(configuration=found.configuration))
    assert "maxTokens" not in wire("GET", path).json()
