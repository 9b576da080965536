"""Users, the users that applications are among them, through `OrkesAuthorizationClient`."""

import pytest
from conductor.client.http.models.upsert_group_request import UpsertGroupRequest
from conductor.client.http.models.upsert_user_request import UpsertUserRequest

from podium import ADMIN_KEY_ID
from sdk import connect, named, names, provider, refused

ANN = "ann@example.org"
ACCESSES = {"CREATE", "READ", "UPDATE", "DELETE", "EXECUTE"}


@pytest.fixture
def ann(access):
    """A user with the role USER."""
    return access.upsert_user(UpsertUserRequest(name="Ann", roles=["USER"]), ANN)


def test_a_user_lives(access):
    made = access.upsert_user(UpsertUserRequest(name="Ann", roles=["USER"]), ANN)
    assert (made.id, made.name) == (ANN, "Ann")
    assert names(made.roles) == {"USER"}
    assert {"CREATE_INTEGRATION", "CREATE_APPLICATION"} <= names(made.roles[0].permissions)
    assert made.groups == []
    assert made.application_user is False
    assert made.encrypted_id is False
    assert made.uuid
    assert access.get_user(ANN).to_dict() == made.to_dict()
    assert [user.to_dict() for user in access.list_users()] == [made.to_dict()]

    renewed = UpsertUserRequest(name="Ann B.", roles=["WORKER", "METADATA_MANAGER"])
    changed = access.upsert_user(renewed, ANN)
    assert (changed.id, changed.name, changed.uuid) == (ANN, "Ann B.", made.uuid)
    assert names(changed.roles) == {"WORKER", "METADATA_MANAGER"}
    assert access.get_user(ANN).to_dict() == changed.to_dict()

    access.delete_user(ANN)
    assert access.list_users() == []
    with refused(404) as caught:
        access.get_user(ANN)
    assert ANN in caught.value.body
    assert caught.value.is_not_found()


def test_a_user_needs_no_role(access):
    assert access.upsert_user(UpsertUserRequest(name="Ann", roles=[]), ANN).roles == []
    assert access.upsert_user(UpsertUserRequest(name="Ann"), ANN).roles == []


def test_a_user_needs_a_name(access):
    for name in [None, "", " "]:
        with refused(400):
            access.upsert_user(UpsertUserRequest(name=name, roles=["USER"]), ANN)
    assert access.list_users() == []


def test_ids_are_lower_case_whatever_is_sent(access):
    made = access.upsert_user(UpsertUserRequest(name="Ann", roles=["USER"]), "Ann@Example.ORG")
    assert made.id == ANN
    again = access.upsert_user(UpsertUserRequest(name="Ann B.", roles=[]), "ANN@example.org")
    assert (again.id, again.uuid) == (ANN, made.uuid)
    assert access.get_user("aNN@example.org").name == "Ann B."
    assert [user.id for user in access.list_users()] == [ANN]
    access.delete_user("ANN@EXAMPLE.ORG")
    assert access.list_users() == []


@pytest.mark.parametrize("id", ["app:someone", "local", "two words", "größe@example.org"])
def test_some_ids_are_no_users(access, id):
    with refused(400):
        access.upsert_user(UpsertUserRequest(name="Ann", roles=["USER"]), id)


def test_an_unknown_user_is_not_found(access):
    for call in [
        lambda: access.get_user(ANN),
        lambda: access.delete_user(ANN),
        lambda: access.check_permissions(ANN, "WORKFLOW_DEF", "orders"),
        lambda: access.get_granted_permissions_for_user(ANN),
    ]:
        with refused(404) as caught:
            call()
        assert ANN in caught.value.body


def test_deleting_answers_a_message(wire, ann):
    answer = wire("DELETE", f"/users/{ANN}")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {"message": f"Deleted user '{ANN}'"}


def test_an_invitation_is_not_sent(wire, ann):
    answer = wire("POST", f"/users/{ANN}/sendInviteEmail")
    assert answer.status_code == 501
    assert answer.json()["message"]
    assert wire("POST", "/users/nobody@example.org/sendInviteEmail").status_code == 404


def test_groups_come_with_the_user(access):
    for group in ["devs", "ops"]:
        access.upsert_group(UpsertGroupRequest(description=group, roles=["WORKER"]), group)

    def save(groups):
        return access.upsert_user(UpsertUserRequest(name="Ann", roles=[], groups=groups), ANN)

    made = save(["devs"])
    assert [(group.id, group.description) for group in made.groups] == [("devs", "devs")]
    assert names(made.groups[0].roles) == {"WORKER"}
    assert made.roles == [], "the roles of a group are the group's"
    assert {group.id for group in save(["devs", "ops"]).groups} == {"devs", "ops"}
    assert {group.id for group in save(None).groups} == {"devs", "ops"}, "left out, they stay"
    assert save([]).groups == []
    assert access.get_users_in_group("devs") == []


def test_an_unknown_role_or_group_is_not_found(access, wire):
    with refused(404) as caught:
        access.upsert_user(UpsertUserRequest(name="Ann", roles=[], groups=["nowhere"]), ANN)
    assert "nowhere" in caught.value.body
    answer = wire("PUT", f"/users/{ANN}", json={"name": "Ann", "roles": ["NO_SUCH_ROLE"]})
    assert answer.status_code == 404
    assert "NO_SUCH_ROLE" in answer.json()["message"]
    assert access.list_users() == []


