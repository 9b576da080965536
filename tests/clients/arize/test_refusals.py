"""What is refused, with which exception, and that a refused change changes nothing."""

import base64
from collections.abc import Iterator

import pytest

from podium import SECRET
from releases import RELEASES
from samples import BEDROCK_AUTHS, ELSEWHERE, LLM, OAUTH, URL, agent, evaluator, llm, llm_change
from sdk import KEY, raised, refused

EACH = pytest.mark.parametrize("release", RELEASES, ids=str)
STRANGE_KEYS = ["none", KEY + "x", "podium_admin-key_", f"podium_nobody_{SECRET}"]


def id_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@EACH
@pytest.mark.parametrize("key", STRANGE_KEYS)
def test_another_key_is_unauthorized(connect, release, key):
    sdk = connect(release, key)
    for call in (
        lambda: sdk.list("LLM"),
        lambda: sdk.create(llm()),
        lambda: sdk.get(id_of("LlmIntegration:1:aBcD")),
        lambda: sdk.call("ai_integrations.list"),
    ):
        with refused(401):
            call()


@EACH
@pytest.mark.parametrize(
    "text", ["LlmIntegration:1:aBcD", "RemoteEndpointIntegration:1:aBcD", "a:b"]
)
def test_an_id_of_nothing_is_not_found(connect, release, text):
    sdk = connect(release)
    sdk.create(llm())
    for call in (
        lambda: sdk.get(id_of(text)),
        lambda: sdk.update(id_of(text), llm_change(is_function_calling_enabled=False)),
        lambda: sdk.delete(id_of(text)),
        lambda: sdk.call("ai_integrations.get", integration=id_of(text)),
        lambda: sdk.call("ai_integrations.delete", integration=id_of(text)),
    ):
        with refused(404):
            call()
    assert len(sdk.list("LLM")) == 1


@EACH
def test_an_agent_is_nothing_to_the_older_family(connect, newest, release):
    made = newest.create(agent())
    sdk = connect(release)
    with refused(404):
        sdk.call("ai_integrations.get", integration=made["id"])
    assert sdk.call("ai_integrations.list")["ai_integrations"] == []


@pytest.mark.parametrize("id", ["no id", "1", "TGxtSW50ZWdyYXRpb24", "/", "%2F", "größe"])
def test_an_id_that_is_none_is_a_bad_request(newest, id):
    """The wrapper would take it for a name; the API below it sends what it is given."""
    for verb, more in [("get", {}), ("delete", {}), ("update", {"body": llm_change(api_key=None)})]:
        with refused(400):
            newest.generated(verb, integration_id=id, **more)


@EACH
def test_a_name_is_taken_once(connect, release):
    sdk = connect(release)
    made = sdk.create(llm(name="main"))
    other = sdk.create(llm(name="other"))
    for call in (
        lambda: sdk.create(llm(name="main")),
        lambda: sdk.update(other["id"], {"type": "LLM", "name": "main"}),
        lambda: sdk.call("ai_integrations.update", integration=other["id"], name="main"),
    ):
        with refused(409):
            call()
    assert sdk.list("LLM") == [other, made]
    assert sdk.update(made["id"], {"type": "LLM", "name": "main"})["name"] == "main"


@EACH
def test_what_is_no_change_is_refused(connect, release):
    sdk = connect(release)
    made = sdk.create(llm())
    with refused(422):
        sdk.generated("update", integration_id=made["id"], body={"type": "LLM"})
    with refused(422):
        sdk.call("ai_integrations.update", integration=made["id"])
    assert sdk.get(made["id"]) == made


def test_type_and_provider_never_change(newest):
    model, helper = newest.create(llm()), newest.create(agent())
    with refused(422):
        newest.update(model["id"], {"type": "AGENT", "description": "new"})
    with refused(422):
        newest.update(helper["id"], {"type": "LLM", "name": "new"})
    with refused(422):
        newest.update(helper["id"], {"type": "EVALUATOR", "name": "new"})
    with refused(422):
        body = llm_change(provider="GEMINI", api_key=SECRET)
        newest.generated("update", integration_id=model["id"], body=body)
    with refused(422):
        newest.call("ai_integrations.update", integration=model["id"], provider="GEMINI")
    same = llm_change(provider="OPEN_AI")
    newest.generated("update", integration_id=model["id"], body=same)
    assert newest.get(model["id"])["config"] == model["config"]
    assert newest.get(helper["id"]) == helper


FIELDS = {
    "api_key": SECRET,
    "is_function_calling_enabled": True,
    "base_url": ELSEWHERE,
    "headers": {"X-Team": SECRET},
    "is_default_models_enabled": True,
    "model_names": ["c"],
    "project_id": "q",
    "location": "q",
    "project_access_label": "q",
    "auth": OAUTH | {"client_secret": SECRET},
}


def foreign() -> Iterator[tuple[str, str]]:
    """Each provider with each field that is none of its own."""
    for provider, sample in LLM.items():
        own = {field for change in sample.changes for field in change.config}
        yield from ((provider, field) for field in FIELDS if field not in own)


