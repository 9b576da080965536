"""Applications and their access keys, through `OrkesAuthorizationClient`."""

import pytest
from conductor.client.http.rest import AuthorizationException
from conductor.client.orkes.models.metadata_tag import MetadataTag

from podium import ADMIN_KEY_ID
from sdk import connect, named, provider, refused

UNKNOWN = "5f0c7f5e-0000-7000-8000-000000000000"


@pytest.fixture
def reader(access):
    """The id of an application without any role."""
    return access.create_application(named("reader")).id


@pytest.mark.parametrize("name", ["reader", "two words / größe: 模型 + 50%"])
def test_an_application_lives(access, name):
    caller = access.get_user_info_from_token()["id"]
    created = access.create_application(named(name))
    assert created.name == name
    assert created.created_by == created.updated_by == caller
    assert created.create_time == created.update_time > 1_700_000_000_000
    assert access.get_application(created.id).to_dict() == created.to_dict()
    assert created.id in {each.id for each in access.list_applications()}

    renamed = access.update_application(named("renamed"), created.id)
    assert (renamed.id, renamed.name) == (created.id, "renamed")
    assert renamed.create_time == created.create_time
    assert access.get_application(created.id).name == "renamed"

    access.delete_application(created.id)
    assert created.id not in {each.id for each in access.list_applications()}
    with refused(404) as caught:
        access.get_application(created.id)
    assert created.id in caught.value.body


def test_two_applications_may_share_a_name(access, reader):
    assert access.create_application(named("reader")).id != reader


@pytest.mark.parametrize("name", ["", "   "])
def test_a_blank_name_is_refused(access, reader, name):
    with refused(400):
        access.create_application(named(name))
    with refused(400):
        access.update_application(named(name), reader)
    assert access.get_application(reader).name == "reader"


def test_an_unknown_application_is_not_found(access):
    for call in [
        lambda: access.get_application(UNKNOWN),
        lambda: access.update_application(named("x"), UNKNOWN),
        lambda: access.delete_application(UNKNOWN),
        lambda: access.create_access_key(UNKNOWN),
        lambda: access.get_access_keys(UNKNOWN),
        lambda: access.toggle_access_key_status(UNKNOWN, "key"),
        lambda: access.delete_access_key(UNKNOWN, "key"),
        lambda: access.add_role_to_application_user(UNKNOWN, "ADMIN"),
        lambda: access.remove_role_from_application_user(UNKNOWN, "ADMIN"),
        lambda: access.get_application_tags(UNKNOWN),
        lambda: access.set_application_tags([MetadataTag("team", "core")], UNKNOWN),
        lambda: access.delete_application_tags([MetadataTag("team", "core")], UNKNOWN),
    ]:
        with refused(404) as caught:
            call()
        assert UNKNOWN in caught.value.body


def test_an_access_key_lives(access, reader):
    assert access.get_access_keys(reader) == []
    created = access.create_access_key(reader)
    other = access.create_access_key(reader)
    assert created.id != other.id
    assert created.secret != other.secret

    keys = {key.id: key for key in access.get_access_keys(reader)}
    assert keys.keys() == {created.id, other.id}
    assert keys[created.id].status == "ACTIVE"
    assert keys[created.id].created_at > 1_700_000_000_000

    toggled = access.toggle_access_key_status(reader, created.id)
    assert (toggled.id, toggled.status) == (created.id, "INACTIVE")
    assert toggled.created_at == keys[created.id].created_at
    assert access.toggle_access_key_status(reader, created.id).status == "ACTIVE"

    access.delete_access_key(reader, created.id)
    assert [key.id for key in access.get_access_keys(reader)] == [other.id]
    with refused(404):
        access.delete_access_key(reader, created.id)
    with refused(404):
        access.toggle_access_key_status(reader, created.id)


def test_a_key_belongs_to_one_application(access, reader):
    key = access.create_access_key(reader)
    other = access.create_application(named("other")).id
    with refused(404):
        access.toggle_access_key_status(other, key.id)
    with refused(404):
        access.delete_access_key(other, key.id)
    assert [each.status for each in access.get_access_keys(reader)] == ["ACTIVE"]


def test_an_application_is_found_by_its_key(access, reader):
    key = access.create_access_key(reader)
    found = access.get_app_by_access_key_id(key.id)
    assert (found["id"], found["name"]) == (reader, "reader")
    administrator = access.get_app_by_access_key_id(ADMIN_KEY_ID)
    assert access.get_user_info_from_token()["id"] == f"app:{administrator['id']}"
    with refused(404):
        access.get_app_by_access_key_id("no-such-key")


def test_deleting_answers_a_message(access, reader, wire):
    key = access.create_access_key(reader).id
    answer = wire("DELETE", f"/applications/{reader}/accessKeys/{key}")
    assert answer.json() == {"message": f"Deleted Access key '{key}'"}
    answer = wire("DELETE", f"/applications/{reader}")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {"message": f"Deleted Application '{reader}'"}


def test_the_secret_is_told_once(access, reader, wire):
    key = access.create_access_key(reader)
    for path in [f"/applications/{reader}/accessKeys", f"/applications/key/{key.id}"]:
        assert key.secret not in wire("GET", path).text


def test_a_role_counts_from_the_next_call_on(server, access, reader):
    key = access.create_access_key(reader)
    theirs = connect(server.url, key.id, key.secret)
    integrations, me = theirs.get_integration_client(), theirs.get_authorization_client()

    def roles():
        return {role["name"] for role in me.get_user_info_from_token()["roles"]}

    token = theirs.configuration.AUTH_TOKEN
    with refused(403) as caught:
        integrations.save_integration("theirs", provider())
    assert isinstance(caught.value, AuthorizationException)
    assert not caught.value.token_expired and not caught.value.invalid_token
    assert roles() == set()

    access.add_role_to_application_user(reader, "METADATA_MANAGER")
    assert roles() == {"METADATA_MANAGER"}
    integrations.save_integration("theirs", provider())
    assert integrations.get_integration("theirs").created_by == f"app:{reader}"

    access.remove_role_from_application_user(reader, "METADATA_MANAGER")
    access.remove_role_from_application_user(reader, "METADATA_MANAGER")
    assert roles() == set()
    with refused(403):
        integrations.save_integration("more", provider())
    assert theirs.configuration.AUTH_TOKEN == token, "no refusal may cost a token"


def test_only_an_administrator_makes_administrators(server, access, reader):
    key = access.create_access_key(reader)
    theirs = connect(server.url, key.id, key.secret).get_authorization_client()
    with refused(403):
        theirs.add_role_to_application_user(reader, "ADMIN")