def test_an_application_is_a_user_too(access, ann):
    application = access.create_application(named("reader"))
    user = f"app:{application.id}"
    access.add_role_to_application_user(application.id, "USER")
    seen = access.get_user(user)
    assert (seen.id, seen.name, seen.application_user) == (user, "reader", True)
    assert names(seen.roles) == {"USER"}
    access.remove_role_from_application_user(application.id, "USER")
    assert access.get_user(user).roles == []

    assert [each.id for each in access.list_users()] == [ANN]
    administrator = access.get_user_info_from_token()["id"]
    with_applications = {each.id: each for each in access.list_users(apps=True)}
    assert with_applications.keys() == {ANN, user, administrator}
    assert with_applications[user].application_user is True
    assert with_applications[ANN].application_user is False

    with refused(400):
        access.delete_user(user)
    access.delete_application(application.id)
    with refused(404) as caught:
        access.get_user(user)
    assert application.id in caught.value.body


def test_permissions_are_told_for_each_access(access, ann):
    on_new = access.check_permissions(ANN, "INTEGRATION_PROVIDER", "not-there-yet")
    assert on_new == dict.fromkeys(ACCESSES, False) | {"CREATE": True}
    assert access.check_permissions(ANN, "PROMPT", "greet") == dict.fromkeys(ACCESSES, False)
    administrator = access.get_user_info_from_token()["id"]
    everything = access.check_permissions(administrator, "SECRET_NAME", "any")
    assert everything == dict.fromkeys(ACCESSES, True)


def test_permissions_need_a_target(access, ann, wire):
    with refused(400):
        access.check_permissions(ANN, "NO_SUCH_TYPE", "x")
    for query in [{}, {"type": "WORKFLOW_DEF"}, {"id": "x"}]:
        assert wire("GET", f"/users/{ANN}/checkPermissions", params=query).status_code == 400


def test_a_deleted_user_leaves_nothing_behind(access, ann, integrations, wire):
    """The next user of the id starts with nothing."""
    access.upsert_group(UpsertGroupRequest(description="devs", roles=[]), "devs")
    access.add_user_to_group("devs", ANN)
    integrations.save_integration("main", provider())
    grant = {
        "subject": {"type": "USER", "id": ANN},
        "target": {"type": "INTEGRATION_PROVIDER", "id": "main"},
        "access": ["READ"],
    }
    assert wire("POST", "/auth/authorization", json=grant).ok
    assert access.check_permissions(ANN, "INTEGRATION_PROVIDER", "main")["READ"] is True

    access.delete_user(ANN)
    assert access.get_users_in_group("devs") == []
    on_main = wire("GET", "/auth/authorization/INTEGRATION_PROVIDER/main").json()
    assert ANN not in {subject["id"] for subject in on_main["READ"]}

    again = access.upsert_user(UpsertUserRequest(name="Ann", roles=[]), ANN)
    assert again.uuid != ann.uuid
    assert (again.roles, again.groups) == ([], [])
    assert access.get_granted_permissions_for_user(ANN) == []
    assert access.check_permissions(ANN, "INTEGRATION_PROVIDER", "main") == dict.fromkeys(
        ACCESSES, False
    )


def test_whoever_is_no_administrator_sees_themself_alone(server, access, ann):
    access.upsert_group(UpsertGroupRequest(description="devs", roles=[]), "devs")
    application = access.create_application(named("reader")).id
    access.add_role_to_application_user(application, "USER")
    key = access.create_access_key(application)
    theirs = connect(server.url, key.id, key.secret).get_authorization_client()
    me = f"app:{application}"

    assert theirs.get_user(me).to_dict() == access.get_user(me).to_dict()
    assert theirs.get_user_info_from_token()["id"] == me
    assert theirs.check_permissions(me, "APPLICATION", "new")["CREATE"] is True
    assert theirs.get_granted_permissions_for_user(me) == []
    assert theirs.list_users() == theirs.list_groups() == theirs.list_applications() == []
    assert [user.id for user in theirs.list_users(apps=True)] == [me]

    for call in [
        lambda: theirs.get_user(ANN),
        lambda: theirs.delete_user(ANN),
        lambda: theirs.check_permissions(ANN, "WORKFLOW_DEF", "orders"),
        lambda: theirs.get_granted_permissions_for_user(ANN),
        lambda: theirs.upsert_user(UpsertUserRequest(name="Ben", roles=["USER"]), "ben"),
        lambda: theirs.upsert_user(UpsertUserRequest(name="Ann", roles=[]), ANN),
        lambda: theirs.upsert_group(UpsertGroupRequest(description="x", roles=[]), "more"),
        lambda: theirs.get_users_in_group("devs"),
        lambda: theirs.add_user_to_group("devs", me),
        lambda: theirs.get_application(application),
        lambda: theirs.add_role_to_application_user(application, "ADMIN"),
        lambda: theirs.create_access_key(application),
    ]:
        with refused(403):
            call()
    assert access.get_user(ANN).to_dict() == ann.to_dict()


def test_the_last_administrator_stays(access):
    administrator = access.get_user_info_from_token()["id"].removeprefix("app:")
    for call in [
        lambda: access.remove_role_from_application_user(administrator, "ADMIN"),
        lambda: access.toggle_access_key_status(administrator, ADMIN_KEY_ID),
        lambda: access.delete_access_key(administrator, ADMIN_KEY_ID),
        lambda: access.delete_application(administrator),
    ]:
        with refused(409):
            call()
    assert names(access.get_user(f"app:{administrator}").roles) == {"ADMIN"}
