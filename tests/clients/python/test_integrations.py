"""Integrations: the provider half of `OrkesIntegrationClient`."""

import pytest

from podium import SECRET
from sdk import model, provider, refused

# Everything that must survive the way through a path segment.
NAMES = ["openai-main", "two words", "a+b", "50%25", "a&b=c?d#e", "größe-模型", "v1.2_x"]


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_integration_comes_back_under_its_name(integrations, name):
    integrations.save_integration(name, provider())
    saved = integrations.get_integration(name)
    assert saved.name == name
    assert [each.name for each in integrations.get_integrations()] == [name]
    integrations.delete_integration(name)
    assert integrations.get_integration(name) is None


def test_every_field_comes_back(integrations, access):
    caller = access.get_user_info_from_token()["id"]
    integrations.save_integration("openai-main", provider())
    saved = integrations.get_integration("openai-main")
    assert (saved.type, saved.category) == ("openai", "AI_MODEL")
    assert saved.description == "team account"
    assert saved.enabled is True
    assert saved.models_count == 0
    assert saved.tags == []
    assert (saved.created_by, saved.updated_by) == (caller, caller)
    assert saved.created_on == saved.updated_on > 1_700_000_000_000
    assert saved.apis is None


def test_the_listing_tells_what_the_single_get_tells(integrations):
    integrations.save_integration("openai-main", provider())
    integrations.save_integration_api("openai-main", "gpt-4o", model())
    saved = integrations.get_integration("openai-main")
    assert saved.models_count == 1
    assert integrations.get_integrations() == [saved]


def test_saving_again_replaces_everything_but_the_origin(integrations):
    integrations.save_integration("openai-main", provider())
    first = integrations.get_integration("openai-main")
    integrations.save_integration(
        "openai-main", provider(description="new account", configuration={"organizationId": "o-1"})
    )
    second = integrations.get_integration("openai-main")
    assert second.description == "new account"
    assert second.configuration == {"organizationId": "o-1"}
    assert (second.created_on, second.created_by) == (first.created_on, first.created_by)
    assert second.updated_on >= first.updated_on


def test_an_absent_enabled_means_disabled(integrations):
    integrations.save_integration("openai-main", provider(enabled=None, configuration=None))
    saved = integrations.get_integration("openai-main")
    assert saved.enabled is False
    assert saved.configuration == {}


def test_a_disabled_integration_is_hidden_from_the_listing_only(integrations):
    integrations.save_integration("on", provider())
    integrations.save_integration("off", provider(enabled=False))
    assert [each.name for each in integrations.get_integrations()] == ["on"]
    assert integrations.get_integration("off").enabled is False
    every = integrations.integrationApi.get_integration_providers(active_only=False)
    assert {each.name for each in every} == {"on", "off"}


def test_the_listing_filters_by_category_and_by_type(integrations):
    integrations.save_integration("chat", provider())
    integrations.save_integration("index", provider(type="pineconedb", category="VECTOR_DB"))

    def names(wanted):
        listed = integrations.integrationApi.get_integration_providers(type=wanted)
        return [each.name for each in listed]

    assert names("VECTOR_DB") == ["index"]
    assert names("AI_MODEL") == ["chat"]
    assert names("pineconedb") == ["index"]


def test_the_type_is_read_in_any_case(integrations):
    integrations.save_integration("grok", provider(type="gROK"))
    assert integrations.get_integration("grok").type.lower() == "grok"


@pytest.mark.parametrize("name", ["nowhere", "meta-llama/Llama-3", "claude-v2:0"])
def test_a_missing_integration_is_none(integrations, name):
    """Also where no integration could have that name: the SDK knows `None` for 404 only."""
    assert integrations.get_integration(name) is None


def test_deleting_takes_the_models_along_and_works_once(integrations):
    integrations.save_integration("openai-main", provider())
    integrations.save_integration_api("openai-main", "gpt-4o", model())
    integrations.delete_integration("openai-main")
    assert integrations.get_integration("openai-main") is None
    assert integrations.get_integration_api("openai-main", "gpt-4o") is None
    with refused(404):
        integrations.delete_integration("openai-main")
    integrations.save_integration("openai-main", provider())
    assert integrations.get_integration("openai-main").models_count == 0


def test_an_unknown_type_is_not_found(integrations):
    with refused(404):
        integrations.save_integration("openai-main", provider(type="no_such_type"))
    assert integrations.get_integration("openai-main") is None


def test_the_type_of_an_integration_never_changes(integrations):
    integrations.save_integration("openai-main", provider())
    with refused(400):
        integrations.save_integration("openai-main", provider(type="anthropic"))
    assert integrations.get_integration("openai-main").type == "openai"


@pytest.mark.parametrize("name", ["a:b", "a/b", "line\nbreak"])
def test_a_name_that_could_be_misread_is_refused(integrations, name):
    with refused(400):
        integrations.save_integration(name, provider())


def test_a_secret_is_never_told(integrations, wire):
    integrations.save_integration("openai-main", provider())
    told = integrations.get_integration("openai-main").configuration
    assert told["endpoint"] == "https://models.example/v1"
    assert told["api_key"] and SECRET not in told["api_key"]
    for path in ["/integrations/provider", "/integrations/provider/openai-main", "/integrations/"]:
        assert SECRET not in wire("GET", path).text


def test_a_mask_written_back_keeps_the_secret(integrations):
    integrations.save_integration("openai-main", provider())
    told = integrations.get_integration("openai-main").configuration
    more = told | {"version": "v-1"}
    integrations.save_integration("openai-main", provider(configuration=more, description="new"))
    saved = integrations.get_integration("openai-main")
    assert (saved.configuration, saved.description) == (more, "new")


@pytest.mark.parametrize(
    "key, value", [("endpoint", "https://other.example/v1"), ("organizationId", "o-1")]
)
def test_a_mask_goes_nowhere_else(integrations, key, value):
    """A stored secret is sent only where it was saved for; elsewhere it must be sent again."""
    integrations.save_integration("openai-main", provider())
    told = integrations.get_integration("openai-main").configuration
    with refused(409) as caught:
        integrations.save_integration("openai-main", provider(configuration=told | {key: value}))
    assert "configuration.api_key" in caught.value.body
    assert integrations.get_integration("openai-main").configuration == told
    again = told | {key: value, "api_key": SECRET}
    integrations.save_integration("openai-main", provider(configuration=again))
    assert integrations.get_integration("openai-main").configuration[key] == value


def test_a_secret_left_out_is_cleared(integrations):
    integrations.save_integration("openai-main", provider())
    told = integrations.get_integration("openai-main").configuration
    left = {"endpoint": "https://models.example/v1"}
    integrations.save_integration("openai-main", provider(configuration=left))
    assert integrations.get_integration("openai-main").configuration == left
    # A mask that stands for nothing is refused, so the secret is gone indeed.
    with refused(400):
        integrations.save_integration("openai-main", provider(configuration=told))
    assert integrations.get_integration("openai-main").configuration == left


def test_a_category_unknown_to_the_sdk_blinds_its_listing(integrations, wire):
    """The SDK knows four categories, and reads another one, or a list with it, as `None`."""
    saved = wire(
        "POST",
        "/integrations/provider/events",
        json={"type": "kafka", "category": "MESSAGE_BROKER", "enabled": True},
    )
    assert saved.status_code == 200
    assert [each["name"] for each in wire("GET", "/integrations/provider").json()] == ["events"]
    assert integrations.get_integrations() is None
    assert integrations.get_integration("events") is None
