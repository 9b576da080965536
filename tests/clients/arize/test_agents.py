"""Agents with their request presets, and evaluators, which only the generated API can make."""

import pytest

from podium import SECRET
from releases import RELEASES
from samples import ENDPOINT, OTHER, SCHEMA, agent, evaluator, llm, preset
from sdk import EVERYWHERE, check_envelope, raised, refused

AGENTS = pytest.mark.parametrize(
    "release", [each for each in RELEASES if "AGENT" in each.types], ids=str
)
EVALUATORS = pytest.mark.parametrize(
    "release", [each for each in RELEASES if "EVALUATOR" in each.types], ids=str
)
HEADERS = {"headers": {"X-Team": SECRET}}
TINY = {"type": "object"}


def change(**members) -> dict:
    return {"type": "AGENT"} | members


def presets_of(integration: dict) -> dict[str, dict]:
    return {each["name"]: each for each in integration["config"]["request_presets"]}


@AGENTS
def test_an_agent_comes_back_until_it_is_deleted(connect, release):
    sdk = connect(release)
    made = sdk.create(agent(**HEADERS) | {"description": "answers"})
    check_envelope(made, "RemoteEndpointIntegration")
    assert (made["type"], made["name"], made["description"]) == ("AGENT", "helper", "answers")
    assert made["scopings"] == EVERYWHERE
    assert made["config"] == {
        "endpoint": ENDPOINT,
        "input_schema": SCHEMA,
        "has_headers": True,
        "request_presets": [],
    }
    assert sdk.get(made["id"]) == made
    assert sdk.list("AGENT") == [made]
    assert sdk.list("LLM") == []
    sdk.delete(made["id"])
    assert sdk.list("AGENT") == []
    with refused(404):
        sdk.get(made["id"])


@AGENTS
def test_each_field_of_an_agent_changes_alone(connect, release):
    sdk = connect(release)
    expected = sdk.create(agent(**HEADERS) | {"description": "answers"})
    id = expected["id"]
    # Another endpoint gets the stored headers only when they are sent again.
    moved = HEADERS | {"endpoint": f"{ENDPOINT}/2"}
    for body, told in [
        ({"name": "aide"}, {"name": "aide"}),
        ({"description": "asks"}, {"description": "asks"}),
        ({"description": None}, {"description": None}),
        ({"config": moved}, {"config": {"endpoint": f"{ENDPOINT}/2"}}),
        ({"config": {"headers": {}}}, {"config": {"has_headers": False}}),
        ({"config": HEADERS}, {"config": {"has_headers": True}}),
        ({"config": {"headers": None}}, {"config": {"has_headers": False}}),
        ({"config": {"input_schema": TINY}}, {"config": {"input_schema": TINY}}),
    ]:
        changed = sdk.update(id, change(**body))
        told = told | {"config": expected["config"] | told.get("config", {})}
        expected |= told | {"updated_at": changed["updated_at"]}
        assert changed == sdk.get(id) == expected, body


@AGENTS
def test_presets_are_matched_by_name(connect, release):
    sdk = connect(release)
    # What the schema requires is not required of a preset.
    many = [preset("a", description="first"), preset("b"), {"name": "B", "config": {"depth": None}}]
    made = sdk.create(agent(request_presets=many))
    first = presets_of(made)
    assert list(first) == ["a", "b", "B"]
    assert [each["description"] for each in first.values()] == ["first", None, None]
    assert [each["config"] for each in first.values()] == [each["config"] for each in many]
    assert len({each["id"] for each in first.values()}) == 3
    assert all(each["created_at"] and each["updated_at"] for each in first.values())

    kept = preset("b", description="kept", config={"question": "why?"})
    changed = presets_of(
        sdk.update(made["id"], change(config={"request_presets": [kept, preset("c")]}))
    )
    assert set(changed) == {"b", "c"}
    for same in ("id", "created_at"):
        assert changed["b"][same] == first["b"][same]
    assert (changed["b"]["description"], changed["b"]["config"]) == ("kept", {"question": "why?"})
    assert changed["c"]["id"] not in {each["id"] for each in first.values()}

    sdk.update(made["id"], change(name="aide"))
    assert presets_of(sdk.get(made["id"])) == changed
    sdk.update(made["id"], change(config={"request_presets": []}))
    assert presets_of(sdk.get(made["id"])) == {}


@pytest.mark.parametrize(
    "presets",
    [[preset("a"), preset("a")], [preset("a", config={"question": 7})]],
    ids=["twice", "misfit"],
)
def test_a_preset_that_cannot_be_is_refused(newest, presets):
    with refused(422):
        newest.create(agent(request_presets=presets))
    made = newest.create(agent(request_presets=[preset("a")]))
    with refused(422):
        newest.update(made["id"], change(name="aide", config={"request_presets": presets}))
    assert newest.get(made["id"]) == made


