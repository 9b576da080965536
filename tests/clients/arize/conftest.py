"""Arize's official clients, unmodified, each release in a process of its own."""

import pytest
import requests

from releases import NEWEST, Process
from sdk import KEY, Sdk


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keeps the tests of a release in one of the processes that run tests: it is slow to load."""
    for item in items:
        release = getattr(item, "callspec", None) and item.callspec.params.get("release")
        item.add_marker(pytest.mark.xdist_group(str(release or NEWEST)))


@pytest.fixture(scope="session")
def processes(tmp_path_factory):
    """Starts the process of a release when it is first asked for."""
    running = {}

    def of(release) -> Process:
        if release.version not in running:
            home = tmp_path_factory.mktemp("home")
            running[release.version] = Process(release.version, home)
        return running[release.version]

    yield of
    for process in running.values():
        process.stop()


@pytest.fixture
def server(start_server):
    """A server that tells the secrets it stores, on another path than the package's."""
    return start_server(PODIUM_RESOLVE="on")


@pytest.fixture
def host(server) -> str:
    return server.url.removeprefix("http://").removesuffix("/api")


@pytest.fixture
def connect(processes, host):
    """A release against the server, as the administrator or with another key."""
    return lambda release, key=KEY: Sdk(processes(release), release, host, key)


@pytest.fixture
def newest(connect) -> Sdk:
    return connect(NEWEST)


@pytest.fixture
def wire(host):
    """The bare wire, for what the package has no words for: `wire("GET", "/v2/spaces")`."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {KEY}"
        yield lambda method, path, **more: session.request(method, f"http://{host}{path}", **more)
