"""Scopings: who sees an integration, by organizations and spaces, which are made on the wire."""

import pytest

from releases import RELEASES
from samples import agent, llm
from sdk import EVERYWHERE, raised, refused, told

EACH = pytest.mark.parametrize("release", RELEASES, ids=str)
FAMILIES = [llm, agent]


@pytest.fixture
def places(wire):
    """Two organizations with a space in each, all named after their ids: `o1`, `s1`, `o2`, `s2`."""

    def made(path, **body):
        answer = wire("POST", path, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    found = {}
    for number in (1, 2):
        organization = made("/v2/organizations", name=f"Company {number}")
        space = made("/v2/spaces", name=f"Team {number}", organization_id=organization)
        found |= {f"o{number}": organization, f"s{number}": space}
    return found


def at(places: dict, organization: str | None = None, space: str | None = None) -> dict:
    return {
        "organization_id": organization and places[organization],
        "space_id": space and places[space],
    }


def names(listed: list[dict]) -> list[str]:
    return [each["name"] for each in listed]


def test_ids_say_what_they_are(places):
    assert told(places["o1"]).startswith("AccountOrg:")
    assert told(places["s1"]).startswith("Space:")


@EACH
def test_scopings_come_back_and_are_replaced(connect, release, places):
    sdk = connect(release)
    one, two = at(places, "o1", "s1"), at(places, "o2")
    made = sdk.create(llm() | {"scopings": [one, two]})
    assert made["scopings"] == [one, two]
    assert sdk.call("ai_integrations.get", integration=made["id"])["scopings"] == [one, two]
    for scopings, read in [([two], [two]), ([], EVERYWHERE), ([at(places)], EVERYWHERE)]:
        changed = sdk.update(made["id"], {"type": "LLM", "scopings": scopings})
        assert changed["scopings"] == read
        assert changed["config"] == made["config"]
    older = sdk.call("ai_integrations.update", integration=made["id"], scopings=[one])
    assert older["scopings"] == [one]
    assert sdk.get(made["id"])["scopings"] == [one]


@EACH
def test_a_list_shows_what_is_visible_in_a_space(connect, release, places):
    sdk = connect(release)
    for name, scopings in {
        "everywhere": [],
        "company-1": [at(places, "o1")],
        "team-1": [at(places, "o1", "s1")],
        "team-2": [at(places, "o2", "s2")],
    }.items():
        sdk.create(llm(name=name) | {"scopings": scopings})
    inside = ["team-1", "company-1", "everywhere"]

    def older(where):
        return sdk.call("ai_integrations.list", space=where)["ai_integrations"]

    # The space's id, or a part of its name, in any case.
    for where in (places["s1"], "team 1"):
        key = "space_id" if where == places["s1"] else "space_name"
        query = {"space": where} if release.wrapped else {key: where}
        assert names(sdk.list("LLM", **query)) == names(older(where)) == inside
    assert names(older(places["s2"])) == ["team-2", "everywhere"]
    assert len(older("team")) == 4
    assert names(older("nowhere")) == []


@EACH
@pytest.mark.parametrize("by", ["id", "name"])
def test_the_older_family_finds_a_name_in_a_space(connect, release, places, by):
    sdk = connect(release)
    made = sdk.create(llm(name="main") | {"scopings": [at(places, "o1", "s1")]})
    sdk.create(llm(name="main 2"))
    here, there = (places["s1"], places["s2"]) if by == "id" else ("Team 1", "Team 2")

    def by_name(verb, space, **more):
        return sdk.call(f"ai_integrations.{verb}", integration="main", space=space, **more)

    assert by_name("get", here)["id"] == made["id"]
    with raised("NotFoundError"):
        by_name("get", there)
    assert by_name("update", here, function_calling_enabled=False)["id"] == made["id"]
    by_name("delete", here)
    assert names(sdk.list("LLM")) == ["main 2"]


def test_a_space_of_that_name_in_two_organizations_is_no_answer(newest, places, wire):
    twin = {"name": "Team 1", "organization_id": places["o2"]}
    assert wire("POST", "/v2/spaces", json=twin).status_code == 201
    newest.create(llm(name="main"))
    with raised("AmbiguousNameError"):
        newest.call("ai_integrations.get", integration="main", space="Team 1")


@pytest.mark.parametrize("body", FAMILIES)
def test_a_place_that_cannot_be_is_refused(newest, places, wire, body):
    gone = at(places, "o2", "s2")
    assert wire("DELETE", f"/v2/spaces/{places['s2']}").status_code == 204
    made = newest.create(body())
    for scoping, status in [
        (gone, 404),
        ({"organization_id": places["s1"], "space_id": None}, 404),
        ({"organization_id": "no id", "space_id": None}, 400),
        (at(places, "o2", "s1"), 422),
        (at(places, None, "s1"), 422),
    ]:
        with refused(status):
            newest.create(body(name="other") | {"scopings": [scoping]})
        with refused(status):
            newest.update(made["id"], {"type": made["type"], "scopings": [scoping]})
    assert newest.list(made["type"]) == [made]


def test_places_are_found_by_the_package(newest, places):
    spaces = newest.call("spaces.list", name="TEAM")["spaces"]
    assert {each["id"] for each in spaces} == {places["s1"], places["s2"]}
    assert all(each["is_private"] is False and each["description"] == "" for each in spaces)
    (organization,) = newest.call("organizations.list", name="company 1")["organizations"]
    assert (organization["id"], organization["name"]) == (places["o1"], "Company 1")
    (inside,) = newest.call("spaces.list", organization_id=places["o2"])["spaces"]
    assert (inside["id"], inside["organization_id"]) == (places["s2"], places["o2"])