@pytest.mark.parametrize("provider, field", list(foreign()))
def test_a_field_of_another_provider_is_refused(newest, provider, field):
    made = newest.create(llm(provider))
    with refused(422):
        newest.update(made["id"], {"name": "new"} | llm_change(**{field: FIELDS[field]}))
    assert newest.get(made["id"]) == made


@pytest.mark.parametrize(
    "provider, change",
    [
        ("CUSTOM", {"base_url": None, "api_key": SECRET}),
        ("LITELLM", {"base_url": None, "api_key": SECRET}),
        ("CUSTOM", {"model_names": []}),
        ("NVIDIA_NIM", {"model_names": []}),
        ("AWS_BEDROCK", {"model_names": []}),
        ("CUSTOM", {"api_key": SECRET, "auth": {"auth_type": "DEFAULT", "api_key": SECRET}}),
        ("CUSTOM", BEDROCK_AUTHS[0].config),
        ("AWS_BEDROCK", {"auth": OAUTH | {"client_secret": SECRET}}),
        ("CUSTOM", {"auth": OAUTH | {"client_secret": SECRET, "client_id": "a:b"}}),
        ("CUSTOM", {"auth": OAUTH | {"client_secret": SECRET, "token_url": "http://a.example"}}),
        ("CUSTOM", {"headers": {"X-Long": "x" * 8175}, "api_key": SECRET}),
        ("CUSTOM", {"headers": {"X Team": SECRET}, "api_key": SECRET}),
        ("NVIDIA_NIM", {"base_url": "http://models.example", "api_key": SECRET}),
        ("NVIDIA_NIM", {"base_url": "no address", "api_key": SECRET}),
    ],
)
def test_a_rule_of_a_provider_holds_for_changes(newest, provider, change):
    made = newest.create(llm(provider))
    # What is stored besides may not be why.
    if "base_url" in change:
        newest.update(made["id"], llm_change(headers=None, api_key=SECRET))
        made = newest.get(made["id"])
    with refused(422):
        newest.update(made["id"], {"name": "new"} | llm_change(**change))
    assert newest.get(made["id"]) == made


@pytest.mark.parametrize(
    "body",
    [
        llm("CUSTOM", model_names=[]),
        llm("NVIDIA_NIM", model_names=[]),
        llm("AWS_BEDROCK", model_names=[]),
        llm("CUSTOM", auth={"auth_type": "DEFAULT", "api_key": SECRET}),
        llm("CUSTOM", base_url="http://models.example/v1"),
        llm("LITELLM", base_url="models.example"),
        llm("CUSTOM", headers={"X-Long": "x" * 8175}),
        agent(endpoint="http://agent.example"),
        evaluator(endpoint="no address"),
    ],
    ids=lambda body: body["config"].get("provider", body["type"]),
)
def test_a_rule_holds_for_what_is_new(newest, body):
    with refused(422):
        newest.create(body)
    assert newest.list(body["type"]) == []


@pytest.mark.parametrize("provider, settings", [("AWS_BEDROCK", {}), ("VERTEX_AI", {})])
def test_the_older_family_wants_what_its_provider_needs(newest, provider, settings):
    with refused(422):
        newest.call("ai_integrations.create", name="main", provider=provider, **settings)


@pytest.mark.parametrize(
    "provider, change, needed",
    [
        ("CUSTOM", {"base_url": ELSEWHERE}, ["api_key", "X-Team"]),
        ("LITELLM", {"base_url": ELSEWHERE, "api_key": SECRET}, ["X-Team"]),
        ("NVIDIA_NIM", {"base_url": None, "headers": {"X-Team": SECRET}}, ["api_key"]),
        ("ANTHROPIC", {"base_url": URL}, ["api_key"]),
        ("CUSTOM", {"headers": {"X-Other": SECRET}}, ["api_key"]),
    ],
)
def test_a_stored_secret_goes_nowhere_else(newest, provider, change, needed):
    made = newest.create(llm(provider))
    with refused(409) as caught:
        newest.update(made["id"], llm_change(**change))
    assert all(name in caught.value.problem["detail"] for name in needed)
    assert newest.get(made["id"]) == made


def test_the_headers_of_an_agent_go_nowhere_else(newest):
    made = newest.create(agent(headers={"X-Team": SECRET}))
    moved = {"endpoint": "https://elsewhere.example"}
    with refused(409) as caught:
        newest.update(made["id"], {"type": "AGENT", "config": moved})
    assert "X-Team" in caught.value.problem["detail"]
    assert newest.get(made["id"]) == made
    both = moved | {"headers": {"X-Team": SECRET}}
    changed = newest.update(made["id"], {"type": "AGENT", "config": both})
    assert changed["config"]["endpoint"] == "https://elsewhere.example"


def test_the_package_sends_no_empty_change(newest):
    with raised("ValueError"):
        newest.update(id_of("LlmIntegration:1:aBcD"), {"type": "LLM"})
