"""Tokens: how the SDK gets one, tells its owner, and gets the next."""

import pytest
import requests
from conductor.client.http.rest import AuthorizationException

from podium import ADMIN_KEY_ID, ADMIN_KEY_SECRET
from sdk import connect, provider, refused


def test_a_generated_token_is_the_bearer(server, access):
    answer = access.generate_token(ADMIN_KEY_ID, ADMIN_KEY_SECRET)
    assert answer.keys() == {"token"}
    headers = {"X-Authorization": answer["token"]}
    bearer = requests.get(f"{server.url}/token/userInfo", headers=headers).json()
    assert bearer == access.get_user_info_from_token()


@pytest.mark.parametrize("pair", [(ADMIN_KEY_ID, "wrong"), ("unknown", ADMIN_KEY_SECRET)])
def test_wrong_credentials_get_no_token(access, pair):
    with refused(401) as caught:
        access.generate_token(*pair)
    assert caught.value.error_code == "INVALID_CREDENTIALS"


def test_the_administrator_is_an_application_with_its_role(access):
    user = access.get_user_info_from_token()
    application = access.get_app_by_access_key_id(ADMIN_KEY_ID)
    assert user["id"] == f"app:{application['id']}"
    assert user["name"] == application["name"]
    assert user["applicationUser"] is True
    assert user["groups"] == []
    (role,) = user["roles"]
    assert role["name"] == "ADMIN"
    assert {"name": "APPLICATION_MANAGEMENT"} in role["permissions"]


def test_the_claims_come_when_asked_for(access, wire):
    told = wire("GET", "/token/userInfo", params={"claims": "true"}).json()
    assert told["user"] == access.get_user_info_from_token()
    assert told["claims"]["exp"] > told["claims"]["iat"]


@pytest.mark.parametrize("headers", [{}, {"X-Authorization": ""}, {"X-Authorization": "a.b.c"}])
def test_without_a_valid_token_nothing_is_told(server, headers):
    for path in ["/integrations/provider", "/applications", "/token/userInfo"]:
        answer = requests.get(server.url + path, headers=headers)
        told = answer.json()
        assert (answer.status_code, told["error"]) == (401, "INVALID_TOKEN"), path
        assert told["message"]
        assert told["timestamp"] > 1_700_000_000_000


def test_an_invalid_token_is_renewed(clients, integrations):
    clients.configuration.update_token("stale")
    integrations.save_integration("main", provider())
    assert clients.configuration.AUTH_TOKEN != "stale"
    assert integrations.get_integration("main").name == "main"


def test_an_expired_token_is_renewed(start_server):
    server = start_server(PODIUM_TOKEN_TTL="2s")
    clients = connect(server.url, ADMIN_KEY_ID, ADMIN_KEY_SECRET)
    integrations = clients.get_integration_client()
    first = clients.configuration.AUTH_TOKEN
    headers = {"X-Authorization": first}
    while (answer := requests.get(f"{server.url}/token/userInfo", headers=headers)).ok:
        pass
    assert (answer.status_code, answer.json()["error"]) == (401, "EXPIRED_TOKEN")

    integrations.save_integration("main", provider())
    assert integrations.get_integration("main").name == "main"
    assert clients.configuration.AUTH_TOKEN != first


def test_a_key_that_never_worked_is_refused_everything(server):
    integrations = connect(server.url, ADMIN_KEY_ID, "wrong").get_integration_client()
    with pytest.raises(AuthorizationException) as caught:
        integrations.get_integrations()
    assert caught.value.status == 401
