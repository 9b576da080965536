"""Every block of shell in the documents for operators, as they paste it."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import podium
from podium import ADMIN_KEY_ID, ADMIN_KEY_SECRET, PATIENCE_SECONDS, REPOSITORY, SECRET

DOCUMENTS = ["docs/operations.md", "docs/deploy/README.md", "docs/monitoring/README.md"]

# The blocks that are not run here, by how they begin, and why. Their syntax is checked.
NOT_RUN = {
    "docker run --rm": "needs Docker",
    "sudo chown 10001": "needs Docker",
    "kubectl create secret generic podium-seal --dry-run": "needs Kubernetes",
    "kubectl create secret generic podium-seal --from-literal": "needs Kubernetes",
    "useradd --system": "needs systemd, and makes a user of the machine",
    "systemctl stop podium": "needs systemd",
    "cargo install --locked --path .": "builds for minutes what the tests have built",
    "RUSTFLAGS=": "builds for minutes what the tests have built",
    "cargo install --locked cargo-cyclonedx": "its second line is run by test_dependencies.py",
}


@dataclass
class Block:
    """A fenced block of shell."""

    document: str
    text: str

    def __str__(self) -> str:
        return self.text.split("\n")[0]

    def begins(self, known) -> str | None:
        """Which of `known` the block begins with."""
        return next((start for start in known if self.text.startswith(start)), None)


def blocks() -> list[Block]:
    found = []
    for document in DOCUMENTS:
        text = (REPOSITORY / document).read_text()
        for indent, block in re.findall(r"^( *)```sh\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE):
            found.append(Block(document, re.sub(f"^{indent}", "", block, flags=re.MULTILINE)))
    return found


BLOCKS = blocks()


class Shell:
    """A shell of an operator, in a folder in the place of the machine's."""

    def __init__(self, folder: Path):
        self.folder = folder
        programs = folder / "bin"
        programs.mkdir()
        (programs / "podium").symlink_to(podium.BINARY)
        # The day of the documents' examples, and a password store.
        self.program("date", "echo 2026-11-22")
        self.program("pass", f"echo {SECRET}")
        self.environment = {"PATH": f"{programs}:{os.environ['PATH']}"}
        for place in ["var/lib/podium", "backup", "elsewhere", "tmp", "run/secrets"]:
            (folder / place).mkdir(parents=True)
        self.database = folder / "var/lib/podium/podium.db"

    def program(self, name: str, line: str) -> None:
        program = self.folder / "bin" / name
        program.write_text(f"#!/bin/sh\n{line}\n")
        program.chmod(0o755)

    def paste(self, text: str, **environment: str) -> str:
        places = r"(?<![\w.])/(?=(var/lib|backup|elsewhere|tmp|run/secrets)/)"
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail"],
            input=re.sub(places, f"{self.folder}/", text),
            cwd=self.folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        assert SECRET not in done.stdout + done.stderr
        return done.stdout

    def make_registry(self) -> None:
        """An embedded database, with its key and an administrator, that no server has."""
        server = self.serve(f"sqlite://{self.database}")
        server.terminate()
        assert server.wait(PATIENCE_SECONDS) == 0

    def serve(self, database: str, **environment: str) -> subprocess.Popen:
        """A server that listens."""
        server = subprocess.Popen(
            [podium.BINARY, "--listen", "127.0.0.1:0", "--database", database],
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdout.readline().startswith("listening on ")
        return server


@pytest.fixture
def shell(tmp_path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def signed_in(shell, start_server) -> Shell:
    """A shell with an administrator's key for a running server."""
    server = start_server()
    shell.environment |= {
        "CONDUCTOR_SERVER_URL": server.url,
        "CONDUCTOR_AUTH_KEY": ADMIN_KEY_ID,
        "CONDUCTOR_AUTH_SECRET": ADMIN_KEY_SECRET,
    }
    return shell


@pytest.fixture
def postgres(shell):
    """A database for the block, where the documents have `db.example.org`."""
    # `localhost` is the one name of its certificate.
    url = urlsplit(os.environ["PODIUM_TEST_POSTGRES"])
    environment = os.environ | {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(url.port),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
    }
    name = f"commands_{os.urandom(8).hex()}"

    def psql(sql: str) -> None:
        command = ["psql", "-d", "postgres", "-c", sql]
        subprocess.run(command, env=environment, check=True, capture_output=True)

    psql(f"CREATE DATABASE {name} TEMPLATE template0")
    shell.environment["SSL_CERT_FILE"] = os.environ["PODIUM_TEST_POSTGRES_CA"]
    secret = shell.folder / "run/secrets/podium-database"
    secret.write_text(url.password)
    secret.chmod(0o600)
    (shell.folder / "run/secrets/podium-seal-key").write_text(os.urandom(32).hex())
    (shell.folder / "run/secrets/podium-seal-key").chmod(0o600)
    yield lambda text: text.replace("db.example.org/podium", f"localhost:{url.port}/{name}")
    psql(f"DROP DATABASE {name} WITH (FORCE)")


def grant(shell: Shell, text: str, request) -> None:
    signed_in = request.getfixturevalue("signed_in")
    make_group(signed_in)
    signed_in.paste(text)
    assert "group:devs" in signed_in.paste("podium grant list --on integration:openai-main")


def make_group(shell: Shell) -> None:
    """What the block is about, which only the API makes."""
    shell.paste(
        """
        token() { curl -sf "$CONDUCTOR_SERVER_URL/token" -H 'Content-Type: application/json' \\
          -d "{\\"keyId\\": \\"$CONDUCTOR_AUTH_KEY\\", \\"keySecret\\": \\"$CONDUCTOR_AUTH_SECRET\\"}" |
          cut -d'"' -f4; }
        send() { curl -sf -X "$1" "$CONDUCTOR_SERVER_URL/$2" -H "X-Authorization: $(token)" \\
          -H 'Content-Type: application/json' -d "$3"; }
        send PUT groups/devs '{"description": "developers", "roles": []}'
        send POST integrations/provider/openai-main \\
          '{"type": "openai", "category": "AI_MODEL", "configuration": {"api_key": "sk-x"}}'
        """
    )


def at_a_server(shell: Shell, text: str, request) -> None:
    signed_in = request.getfixturevalue("signed_in")
    for name in ["SERVER_URL=https://podium.example.org/api", "AUTH_KEY=…", "AUTH_SECRET=…"]:
        start, _ = name.split("=")
        assert f"export CONDUCTOR_{name}" in text
        value = signed_in.environment[f"CONDUCTOR_{start}"]
        text = text.replace(f"CONDUCTOR_{name}", f"CONDUCTOR_{start}={value}")
    assert "ROLE" in signed_in.paste(text).upper()


def recover(shell: Shell, text: str, request) -> None:
    shell.make_registry()
    assert "export CONDUCTOR_AUTH_SECRET=" in shell.paste(text)


def audit(shell: Shell, text: str, request) -> None:
    signed_in = request.getfixturevalue("signed_in")
    make_group(signed_in)
    told = signed_in.paste(text)
    assert "openai-main" in told


def audit_kept(shell: Shell, text: str, request) -> None:
    signed_in = request.getfixturevalue("signed_in")
    signed_in.paste(text, LAST="0")
    exported = shell.folder / "audit-2026-11-22.jsonl"
    assert exported.read_text().startswith('{"seq":1')


def backup(shell: Shell, text: str, request) -> None:
    shell.make_registry()
    save, restore = text.splitlines()
    shell.paste(save)
    former = shell.database.read_bytes()
    shell.database.unlink()
    shell.paste(restore)
    assert shell.database.read_bytes()[:16] == former[:16]
    assert "registry.restore" in shell.paste(
        "podium audit list --database sqlite:///var/lib/podium/podium.db"
    )


def trial(shell: Shell, text: str, request) -> None:
    shell.make_registry()
    key = shell.folder / "elsewhere/seal-key"
    key.write_bytes((shell.folder / "var/lib/podium/podium.db.seal-key").read_bytes())
    key.chmod(0o600)
    shell.paste("podium backup --database sqlite:///var/lib/podium/podium.db /backup/podium-2026-11-22")
    shell.paste(text)
    assert (shell.folder / "tmp/trial.db").exists()


def on_postgres(shell: Shell, text: str, request) -> None:
    text = request.getfixturevalue("postgres")(text)
    assert text.endswith("\npodium\n")
    # The last line is a server, which does not end by itself: it does here when it was looked at.
    text = text.removesuffix("podium\n") + (
        "exec 3< <(exec podium --listen 127.0.0.1:0)\n"
        "trap 'kill $!' EXIT\n"
        "read -r line <&3; echo \"$line\"\n"
        # It says that the tests' database does not wait for its disk, too.
        "podium doctor || true\n"
    )
    told = shell.paste(text)
    assert told.startswith("listening on "), told
    assert re.search("ok +connection +TLS", told) and re.search("ok +seal ", told), told


def copy(shell: Shell, text: str, request) -> None:
    shell.make_registry()
    text = request.getfixturevalue("postgres")(text)
    password = shell.folder / "run/secrets/podium-database"
    shell.paste(text, PODIUM_DATABASE_PASSWORD_FILE=str(password))


def addresses(shell: Shell, text: str, request) -> None:
    lines = text.splitlines()
    told = shell.paste("\n".join(f"export {line}" for line in lines) + "\npodium doctor || true")
    assert len(lines) == 2 and re.search("ok +settings", told), told


def secrets(shell: Shell, text: str, request) -> None:
    shell.paste(text)
    made = list((shell.folder / "secrets").iterdir())
    compose = (REPOSITORY / "docs/deploy/compose.yaml").read_text()
    assert {f"file: secrets/{file.name}" for file in made} == set(
        re.findall("file: secrets/.*", compose)
    )
    assert all(file.stat().st_mode & 0o077 == 0 for file in made)
    # The key is one that a server takes.
    environment = {"PODIUM_SEAL_KEY_FILE": str(shell.folder / "secrets/seal-key")}
    server = shell.serve(f"sqlite://{shell.database}", **environment)
    server.terminate()
    assert server.wait(PATIENCE_SECONDS) == 0


RUN = {
    "podium grant add": grant,
    "export CONDUCTOR_SERVER_URL": at_a_server,
    "podium key recover": recover,
    "podium audit list": audit,
    "podium audit verify": audit_kept,
    "podium backup": backup,
    "PODIUM_SEAL_KEY_FILE=/elsewhere": trial,
    "export PODIUM_DATABASE_URL": on_postgres,
    "podium copy": copy,
    "PODIUM_ENDPOINT_ALLOW": addresses,
    "umask 077": secrets,
}


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_each_block_works_as_pasted(block, shell, request):
    checked = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True)
    assert checked.returncode == 0 and not checked.stderr, checked.stderr
    runner = block.begins(RUN)
    assert runner or block.begins(NOT_RUN), f"neither run nor listed as not run:\n{block.text}"
    if runner:
        RUN[runner](shell, block.text, request)


def test_every_block_that_is_known_is_there():
    known = [*RUN, *NOT_RUN]
    assert [block.begins(known) for block in BLOCKS].count(None) == 0
    assert {block.begins(known) for block in BLOCKS} == set(known)
