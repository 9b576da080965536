"""The unit, the compose file and the manifest: valid, closed, and of settings that there are.

No systemd, Docker or Kubernetes runs them here: their own checkers read them, and what they set is
held against the program, the image and what it asks of the system.
"""

import re
import subprocess

import pytest
import requests
import yaml

import podium
from podium import REPOSITORY
from traffic import save_an_integration

DEPLOY = REPOSITORY / "docs/deploy"
UNIT = DEPLOY / "podium.service"
COMPOSE = DEPLOY / "compose.yaml"
KUBERNETES = DEPLOY / "kubernetes.yaml"
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()

# What `systemd-analyze` gives the unit, times ten; 100 is a service without any bounds.
EXPOSURE = 15


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_unit_is_valid_and_closed(tmp_path):
    text = UNIT.read_text()
    assert "ExecStart=/usr/local/bin/podium\n" in text
    unit = tmp_path / "podium.service"
    unit.write_text(text.replace("/usr/local/bin/podium", str(podium.BINARY)))
    run("systemd-analyze", "--man=no", "--recursive-errors=no", "verify", str(unit))
    run("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", str(unit))


def allowed_calls() -> set[str]:
    """The system calls that the unit allows, by what systemd says of its groups."""
    groups: dict[str, list[str]] = {}
    for line in run("systemd-analyze", "--no-pager", "syscall-filter").splitlines():
        if re.match(r"\S", line):
            members = groups.setdefault(line.split()[0], [])
        elif line.strip() and not line.strip().startswith("#"):
            members.append(line.strip())

    def calls(name: str) -> set[str]:
        if name not in groups:
            return {name}
        return set().union(*map(calls, groups[name]))

    allowed: set[str] = set()
    for names in re.findall("^SystemCallFilter=(.*)$", UNIT.read_text(), re.MULTILINE):
        named = set().union(*map(calls, names.removeprefix("~").split()))
        allowed = allowed - named if names.startswith("~") else allowed | named
    return allowed


def test_the_unit_allows_the_system_calls_of_a_server(start_server, tmp_path, monkeypatch):
    calls = tmp_path / "calls"
    traced = tmp_path / "traced"
    # `-D`: what is started is the server, and strace beside it.
    traced.write_text(f'#!/bin/sh\nexec strace -D -f -qq -o {calls} {podium.BINARY} "$@"\n')
    traced.chmod(0o755)
    monkeypatch.setattr(podium, "BINARY", traced)
    server = start_server(PODIUM_METRICS_LISTEN="127.0.0.1:0")
    metrics = server.printed("metrics on ")
    headers = save_an_integration(server)
    for answer in [
        requests.get(f"{server.url}/integrations/provider/x", headers=headers),
        requests.post(f"{server.url}/seal/rotate", headers=headers),
        requests.get(server.url.replace("/api", "/health/ready")),
        requests.get(metrics),
    ]:
        assert answer.status_code == 200, answer.text
    server.stop()

    used = set(re.findall(r"^\d+ +(\w+)\(", calls.read_text(), re.MULTILINE))
    assert {"fdatasync", "accept4", "getrandom"} <= used
    # Starting the program is systemd's; SQLite gives files to their folder's owner as root alone.
    assert used - {"execve", "fchown"} <= allowed_calls()


def test_the_compose_file_is_valid_and_closed():
    run("check-jsonschema", "--builtin-schema=vendor.compose-spec", str(COMPOSE))
    compose = yaml.safe_load(COMPOSE.read_text())
    services = compose["services"]
    server = services["podium"]
    assert server["read_only"] is True and server["cap_drop"] == ["ALL"]
    assert (COMPOSE.parent / server["build"]).resolve() == REPOSITORY
    for service in services.values():
        used = {value for value in service["environment"].values() if "/run/secrets/" in value}
        assert used == {f"/run/secrets/{name}" for name in service["secrets"]}
        assert "no-new-privileges:true" in service["security_opt"]
    assert set(compose["secrets"]) == {name for it in services.values() for name in it["secrets"]}


def test_the_manifest_is_valid_and_closed():
    run("kubernetes-validate", "--strict", str(KUBERNETES))
    deployment, service, budget = yaml.safe_load_all(KUBERNETES.read_text())
    pod = deployment["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    # What the Pod Security Standard `restricted` asks for, and a root that cannot be written.
    closed = pod["spec"]["securityContext"]
    assert closed["runAsNonRoot"] and closed["seccompProfile"]["type"] == "RuntimeDefault"
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not any("hostPath" in volume for volume in pod["spec"]["volumes"])

    labels = pod["metadata"]["labels"].items()
    for selector in [
        deployment["spec"]["selector"]["matchLabels"],
        service["spec"]["selector"],
        budget["spec"]["selector"]["matchLabels"],
    ]:
        assert selector.items() <= labels
    assert budget["spec"]["minAvailable"] < deployment["spec"]["replicas"]

    # The image's user and port.
    user, port = closed["runAsUser"], container["ports"][0]["containerPort"]
    assert f"useradd --uid {user} " in DOCKERFILE and f"\nEXPOSE {port}\n" in DOCKERFILE


@pytest.mark.parametrize("file", [UNIT, COMPOSE, KUBERNETES], ids=lambda file: file.name)
def test_each_setting_is_one(file):
    settings = set(re.findall(r"\bPODIUM_[A-Z_]+\b", file.read_text()))
    known = set(re.findall(r"\bPODIUM_[A-Z_]+\b", run(str(podium.BINARY), "--help")))
    secrets = ["SEAL_KEY", "DATABASE_PASSWORD", "ADMIN_KEY_ID", "ADMIN_KEY_SECRET"]
    known |= {f"PODIUM_{name}_FILE" for name in secrets}
    assert "PODIUM_DATABASE_URL" in settings and settings - {"PODIUM_"} <= known


def test_the_probes_are_there(server):
    text = KUBERNETES.read_text() + (REPOSITORY / "Dockerfile").read_text()
    paths = set(re.findall(r"path: (/\S+),", text))
    assert paths == {"/health", "/health/ready"}
    for path in paths:
        assert requests.get(server.url.replace("/api", path)).status_code == 200
