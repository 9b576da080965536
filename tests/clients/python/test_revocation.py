"""What is taken away is gone at the client's next call, and back with the call after its return."""

from types import SimpleNamespace

import pytest
from conductor.client.http.models.create_or_update_role_request import CreateOrUpdateRoleRequest
from conductor.client.http.models.subject_ref import SubjectRef
from conductor.client.http.models.target_ref import TargetRef, TargetType
from conductor.client.http.models.upsert_group_request import UpsertGroupRequest
from conductor.client.http.rest import AuthorizationException
from conductor.client.orkes.models.access_type import AccessType
from conductor.client.orkes.models.metadata_tag import MetadataTag

from sdk import connect, grant, named, provider, refused

CORE = MetadataTag("team", "core")


@pytest.fixture
def them(server, access, integrations):
    """A connected application without any right, and the integration that it wants to read."""
    integrations.save_integration("main", provider())
    id = access.create_application(named("reader")).id
    key = access.create_access_key(id)
    clients = connect(server.url, key.id, key.secret)
    theirs = clients.get_integration_client()
    return SimpleNamespace(
        id=id,
        user=f"app:{id}",
        key=key.id,
        secret=key.secret,
        token=lambda: clients.configuration.AUTH_TOKEN,
        info=clients.get_authorization_client().get_user_info_from_token,
        list=lambda: [each.name for each in theirs.get_integrations()],
        read=lambda: theirs.get_integration("main"),
    )


def test_a_paused_key_stops_its_client_until_it_is_taken_up_again(access, them):
    token = them.token()
    for _ in range(2):
        assert them.info()["id"] == them.user
        assert access.toggle_access_key_status(them.id, them.key).status == "INACTIVE"
        with refused(401) as caught:
            them.info()
        assert isinstance(caught.value, AuthorizationException)
        assert caught.value.error_code == "INVALID_TOKEN"
        assert access.toggle_access_key_status(them.id, them.key).status == "ACTIVE"
    assert them.info()["id"] == them.user
    assert them.token() == token, "the same client goes on, with the token that it had"


def test_a_paused_key_gets_no_token(server, access, them):
    key = access.create_access_key(them.id)
    access.toggle_access_key_status(them.id, key.id)
    with refused(401) as caught:
        access.generate_token(key.id, key.secret)
    assert caught.value.error_code == "INVALID_CREDENTIALS"
    access.toggle_access_key_status(them.id, key.id)
    assert access.generate_token(key.id, key.secret)["token"]
    assert them.info()["id"] == them.user, "the other key was never touched"


def delete_key(access, them):
    access.delete_access_key(them.id, them.key)


def delete_application(access, them):
    access.delete_application(them.id)


@pytest.mark.parametrize("delete", [delete_key, delete_application])
def test_a_deleted_key_stops_its_client_for_good(access, them, delete):
    assert them.info()["id"] == them.user
    delete(access, them)
    for _ in range(2):
        with refused(401) as caught:
            them.info()
        assert isinstance(caught.value, AuthorizationException)
    with refused(401) as caught:
        access.generate_token(them.key, them.secret)
    assert caught.value.error_code == "INVALID_CREDENTIALS"


# Each way gives READ on the integration, and takes it away again.


def by_role(it):
    it.access.create_role(
        CreateOrUpdateRoleRequest(name="READER", permissions=["READ_INTEGRATION_PROVIDER"])
    )
    return (
        lambda: it.access.add_role_to_application_user(it.id, "READER"),
        lambda: it.access.remove_role_from_application_user(it.id, "READER"),
    )


def by_deleted_role(it):
    def give():
        by_role(it)[0]()

    return give, lambda: it.access.delete_role("READER")


def by_changed_role(it):
    def make(*permissions):
        return CreateOrUpdateRoleRequest(name="READER", permissions=list(permissions))

    by_role(it)[0]()
    it.access.update_role("READER", make())
    return (
        lambda: it.access.update_role("READER", make("READ_INTEGRATION_PROVIDER")),
        lambda: it.access.update_role("READER", make()),
    )


