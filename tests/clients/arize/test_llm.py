"""LLM integrations: every provider that a release knows."""

import pytest

from podium import SECRET
from releases import NEWEST, RELEASES, find
from samples import BEDROCK_AUTHS, LLM, OAUTH, URL, llm, llm_change, read
from sdk import EVERYWHERE, check_envelope, refused

KNOWN = [(each, provider) for each in RELEASES for provider in LLM if provider in each.providers]
known = pytest.mark.parametrize("release, provider", KNOWN, ids=str)


@known
def test_an_integration_comes_back_until_it_is_deleted(connect, release, provider):
    sdk = connect(release)
    made = sdk.create(llm(provider))
    check_envelope(made, "LlmIntegration")
    assert made["name"] == "models"
    assert made["type"] == release.spelled({"type": "LLM"})["type"]
    assert made["scopings"] == EVERYWHERE
    assert made["config"] == read(release, {"provider": provider} | LLM[provider].read)
    assert sdk.get(made["id"]) == made
    assert sdk.list("LLM") == [made]
    sdk.delete(made["id"])
    assert sdk.list("LLM") == []
    for gone in (sdk.get, sdk.delete):
        with refused(404):
            gone(made["id"])


@known
def test_each_field_changes_alone(connect, release, provider):
    sdk = connect(release)
    made = sdk.create(llm(provider))
    config = {"provider": provider} | LLM[provider].read
    for change in LLM[provider].changes:
        if release.since(change.since):
            changed = sdk.update(made["id"], llm_change(**change.config))
            config |= change.read
            assert changed["config"] == read(release, config), change
            assert sdk.get(made["id"]) == changed
            assert changed["updated_at"] >= made["updated_at"]
            assert changed | {"config": 0, "updated_at": 0} == made | {"config": 0, "updated_at": 0}


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_a_new_name_keeps_the_rest(connect, release):
    sdk = connect(release)
    made = sdk.create(llm())
    renamed = sdk.update(made["id"], {"type": "LLM", "name": "größe a/b: 模型"})
    assert renamed["name"] == "größe a/b: 模型"
    assert renamed["config"] == made["config"]
    assert sdk.list("LLM") == [renamed]
    sdk.create(llm())


def test_a_flag_that_only_the_first_release_has(connect):
    first = connect(find("8.38.0"))
    made = first.create(llm(is_default_models_enabled=True))
    assert made["config"]["is_default_models_enabled"] is True
    changed = first.update(made["id"], llm_change(is_default_models_enabled=False))
    assert changed["config"] == made["config"] | {"is_default_models_enabled": False}
    assert "is_default_models_enabled" not in connect(NEWEST).get(made["id"])["config"]


@pytest.mark.parametrize(
    "provider, members, told",
    [
        ("OPEN_AI", {"is_function_calling_enabled": False}, {"is_function_calling_enabled": False}),
        ("ANTHROPIC", {"base_url": URL}, {"base_url": URL}),
        ("CUSTOM", {"headers": {}, "api_key": None}, {"header_names": [], "has_api_key": False}),
        ("CUSTOM", {"model_names": [], "is_default_models_enabled": True}, {"model_names": []}),
        ("NVIDIA_NIM", {"base_url": None, "headers": None}, {"base_url": None, "header_names": []}),
        ("LITELLM", {"model_names": None, "headers": None}, {"model_names": []}),
        ("FIREWORKS", {"is_default_models_enabled": True}, {"is_default_models_enabled": True}),
        ("TOGETHER_AI", {"model_names": []}, {"model_names": []}),
    ],
)
def test_what_may_be_chosen_or_left_out(newest, provider, members, told):
    """What is `None` here, the package leaves out."""
    config = newest.create(llm(provider, **members))["config"]
    assert {key: config[key] for key in told} == told


@pytest.mark.parametrize("auth", BEDROCK_AUTHS, ids=lambda each: each.config["auth"]["auth_type"])
def test_bedrock_is_created_with_each_way_to_sign_in(newest, auth):
    made = newest.create(llm("AWS_BEDROCK", **auth.config))
    assert made["config"]["auth"] == auth.read["auth"]


def test_a_custom_endpoint_is_created_with_a_way_to_sign_in(newest):
    auth = OAUTH | {"client_secret": SECRET, "audience": "models"}
    made = newest.create(llm("CUSTOM", api_key=None, auth=auth))
    told = OAUTH | {"has_client_secret": True, "audience": "models"}
    assert (made["config"]["auth"], made["config"]["has_api_key"]) == (told, False)
