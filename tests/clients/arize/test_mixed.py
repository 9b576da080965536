"""Releases among themselves, and with Conductor's clients: each tells what another one made."""

from urllib.parse import quote

import pytest

from podium import SECRET
from releases import LOWER, RELEASES, find
from samples import (
    ENDPOINT,
    LLM,
    OAUTH,
    SCHEMA,
    URL,
    agent,
    evaluator,
    llm,
    llm_change,
    preset,
    read,
)
from sdk import KEY, refused

EACH = pytest.mark.parametrize("release", RELEASES, ids=str)
FIRST = find("8.38.0")


@pytest.fixture
def conductor(wire):
    """Conductor's wire, with a key as its users have it in the header of Conductor."""

    def call(method, path, **more):
        headers = {"Authorization": None, "X-Authorization": KEY}
        answer = wire(method, f"/api/integrations{path}", headers=headers, **more)
        assert answer.status_code == 200, answer.text
        assert SECRET not in answer.text
        return answer.json() if answer.content else None

    return call


@EACH
def test_what_the_first_release_makes_every_release_reads(connect, release):
    made = connect(FIRST).create(llm())
    sdk = connect(release)
    told = sdk.get(made["id"])
    assert told["config"] == read(release, {"provider": "OPEN_AI"} | LLM["OPEN_AI"].read)
    sdk.update(made["id"], llm_change(is_function_calling_enabled=False) | {"name": "renamed"})
    again = connect(FIRST).get(made["id"])
    assert again["name"] == "renamed"
    assert again["config"] == made["config"] | {"is_function_calling_enabled": False}
    assert again["created_at"] == told["created_at"]


@EACH
def test_what_a_release_does_not_know_is_hidden_from_it(connect, newest, release):
    for provider in LLM:
        newest.create(llm(provider, name=provider))
    hidden = newest.create(llm("TOGETHER_AI", name="late"))
    newest.call("ai_integrations.create", name="azure", provider="AZURE_OPEN_AI", api_key=SECRET)
    helper, judge = newest.create(agent()), newest.create(evaluator())

    sdk = connect(release)
    told = {each["name"] for each in sdk.list("LLM")} - {"late"}
    assert told == release.providers
    older = sdk.call("ai_integrations.list")["ai_integrations"]
    assert {each["name"] for each in older} - {"late", "azure"} == release.older_providers - {
        "AZURE_OPEN_AI"
    }
    assert "azure" in {each["name"] for each in older}
    for type, made in [("AGENT", helper), ("EVALUATOR", judge)]:
        if type in release.types:
            assert [each["id"] for each in sdk.list(type)] == [made["id"]]
        else:
            with refused(404):
                sdk.get(made["id"])
    if "TOGETHER_AI" not in release.providers:
        with refused(404):
            sdk.get(hidden["id"])


@EACH
def test_pages_are_whole_around_what_is_hidden(connect, newest, release):
    for number in range(4):
        newest.create(llm(name=f"n-{number}"))
        newest.create(llm("FIREWORKS", name=f"f-{number}"))
    seen, query = [], {"limit": 3}
    sdk = connect(release)
    while query.get("cursor", True):
        page = sdk.page("LLM", **query)
        seen += [each["name"] for each in page["integrations"]]
        query["cursor"] = page["pagination"].get("next_cursor")
    known = [f"{kind}-{number}" for number in (3, 2, 1, 0) for kind in ("f", "n")]
    hidden = "FIREWORKS" not in release.providers
    assert seen == [name for name in known if not (hidden and name.startswith("f"))]


@EACH
def test_a_way_to_sign_in_that_only_the_later_know(connect, newest, release):
    newest.create(llm("CUSTOM", api_key=None, auth=OAUTH | {"client_secret": SECRET}))
    sdk = connect(release)
    newer = [each["config"]["has_api_key"] for each in sdk.list("LLM")]
    assert newer == ([False] if "CUSTOM" in release.providers else [])
    older = [each["auth_type"] for each in sdk.call("ai_integrations.list")["ai_integrations"]]
    assert older == (["OAUTH2_CLIENT_CREDENTIALS"] if release.since("8.53") else [])


