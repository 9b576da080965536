"""Roles of the system and custom roles, through `OrkesAuthorizationClient`."""

import pytest
from conductor.client.http.models.create_or_update_role_request import CreateOrUpdateRoleRequest

from sdk import connect, named, names, provider, refused

# What the roles of the system show; contract section 9.2.
SYSTEM = {
    "ADMIN": {
        "API_GATEWAY_VIEW",
        "API_GATEWAY_MANAGEMENT",
        "WORKFLOW_MANAGEMENT",
        "PROMPT_MANAGEMENT",
        "EVENT_HANDLER_MANAGEMENT",
        "USER_MANAGEMENT",
        "PERMISSION_MANAGEMENT",
        "METADATA_VIEW",
        "ADMIN_MANAGEMENT",
        "METADATA_MANAGEMENT",
        "APPLICATION_MANAGEMENT",
        "BULK_MANAGEMENT",
        "SCHEDULE_MANAGEMENT",
        "AUTHORIZATION_MANAGEMENT",
        "WORKFLOW_SEARCH",
        "PUBLISHER_MANAGEMENT",
    },
    "USER": {
        "CREATE_SECRET",
        "API_GATEWAY_MANAGEMENT",
        "CREATE_APPLICATION",
        "CREATE_INTEGRATION",
        "WORKFLOW_SEARCH",
        "CREATE_TASK_DEF",
        "CREATE_WORKFLOW_DEF",
        "CREATE_USER_FORM_TEMPLATE",
        "API_GATEWAY_VIEW",
    },
    "METADATA_MANAGER": {
        "API_GATEWAY_MANAGEMENT",
        "CREATE_INTEGRATION",
        "CREATE_SECRET",
        "METADATA_VIEW",
        "METADATA_MANAGEMENT",
        "API_GATEWAY_VIEW",
    },
    "WORKFLOW_MANAGER": {
        "WORKFLOW_MANAGEMENT",
        "BULK_MANAGEMENT",
        "SCHEDULE_MANAGEMENT",
        "WORKFLOW_SEARCH",
    },
    "WORKER": set(),
    "METADATA_API": {"CREATE_TASK_DEF", "CREATE_WORKFLOW_DEF", "CREATE_USER_FORM_TEMPLATE"},
}

# The contract names these, and not what they show.
MORE = {
    "USER_READ_ONLY",
    "APPLICATION_CREATOR",
    "APPLICATION_MANAGER",
    "UNRESTRICTED_WORKER",
    "PROMPT_MANAGER",
}

READER = ["READ_WORKFLOW_DEF", "READ_INTEGRATION_PROVIDER"]


def role(*permissions: str, name="READER") -> CreateOrUpdateRoleRequest:
    return CreateOrUpdateRoleRequest(name=name, permissions=list(permissions))


def test_the_roles_of_the_system_are_told_by_name(access):
    told = access.list_system_roles()
    assert told.keys() == SYSTEM.keys() | MORE
    assert all(each["name"] == name for name, each in told.items())
    for name, permissions in SYSTEM.items():
        assert {each["name"] for each in told[name]["permissions"]} == permissions, name
        assert access.get_role(name) == told[name]


def test_all_roles_are_those_of_the_system_and_the_custom_ones(access):
    assert access.list_custom_roles() == []
    assert names(access.list_all_roles()) == SYSTEM.keys() | MORE
    access.create_role(role(*READER))
    (custom,) = access.list_custom_roles()
    assert (custom.name, names(custom.permissions)) == ("READER", set(READER))
    every = access.list_all_roles()
    assert names(every) == SYSTEM.keys() | MORE | {"READER"}
    (user,) = [each for each in every if each.name == "USER"]
    assert names(user.permissions) == SYSTEM["USER"]


def test_the_permissions_there_are_are_listed(access):
    told = access.list_available_permissions()
    known = set(told["permissions"])
    assert len(known) == len(told["permissions"])
    assert set().union(*SYSTEM.values()) <= known
    assert {"READ_WORKFLOW_DEF", "EXECUTE_WORKFLOW_DEF"} <= known
    assert access.create_role(role(*known))["name"] == "READER"


