"""The integration definitions, which the Python SDK cannot read."""

import pytest


def test_the_sdk_breaks_on_any_definition(integrations):
    """The SDK names a model class that it does not ship; whatever the server says, it fails."""
    with pytest.raises(AttributeError, match="IntegrationDef"):
        integrations.get_integration_provider_defs()


def test_the_definitions_are_on_the_wire(wire):
    answer = wire("GET", "/integrations/def")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    definitions = {each["type"]: each for each in answer.json()}
    openai = definitions["openai"]
    assert (openai["name"], openai["category"], openai["enabled"]) == ("OpenAI", "AI_MODEL", True)
    fields = {field["fieldName"]: field["fieldType"] for field in openai["configuration"]}
    assert fields["api_key"] == "PASSWORD"
    assert "gpt-4o" in [api["api"] for api in openai["apis"]]
    assert all(isinstance(tag, str) for tag in openai["tags"])
    for definition in definitions.values():
        for field in definition["configuration"]:
            assert field["fieldType"] in {"DROPDOWN", "TEXT", "PASSWORD", "FILE"}


@pytest.mark.parametrize("name", ["openai", "OPENAI", "OpenAI"])
def test_a_definition_is_found_by_type_or_name(wire, name):
    assert wire("GET", f"/integrations/def/{name}").json()["type"] == "openai"


def test_an_unknown_definition_is_not_found(wire):
    assert wire("GET", "/integrations/def/nothing").status_code == 404
