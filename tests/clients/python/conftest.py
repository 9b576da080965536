"""The official Python SDK, unmodified, as the administrator of a fresh server."""

import pytest
import requests

from podium import ADMIN_KEY_ID, ADMIN_KEY_SECRET
from sdk import connect


@pytest.fixture
def clients(server):
    return connect(server.url, ADMIN_KEY_ID, ADMIN_KEY_SECRET)


@pytest.fixture
def integrations(clients):
    return clients.get_integration_client()


@pytest.fixture
def access(clients):
    return clients.get_authorization_client()


@pytest.fixture
def wire(server, access):
    """The bare wire, for what the SDK hides: `wire("GET", "/integrations/def")`."""
    token = access.generate_token(ADMIN_KEY_ID, ADMIN_KEY_SECRET)["token"]
    with requests.Session() as session:
        session.headers["X-Authorization"] = token
        yield lambda method, path, **more: session.request(method, server.url + path, **more)