def test_a_custom_role_lives(access):
    made = access.create_role(role(*READER))
    assert made["name"] == "READER"
    assert {each["name"] for each in made["permissions"]} == set(READER)
    assert access.get_role("READER") == made

    changed = access.update_role("READER", role("EXECUTE_INTEGRATION"))
    assert changed == {"name": "READER", "permissions": [{"name": "EXECUTE_INTEGRATION"}]}
    assert access.get_role("READER") == changed
    assert access.update_role("READER", role())["permissions"] == []

    access.delete_role("READER")
    assert access.list_custom_roles() == []
    with refused(404) as caught:
        access.get_role("READER")
    assert "READER" in caught.value.body


def test_deleting_answers_nothing(access, wire):
    access.create_role(role())
    answer = wire("DELETE", "/roles/READER")
    assert (answer.status_code, answer.content) == (200, b"")
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("name", ["two words", "größe/模型", "50%:x"])
def test_a_role_comes_back_under_its_name(access, name):
    made = access.create_role(role(*READER, name=name))
    assert made["name"] == name
    assert access.get_role(name) == made
    access.delete_role(name)
    assert access.list_custom_roles() == []


def test_a_name_is_taken_once(access):
    access.create_role(role(*READER))
    for name in ["READER", "ADMIN"]:
        with refused(409):
            access.create_role(role(name=name))
    assert len(access.get_role("READER")["permissions"]) == len(READER)


def test_a_role_of_the_system_stays_as_it_is(access):
    for call in [
        lambda: access.update_role("USER", role(name="USER")),
        lambda: access.delete_role("USER"),
    ]:
        with refused(409):
            call()
    assert {each["name"] for each in access.get_role("USER")["permissions"]} == SYSTEM["USER"]


def test_an_unknown_role_is_not_found(access):
    for call in [
        lambda: access.get_role("NOWHERE"),
        lambda: access.update_role("NOWHERE", role(name="NOWHERE")),
        lambda: access.delete_role("NOWHERE"),
    ]:
        with refused(404) as caught:
            call()
        assert "NOWHERE" in caught.value.body


@pytest.mark.parametrize("name", [None, "", " "])
def test_a_role_needs_a_name(access, name):
    with refused(400):
        access.create_role(role(*READER, name=name))


def test_the_permissions_of_the_sdks_own_suite_are_taken(access):
    """Its integration tests make a role of these, and skip nothing when it is refused."""
    assert access.create_role(role("workflow:read"))["name"] == "READER"
    assert access.get_role("READER")["name"] == "READER"
    assert access.update_role("READER", role("workflow:read", "workflow:execute"))


def test_a_custom_role_gives_what_its_permissions_say(server, access, integrations):
    integrations.save_integration("main", provider())
    application = access.create_application(named("reader")).id
    key = access.create_access_key(application)
    theirs = connect(server.url, key.id, key.secret)
    access.create_role(role("READ_INTEGRATION_PROVIDER"))
    access.add_role_to_application_user(application, "READER")

    (mine,) = theirs.get_authorization_client().get_user_info_from_token()["roles"]
    assert mine == access.get_role("READER")
    assert theirs.get_integration_client().get_integration("main").name == "main"
    with refused(403):
        theirs.get_integration_client().delete_integration("main")

    access.update_role("READER", role("DELETE_INTEGRATION_PROVIDER"))
    with refused(403):
        theirs.get_integration_client().get_integration("main")
    theirs.get_integration_client().delete_integration("main")
    assert integrations.get_integration("main") is None


def test_a_deleted_role_does_not_revive(access):
    application = access.create_application(named("reader")).id
    access.create_role(role(*READER))
    access.add_role_to_application_user(application, "READER")
    access.delete_role("READER")
    assert access.get_user(f"app:{application}").roles == []
    access.create_role(role(*READER))
    assert access.get_user(f"app:{application}").roles == []
