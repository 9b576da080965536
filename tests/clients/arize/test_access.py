"""Callers who may not do everything: what they see, and what they are refused."""

from typing import NamedTuple

import pytest

from releases import NEWEST, RELEASES
from samples import agent, llm, llm_change, preset
from sdk import refused

EACH = pytest.mark.parametrize("release", RELEASES, ids=str)


class Member(NamedTuple):
    """An application with a key of its own."""

    id: str
    key: str


@pytest.fixture
def member(wire) -> Member:
    application = wire("POST", "/api/applications", json={"name": "team"}).json()["id"]
    key = wire("POST", f"/api/applications/{application}/accessKeys").json()
    return Member(application, f"podium_{key['id']}_{key['secret']}")


@pytest.fixture
def grant(wire, member):
    """Grants the member accesses to a thing of Conductor's name, or gives it a role."""

    def give(name: str, *accesses: str):
        target = {"type": "INTEGRATION_PROVIDER", "id": name}
        subject = {"type": "USER", "id": f"app:{member.id}"}
        body = {"subject": subject, "target": target, "access": accesses}
        assert wire("POST", "/api/auth/authorization", json=body).status_code == 200

    return give


@pytest.fixture
def may_create(wire, member):
    assert wire("POST", f"/api/applications/{member.id}/roles/USER").status_code == 200


@EACH
def test_who_may_do_nothing_sees_nothing(connect, member, release):
    made = connect(release).create(llm())
    sdk = connect(release, member.key)
    older = release.spelled({"provider": "OPEN_AI"})
    for call in (
        lambda: sdk.list("LLM"),
        lambda: sdk.create(llm(name="other")),
        lambda: sdk.call("ai_integrations.list"),
        lambda: sdk.call("ai_integrations.create", name="other", **older),
    ):
        with refused(403):
            call()
    for call in (
        lambda: sdk.get(made["id"]),
        lambda: sdk.update(made["id"], llm_change(api_key=None)),
        lambda: sdk.delete(made["id"]),
        lambda: sdk.call("ai_integrations.get", integration=made["id"]),
    ):
        with refused(404):
            call()


@EACH
def test_each_access_allows_its_own(connect, member, grant, release):
    admin, sdk = connect(release), connect(release, member.key)
    made = admin.create(llm())
    admin.create(llm(name="hidden"))
    grant("models", "READ")
    assert sdk.get(made["id"]) == made
    assert sdk.list("LLM") == [made]
    assert len(sdk.call("ai_integrations.list")["ai_integrations"]) == 1
    for call in (
        lambda: sdk.update(made["id"], llm_change(api_key=None)),
        lambda: sdk.call("ai_integrations.update", integration=made["id"], api_key=None),
        lambda: sdk.delete(made["id"]),
        lambda: sdk.call("ai_integrations.delete", integration=made["id"]),
    ):
        with refused(403):
            call()
    assert admin.get(made["id"]) == made
    grant("models", "UPDATE")
    assert sdk.update(made["id"], llm_change(api_key=None))["config"]["has_api_key"] is False
    with refused(403):
        sdk.delete(made["id"])
    grant("models", "DELETE")
    sdk.delete(made["id"])
    with refused(404):
        admin.get(made["id"])


@EACH
def test_who_may_create_owns_what_it_made(connect, member, may_create, release):
    connect(release).create(llm(name="hidden"))
    sdk = connect(release, member.key)
    assert sdk.list("LLM") == []
    made = sdk.create(llm())
    assert (
        made["created_by_user_id"] != connect(release).create(llm(name="c"))["created_by_user_id"]
    )
    assert sdk.list("LLM") == [made]
    with refused(409):
        sdk.create(llm(name="hidden"))
    sdk.update(made["id"], {"type": "LLM", "name": "renamed"})
    sdk.delete(made["id"])


def test_a_preset_goes_only_where_it_may_be_deleted(connect, newest, member, grant):
    made = newest.create(agent(request_presets=[preset("a"), preset("b")]))
    grant("helper", "READ", "UPDATE")
    sdk = connect(NEWEST, member.key)
    fewer = {"type": "AGENT", "config": {"request_presets": [preset("a")]}}
    with refused(403):
        sdk.update(made["id"], fewer)
    assert newest.get(made["id"]) == made
    grant("helper", "DELETE")
    assert len(sdk.update(made["id"], fewer)["config"]["request_presets"]) == 1


def test_a_space_of_which_nothing_may_be_seen_is_not_found(connect, wire, member):
    organization = wire("POST", "/v2/organizations", json={"name": "Company"}).json()["id"]
    body = {"name": "Team", "organization_id": organization}
    space = wire("POST", "/v2/spaces", json=body).json()["id"]
    sdk = connect(NEWEST, member.key)
    with refused(404):
        sdk.list("LLM", space=space)
    with refused(403):
        sdk.list("LLM")


def test_places_are_made_by_administrators(connect, wire, member, may_create):
    sdk = connect(NEWEST, member.key)
    headers = {"Authorization": f"Bearer {member.key}"}
    answer = wire("POST", "/v2/organizations", json={"name": "Company"}, headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (403, 403)
    assert wire("POST", "/v2/organizations", json={"name": "Company"}).status_code == 201
    assert [each["name"] for each in sdk.call("organizations.list")["organizations"]] == ["Company"]
