"""Gateway auth configs, which this server does not have: the SDK's own suite skips them then."""

from conductor.client.http.models.authentication_config import AuthenticationConfig

from sdk import refused


def test_there_are_no_gateway_configs(access):
    config = AuthenticationConfig(id="edge", authentication_type="NONE")
    for call in [
        lambda: access.create_gateway_auth_config(config),
        lambda: access.list_gateway_auth_configs(),
        lambda: access.get_gateway_auth_config("edge"),
        lambda: access.update_gateway_auth_config("edge", config),
        lambda: access.delete_gateway_auth_config("edge"),
    ]:
        with refused(404) as caught:
            call()
        assert caught.value.is_not_found()