CONDUCTOR_TYPES = {
    "OPEN_AI": "openai",
    "ANTHROPIC": "anthropic",
    "GEMINI": "google_gemini",
    "AWS_BEDROCK": "aws_bedrock_anthropic",
    "CUSTOM": "custom_openai",
    "VERTEX_AI": "vertex_ai_gemini",
    "NVIDIA_NIM": "nvidia_nim",
    "LITELLM": "litellm",
    "FIREWORKS": "fireworks",
    "TOGETHER_AI": "together_ai",
}


@EACH
def test_a_secret_arrives_and_is_replaced(connect, wire, release):
    sdk = connect(release)

    def stored():
        answer = wire("POST", "/api/integrations/provider/models/resolve")
        return answer.json()["configuration"].get("api_key")

    strange = f'{SECRET} "\\%2B+&=/${{x}} end'
    made = sdk.create(llm(api_key=strange))
    assert stored() == strange
    sdk.update(made["id"], llm_change(is_function_calling_enabled=False) | {"scopings": []})
    assert stored() == strange
    sdk.update(made["id"], llm_change(api_key=SECRET))
    assert stored() == SECRET
    sdk.call("ai_integrations.update", integration=made["id"], api_key=strange)
    assert stored() == strange
    sdk.update(made["id"], llm_change(api_key=None))
    assert stored() is None


@pytest.mark.parametrize("provider", LLM)
def test_conductor_sees_what_the_package_makes(newest, conductor, provider):
    made = newest.create(llm(provider))
    told = conductor("GET", "/provider/models")
    assert (told["name"], told["category"]) == ("models", "AI_MODEL")
    assert told["type"] == CONDUCTOR_TYPES[provider]
    configuration = told["configuration"]
    assert configuration.get("endpoint") == made["config"].get("base_url")
    assert bool(configuration.get("api_key")) is made["config"].get("has_api_key", False)
    children = conductor("GET", "/provider/models/integration?activeOnly=false")
    assert {each["api"] for each in children} == set(made["config"].get("model_names", []))
    # Conductor reads it, changes it, and writes it back; the package finds the rest as it was.
    changed = told | {"description": "by Conductor"}
    conductor("POST", "/provider/models", json=changed)
    assert newest.get(made["id"])["config"] == made["config"]
    conductor("DELETE", "/provider/models")
    with refused(404):
        newest.get(made["id"])


def test_conductor_sees_an_agent_with_its_presets(newest, conductor):
    made = newest.create(agent(request_presets=[preset("ask")]) | {"description": "answers"})
    told = conductor("GET", "/provider/helper")
    assert (told["type"], told["category"]) == ("arize_agent", "API")
    assert (told["description"], told["configuration"]["endpoint"]) == ("answers", ENDPOINT)
    (child,) = conductor("GET", "/provider/helper/integration?activeOnly=false")
    assert (child["api"], child["configuration"]) == ("ask", {"question": "ask?"})
    conductor("POST", "/provider/helper", json=told | {"description": "new"})
    again = newest.get(made["id"])
    assert (again["description"], again["config"]) == ("new", made["config"])
    assert again["config"]["input_schema"] == SCHEMA


@EACH
def test_the_package_sees_what_conductor_makes(connect, conductor, release):
    configuration = {"api_key": SECRET, "endpoint": URL, "organizationId": "o-1"}
    body = {
        "type": "openai",
        "category": "AI_MODEL",
        "enabled": True,
        "configuration": configuration,
    }
    conductor("POST", "/provider/team", json=body)
    sdk = connect(release)
    (made,) = sdk.list("LLM")
    assert (made["name"], made["config"]["has_api_key"]) == ("team", True)
    sdk.update(made["id"], llm_change(api_key=f"{SECRET}-2", is_function_calling_enabled=False))
    told = conductor("GET", "/provider/team")["configuration"]
    assert (told["endpoint"], told["organizationId"]) == (URL, "o-1")
    sdk.delete(made["id"])
    assert conductor("GET", "/provider?activeOnly=false") == []


