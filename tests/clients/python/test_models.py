"""Models, indexes and tables of an integration.

Where the SDK takes two names it calls the first one the model's, but sends it as the integration's.
The order that works is: integration, then model.
"""

import pytest

from sdk import model, provider, refused

NAMES = [
    "gpt-4o",
    "meta-llama/Llama-3-70b",
    "anthropic.claude-v2:0",
    "two words",
    "a+b",
    "50%25",
    "größe-模型",
    "openai/gpt-4/tags",
]


@pytest.fixture(autouse=True)
def main(integrations):
    """The integration that holds the models of each test."""
    integrations.save_integration("main", provider())


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_model_comes_back_under_its_name(integrations, name):
    integrations.save_integration_api("main", name, model())
    saved = integrations.get_integration_api("main", name)
    assert (saved.integration_name, saved.api) == ("main", name)
    assert [each.api for each in integrations.get_integration_apis("main")] == [name]
    assert integrations.get_providers_and_integrations() == [f"main:{name}"]
    integrations.delete_integration_api("main", name)
    assert integrations.get_integration_api("main", name) is None


def test_every_field_comes_back(integrations, access):
    caller = access.get_user_info_from_token()["id"]
    integrations.save_integration_api(
        "main", "gpt-4o", model(configuration={"version": "2024-08-06"})
    )
    saved = integrations.get_integration_api("main", "gpt-4o")
    assert saved.description == "chat"
    assert saved.enabled is True
    assert saved.configuration == {"version": "2024-08-06"}
    assert saved.tags == []
    assert (saved.created_by, saved.updated_by) == (caller, caller)
    assert saved.created_on == saved.updated_on > 1_700_000_000_000
    assert integrations.get_integration_apis("main") == [saved]


def test_the_limits_that_the_sdk_sends_along_do_no_harm(integrations):
    limited = model(max_tokens=1000, frequency="daily")
    integrations.save_integration_api("main", "gpt-4o", limited)
    assert integrations.get_integration_api("main", "gpt-4o").description == "chat"


def test_saving_again_replaces_everything_but_the_origin(integrations):
    integrations.save_integration_api("main", "gpt-4o", model())
    first = integrations.get_integration_api("main", "gpt-4o")
    integrations.save_integration_api("main", "gpt-4o", model(description="vision", enabled=None))
    second = integrations.get_integration_api("main", "gpt-4o")
    assert second.description == "vision"
    assert second.enabled is False
    assert (second.created_on, second.created_by) == (first.created_on, first.created_by)
    assert integrations.get_integration("main").models_count == 1


def test_a_disabled_model_is_hidden_from_the_listings_only(integrations):
    integrations.save_integration_api("main", "on", model())
    integrations.save_integration_api("main", "off", model(enabled=False))
    assert [each.api for each in integrations.get_integration_apis("main")] == ["on"]
    assert integrations.get_providers_and_integrations() == ["main:on"]
    assert integrations.get_integration_api("main", "off").enabled is False
    every = integrations.integrationApi.get_integration_apis("main", active_only=False)
    assert {each.api for each in every} == {"on", "off"}


@pytest.mark.parametrize("name", NAMES)
def test_swapped_names_find_nothing(integrations, name):
    integrations.save_integration_api("main", name, model())
    assert integrations.get_integration_api(name, "main") is None
    with refused(404):
        integrations.delete_integration_api(name, "main")
    with refused(404):
        integrations.get_token_usage_for_integration(name, "main")
    assert integrations.get_integration_api("main", name).api == name


def test_a_model_needs_its_integration(integrations):
    with refused(404):
        integrations.save_integration_api("nowhere", "gpt-4o", model())
    with refused(404):
        integrations.get_integration_apis("nowhere")
    with refused(404):
        integrations.delete_integration_api("main", "gpt-4o")


def test_the_list_of_all_names_each_model_and_each_bare_integration(integrations):
    integrations.save_integration("bare", provider())
    integrations.save_integration("off", provider(enabled=False))
    integrations.save_integration_api("off", "gpt-4o", model())
    integrations.save_integration_api("main", "gpt-4o", model())
    integrations.save_integration_api("main", "o3", model())
    assert sorted(integrations.get_providers_and_integrations()) == [
        "bare",
        "main:gpt-4o",
        "main:o3",
    ]


def test_the_list_of_all_filters_by_category_and_by_type(integrations):
    integrations.save_integration("index", provider(type="pineconedb", category="VECTOR_DB"))

    def names(**query):
        return integrations.integrationApi.get_providers_and_integrations(**query)

    assert names(type="VECTOR_DB") == ["index"]
    assert names(type="openai") == ["main"]
    assert names(type="VECTOR_DB", active_only=False) == ["index"]


def test_available_models_are_names(integrations):
    names = integrations.get_integration_available_apis("main")
    assert "gpt-4o" in names
    assert all(isinstance(name, str) for name in names)


def test_token_usage_adds_up(integrations):
    integrations.save_integration_api("main", "gpt-4o", model())
    assert integrations.get_token_usage_for_integration("main", "gpt-4o") == 0
    integrations.integrationApi.register_token_usage(7, "main", "gpt-4o")
    integrations.integrationApi.register_token_usage(5, "main", "gpt-4o")
    assert integrations.get_token_usage_for_integration("main", "gpt-4o") == 12
    assert integrations.get_token_usage_for_integration_provider("main") == {"gpt-4o": "12"}