@pytest.mark.parametrize(
    "members",
    [
        {"request_presets": [preset("")]},
        {"request_presets": [preset("x" * 256)]},
        {"request_presets": [preset("a", description="x" * 1025)]},
        {"endpoint": f"https://agent.example/{'x' * 2048}"},
    ],
    ids=["no name", "long name", "long description", "long endpoint"],
)
def test_what_the_package_would_not_send_is_refused_as_well(newest, wire, members):
    with raised("ValidationError"):
        newest.create(agent(**members))
    assert wire("POST", "/v2/integrations", json=agent(**members)).status_code == 422


def test_a_preset_whose_members_look_secret_can_be_written_back(newest):
    """Whatever a read shows in the place of them, the agent can be changed and presets be kept."""
    properties = {
        "api_key": {"enum": ["first", "second"]},
        "tokens": {"type": "array", "items": {"type": "string"}},
        "password": {"type": "string", "maxLength": 3},
    }
    config = {"api_key": "first", "tokens": ["a"], "password": "abc"}
    schema = {"type": "object", "properties": properties}
    presets = [preset("a", config=config)]
    made = newest.create(agent(input_schema=schema, request_presets=presets))
    assert made["config"]["input_schema"] == schema
    written = ("name", "description", "config")
    read = [{key: each[key] for key in written} for each in presets_of(made).values()]
    for body in (
        {"name": "aide"},
        {"config": {"headers": {"X-Team": SECRET}}},
        {"config": {"input_schema": schema | {"title": "new"}}},
        {"config": {"request_presets": read}},
    ):
        changed = newest.update(made["id"], change(**body))
        assert presets_of(changed)["a"]["id"] == presets_of(made)["a"]["id"], body
    assert presets_of(changed)["a"]["config"].keys() == config.keys()


def test_a_schema_that_no_longer_fits_the_presets_is_refused(newest):
    made = newest.create(agent(request_presets=[preset("a")]))
    strict = {"type": "object", "properties": {"question": {"type": "integer"}}}
    with refused(422):
        newest.update(made["id"], change(config={"input_schema": strict}))
    new = [{"name": "a", "config": {"question": 7}}]
    newest.update(made["id"], change(config={"input_schema": strict, "request_presets": new}))
    assert newest.get(made["id"])["config"]["input_schema"] == strict


def test_one_name_for_a_model_and_for_an_agent_but_not_for_an_evaluator(newest):
    newest.create(llm(name="same"))
    newest.create(agent("same"))
    for body in (llm("GEMINI", name="same"), agent("same"), evaluator("same")):
        with refused(409):
            newest.create(body)
    newest.create(agent("SAME"))


@EVALUATORS
def test_an_evaluator_lives_apart(connect, release):
    sdk = connect(release)
    made = sdk.create(evaluator(**HEADERS) | {"description": "judges"})
    check_envelope(made, "RemoteEndpointIntegration")
    assert (made["type"], made["description"]) == ("EVALUATOR", "judges")
    assert made["config"] == {"endpoint": ENDPOINT, "input_schema": SCHEMA, "has_headers": True}
    assert sdk.get(made["id"]) == made
    assert sdk.list("EVALUATOR") == [made]
    assert sdk.call("integrations.list")["integrations"] == []
    lookup = {"integration": "judge", "integration_type": "EVALUATOR"}
    assert sdk.call("integrations.get", **lookup) == made

    moved = {"endpoint": f"{ENDPOINT}/2", "headers": {"X-Team": OTHER}, "input_schema": TINY}
    body = {"type": "EVALUATOR", "name": "critic", "description": None, "config": moved}
    changed = sdk.update(made["id"], body)
    assert (changed["name"], changed["description"]) == ("critic", None)
    assert changed["config"] == {
        "endpoint": f"{ENDPOINT}/2",
        "input_schema": TINY,
        "has_headers": True,
    }
    sdk.update(made["id"], {"type": "EVALUATOR", "config": {"headers": None}})
    assert sdk.get(made["id"])["config"]["has_headers"] is False
    sdk.call("integrations.delete", integration="critic", integration_type="EVALUATOR")
    with refused(404):
        sdk.get(made["id"])


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"properties": {"question": {"type": "string"}}},
        {"type": "object", "properties": {"arize_metadata": {"type": "object"}}},
        {"type": "object", "title": "x" * 65536},
    ],
    ids=["string", "no type", "reserved", "large"],
)
def test_an_evaluator_has_bounds_for_its_schema(newest, schema):
    with refused(422):
        newest.create(evaluator(input_schema=schema))