@EACH
def test_what_conductor_has_alone_breaks_no_list(connect, conductor, release):
    for type in ("cohere", "Grok", "mistral", "ollama"):
        body = {"type": type, "category": "AI_MODEL", "enabled": True, "configuration": {}}
        conductor("POST", f"/provider/{type}", json=body)
    body = {"type": "pineconedb", "category": "VECTOR_DB", "enabled": True, "configuration": {}}
    conductor("POST", "/provider/index", json=body)
    # A custom endpoint without an address has no form in the newer family.
    body = {"type": "custom_openai", "category": "AI_MODEL", "enabled": True, "configuration": {}}
    conductor("POST", "/provider/unfinished", json=body)
    sdk = connect(release)
    made = sdk.create(llm())
    assert sdk.list("LLM") == [made]
    older = sdk.call("ai_integrations.list")["ai_integrations"]
    assert {each["name"] for each in older} <= {"models", "unfinished"}


def test_a_rename_by_the_package_leaves_an_alias_to_conductor(newest, conductor):
    made = newest.create(llm(name="before"))
    newest.update(made["id"], {"type": "LLM", "name": "after"})
    assert conductor("GET", "/provider/after")["name"] == "after"
    assert conductor("GET", "/provider/before")["name"] == "after"
    assert [each["name"] for each in conductor("GET", "/provider")] == ["after"]


def test_one_name_of_two_types_is_two_names_to_conductor(newest, conductor):
    newest.create(llm(name="same"))
    newest.create(agent("same"))
    newest.create(llm(name="a/b:c"))
    told = {each["name"]: each["type"] for each in conductor("GET", "/provider")}
    assert told == {"same": "openai", "same.agent": "arize_agent", "a-b-c": "openai"}


def test_every_name_of_the_package_is_reached_by_conductor(newest, conductor):
    names = [".", "..", "a?b#c", "50%25", "größe-模型", "two words"]
    for name in names:
        newest.create(llm(name=name))
    told = [each["name"] for each in conductor("GET", "/provider")]
    assert len(set(told)) == len(names)
    for name in told:
        assert conductor("GET", f"/provider/{quote(name, safe='')}")["name"] == name


def test_models_are_matched_by_name_in_both(newest, conductor):
    made = newest.create(llm("CUSTOM", model_names=["keep", "drop", "off"]))
    row = {"description": "kept", "enabled": True, "configuration": {"a": "b"}}
    conductor("POST", "/provider/models/integration/keep", json=row)
    conductor("POST", "/provider/models/integration/off", json=row | {"enabled": False})
    assert newest.get(made["id"])["config"]["model_names"] == ["keep", "drop"]
    newest.update(made["id"], llm_change(model_names=["new", "keep"]))
    rows = {
        each["api"]: (each["enabled"], each.get("description"))
        for each in conductor("GET", "/provider/models/integration?activeOnly=false")
    }
    assert rows.pop("new")[0] is True
    assert rows == {"keep": (True, "kept"), "off": (False, "kept")}
    newest.update(made["id"], llm_change(model_names=["off"]))
    (row,) = conductor("GET", "/provider/models/integration?activeOnly=false")
    assert (row["api"], row["enabled"], row["description"]) == ("off", True, "kept")


def test_no_secret_is_on_the_wire(newest, wire):
    for provider in LLM:
        newest.create(llm(provider, name=provider))
    newest.create(agent(headers={"X-Team": SECRET}))
    newest.create(evaluator(headers={"X-Team": SECRET}))
    for path in ("/v2/integrations", "/v2/integrations?type=EVALUATOR", "/v2/ai-integrations"):
        answer = wire("GET", path)
        assert answer.status_code == 200
        assert "X-Team" in answer.text or "has_headers" in answer.text
        assert "CANARY" not in answer.text


def test_a_caller_without_a_name_is_answered_as_it_writes(wire):
    """The seed of it all, as printed in the vendor's manual, with nothing that names a release."""
    body = {
        "type": "llm",
        "name": "main",
        "config": {"provider": "openAI", "api_key": SECRET, "is_default_models_enabled": True},
    }
    made = wire("POST", "/v2/integrations", json=body)
    assert made.status_code == 201
    assert (made.json()["type"], made.json()["config"]["provider"]) == ("llm", LOWER["OPEN_AI"])
    assert made.json()["config"]["is_default_models_enabled"] is True
    told = wire("GET", f"/v2/integrations/{made.json()['id']}").json()
    assert (told["type"], told["config"]["provider"]) == ("LLM", "OPEN_AI")
