"""Groups and who is in them, through `OrkesAuthorizationClient`."""

import pytest
from conductor.client.http.models.upsert_group_request import UpsertGroupRequest
from conductor.client.http.models.upsert_user_request import UpsertUserRequest

from sdk import named, names, refused

ANN, BEN = "ann@example.org", "ben@example.org"


@pytest.fixture
def devs(access):
    """A group without roles, and two users outside it."""
    for user in [ANN, BEN]:
        access.upsert_user(UpsertUserRequest(name=user, roles=["USER"]), user)
    return access.upsert_group(UpsertGroupRequest(description="developers", roles=[]), "devs")


def members(access, group="devs"):
    return [user.id for user in access.get_users_in_group(group)]


@pytest.mark.parametrize("id", ["devs", "two words / größe: 模型 + 50%", "Devs_1"])
def test_a_group_lives(access, id):
    made = access.upsert_group(UpsertGroupRequest(description="developers", roles=["USER"]), id)
    assert (made.id, made.description) == (id, "developers")
    assert names(made.roles) == {"USER"}
    assert "CREATE_INTEGRATION" in names(made.roles[0].permissions)
    assert made.default_access == {}
    assert access.get_group(id).to_dict() == made.to_dict()
    assert [group.to_dict() for group in access.list_groups()] == [made.to_dict()]

    renewed = UpsertGroupRequest(description="all", roles=["USER", "WORKFLOW_MANAGER"])
    changed = access.upsert_group(renewed, id)
    assert (changed.id, changed.description) == (id, "all")
    assert names(changed.roles) == {"USER", "WORKFLOW_MANAGER"}
    assert access.get_group(id).to_dict() == changed.to_dict()

    access.delete_group(id)
    assert access.list_groups() == []
    with refused(404) as caught:
        access.get_group(id)
    assert f"`{id}`" in caught.value.message


def test_a_group_needs_no_role_but_a_description(access):
    assert access.upsert_group(UpsertGroupRequest(description="x", roles=[]), "devs").roles == []
    with refused(400):
        access.upsert_group(UpsertGroupRequest(roles=["USER"]), "more")
    assert [group.id for group in access.list_groups()] == ["devs"]


def test_default_access_comes_back(access):
    everything = {
        "WORKFLOW_DEF": ["READ", "EXECUTE"],
        "TASK_DEF": ["READ"],
        "WORKFLOW_SCHEDULE": ["CREATE", "DELETE"],
    }
    wanted = UpsertGroupRequest(description="x", roles=["USER"], default_access=everything)
    for group in [access.upsert_group(wanted, "devs"), access.get_group("devs")]:
        told = {kind: set(accesses) for kind, accesses in group.default_access.items()}
        assert told == {kind: set(accesses) for kind, accesses in everything.items()}
    cleared = access.upsert_group(UpsertGroupRequest(description="x", roles=["USER"]), "devs")
    assert cleared.default_access == {}, "a save replaces"


def test_an_unknown_group_is_not_found(access, devs):
    for call in [
        lambda: access.get_group("nowhere"),
        lambda: access.delete_group("nowhere"),
        lambda: access.get_users_in_group("nowhere"),
        lambda: access.add_user_to_group("nowhere", ANN),
        lambda: access.add_users_to_group("nowhere", [ANN]),
        lambda: access.remove_user_from_group("nowhere", ANN),
        lambda: access.remove_users_from_group("nowhere", [ANN]),
        lambda: access.get_granted_permissions_for_group("nowhere"),
    ]:
        with refused(404) as caught:
            call()
        assert "nowhere" in caught.value.body


def test_an_unknown_role_is_not_found(access, wire):
    body = {"description": "x", "roles": ["NO_SUCH_ROLE"]}
    answer = wire("PUT", "/groups/devs", json=body)
    assert answer.status_code == 404
    assert "NO_SUCH_ROLE" in answer.json()["message"]
    assert access.list_groups() == []


def test_deleting_answers_a_message(wire, devs):
    answer = wire("DELETE", "/groups/devs")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {"message": "Deleted group 'devs'"}


def test_users_come_and_go_one_by_one(access, devs):
    assert members(access) == []
    access.add_user_to_group("devs", ANN)
    assert members(access) == [ANN]
    (ann,) = access.get_users_in_group("devs")
    assert ann.to_dict() == access.get_user(ANN).to_dict()
    assert [group.to_dict() for group in ann.groups] == [access.get_group("devs").to_dict()]

    access.add_user_to_group("devs", BEN)
    access.add_user_to_group("devs", ANN)
    assert sorted(members(access)) == [ANN, BEN], "once is enough"

    access.remove_user_from_group("devs", ANN)
    assert members(access) == [BEN]
    access.remove_user_from_group("devs", ANN)
    assert members(access) == [BEN]
    assert access.get_user(ANN).groups == []


def test_users_come_and_go_together(access, devs):
    access.add_users_to_group("devs", [ANN, BEN])
    access.add_users_to_group("devs", [BEN, BEN])
    assert sorted(members(access)) == [ANN, BEN]
    access.remove_users_from_group("devs", [ANN, "nobody@example.org"])
    assert members(access) == [BEN]
    access.remove_users_from_group("devs", [ANN, BEN])
    assert members(access) == []


def test_ids_of_users_are_compared_without_case(access, devs):
    access.add_user_to_group("devs", ANN.upper())
    access.add_users_to_group("devs", [ANN.title()])
    assert members(access) == [ANN]
    access.remove_user_from_group("devs", ANN.title())
    assert members(access) == []


def test_an_unknown_user_joins_no_group(access, devs):
    for call in [
        lambda: access.add_user_to_group("devs", "nobody@example.org"),
        lambda: access.add_users_to_group("devs", [ANN, "nobody@example.org"]),
    ]:
        with refused(404) as caught:
            call()
        assert "nobody@example.org" in caught.value.body
        assert members(access) == [], "all of them or none"


def test_an_application_can_be_in_a_group(access, devs):
    user = f"app:{access.create_application(named('reader')).id}"
    access.add_user_to_group("devs", user)
    (member,) = access.get_users_in_group("devs")
    assert (member.id, member.name, member.application_user) == (user, "reader", True)
    assert [group.id for group in access.get_user(user).groups] == ["devs"]


def test_a_deleted_group_leaves_its_users_and_nothing_else(access, devs):
    access.upsert_group(UpsertGroupRequest(description="x", roles=["METADATA_MANAGER"]), "devs")
    access.add_user_to_group("devs", ANN)
    assert access.check_permissions(ANN, "WORKFLOW_DEF", "orders")["UPDATE"] is True
    access.delete_group("devs")
    assert access.get_user(ANN).groups == []
    assert access.check_permissions(ANN, "WORKFLOW_DEF", "orders")["UPDATE"] is False

    again = access.upsert_group(UpsertGroupRequest(description="x", roles=[]), "devs")
    assert again.roles == []
    assert members(access) == []
    assert access.get_granted_permissions_for_group("devs") == []