def by_grant(it):
    return it.granted(SubjectRef("USER", it.user))


def by_revoked_grants(it):
    give, _ = it.granted(SubjectRef("USER", it.user))
    return give, lambda: it.wire("DELETE", f"/auth/subjects/USER/{it.user}/grants")


def by_grant_to_a_role(it):
    it.access.add_role_to_application_user(it.id, "WORKER")
    return it.granted(SubjectRef("ROLE", "WORKER"))


def by_grant_to_a_group(it):
    it.group()
    it.access.add_user_to_group("devs", it.user)
    return it.granted(SubjectRef("GROUP", "devs"))


def by_role_of_a_group(it):
    by_role(it)
    it.group()
    it.access.add_user_to_group("devs", it.user)

    def save(*roles):  # the SDK knows no custom role here
        body = {"description": "developers", "roles": list(roles)}
        assert it.wire("PUT", "/groups/devs", json=body).ok

    return lambda: save("READER"), save


def by_membership(it):
    it.group()
    it.granted(SubjectRef("GROUP", "devs"))[0]()
    return (
        lambda: it.access.add_user_to_group("devs", it.user),
        lambda: it.access.remove_user_from_group("devs", it.user),
    )


def by_membership_of_many(it):
    it.group()
    it.granted(SubjectRef("GROUP", "devs"))[0]()
    return (
        lambda: it.access.add_users_to_group("devs", [it.user]),
        lambda: it.access.remove_users_from_group("devs", [it.user]),
    )


def by_deleted_group(it):
    def give():
        it.group()
        it.granted(SubjectRef("GROUP", "devs"))[0]()
        it.access.add_user_to_group("devs", it.user)

    return give, lambda: it.access.delete_group("devs")


def by_tag(it):
    it.on_tag(it.access.grant_permissions)
    return (
        lambda: it.integrations.put_tag_for_integration_provider([CORE], "main"),
        lambda: it.integrations.delete_tag_for_integration_provider([CORE], "main"),
    )


def by_grant_on_a_tag(it):
    it.integrations.put_tag_for_integration_provider([CORE], "main")
    return (
        lambda: it.on_tag(it.access.grant_permissions),
        lambda: it.on_tag(it.access.remove_permissions),
    )


@pytest.mark.parametrize(
    "way",
    [
        by_role,
        by_deleted_role,
        by_changed_role,
        by_role_of_a_group,
        by_grant,
        by_revoked_grants,
        by_grant_to_a_role,
        by_grant_to_a_group,
        by_membership,
        by_membership_of_many,
        by_deleted_group,
        by_tag,
        by_grant_on_a_tag,
    ],
)
def test_a_right_is_in_force_and_gone_at_the_next_call(access, integrations, wire, them, way):
    def granted(subject):
        body = grant(subject, "INTEGRATION_PROVIDER", "main", "READ")

        def send(method):
            assert wire(method, "/auth/authorization", json=body).ok

        return lambda: send("POST"), lambda: send("DELETE")

    def on_tag(change):
        target = TargetRef(TargetType.TAG, "team:core")
        change(SubjectRef("USER", them.user), target, [AccessType.READ])

    def group():
        access.upsert_group(UpsertGroupRequest(description="developers", roles=[]), "devs")

    it = SimpleNamespace(
        access=access,
        integrations=integrations,
        wire=wire,
        id=them.id,
        user=them.user,
        granted=granted,
        on_tag=on_tag,
        group=group,
    )
    give, take = way(it)
    token = them.token()

    def locked_out():
        with refused(403) as caught:
            them.read()
        assert isinstance(caught.value, AuthorizationException)
        assert not caught.value.token_expired and not caught.value.invalid_token
        assert them.list() == [], "lists are filtered, not refused"

    locked_out()
    for _ in range(2):
        give()
        assert them.read().name == "main"
        assert them.list() == ["main"]
        take()
        locked_out()
    assert them.token() == token, "no refusal may cost a token"
