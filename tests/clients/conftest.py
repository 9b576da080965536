"""A Podium server of its own for each test."""

import pytest

from podium import Server


@pytest.fixture
def start_server(tmp_path):
    """Starts servers with settings of the test's choice, and stops them after it."""
    servers = []

    def start(**settings: str) -> Server:
        servers.append(Server(tmp_path / f"server-{len(servers)}", **settings))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def server(start_server) -> Server:
    return start_server()
