"""What the binary is made of: its advisories, and its bill of materials."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from podium import REPOSITORY

LOCK = tomllib.loads((REPOSITORY / "Cargo.lock").read_text())
VERSIONS = {(package["name"], package["version"]) for package in LOCK["package"]}

NONE, SOME, UNKNOWN = 0, 1, 3

ADVISORY = """\
```toml
[advisory]
id = "RUSTSEC-2000-0001"
package = "rusqlite"
date = "2000-01-01"

[versions]
patched = ["{patched}"]
```

# A hole that is only in this test
"""


def git(folder: Path, *command: str) -> None:
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", *who, *command], cwd=folder, check=True, capture_output=True)


class Advisories:
    """A database of advisories in the place of the public one, and a cargo that has none yet."""

    def __init__(self, folder: Path):
        self.database = folder / "database"
        self.home = folder / "cargo"
        self.home.mkdir()
        registry = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo")) / "registry"
        (self.home / "registry").symlink_to(registry)

    def publish(self, patched: str) -> None:
        page = self.database / "crates/rusqlite/RUSTSEC-2000-0001.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        git(self.database, "init", "--initial-branch=main")
        page.write_text(ADVISORY.format(patched=patched))
        git(self.database, "add", ".")
        git(self.database, "commit", "--message=advisory")

    def look(self) -> tuple[int, str]:
        done = subprocess.run(
            [REPOSITORY / "tests/advisories"],
            env=os.environ
            | {
                "CARGO_HOME": str(self.home),
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": f"url.file://{self.database}.insteadOf",
                "GIT_CONFIG_VALUE_0": "https://github.com/RustSec/advisory-db",
            },
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def advisories(tmp_path) -> Advisories:
    return Advisories(tmp_path)


def test_an_advisory_is_found_and_one_of_a_former_version_is_not(advisories):
    advisories.publish(patched=">= 0.1.0")
    code, told = advisories.look()
    assert code == NONE, told
    advisories.publish(patched=">= 1000.0.0")
    code, told = advisories.look()
    assert code == SOME and "RUSTSEC-2000-0001" in told, told

    # What was fetched before still counts when the database is out of reach.
    shutil.rmtree(advisories.database)
    code, told = advisories.look()
    assert code == SOME and "RUSTSEC-2000-0001" in told, told


def test_without_a_database_nothing_is_known(advisories):
    code, told = advisories.look()
    assert code == UNKNOWN, told


def test_the_bill_of_materials_names_all_that_is_linked(tmp_path):
    # The documented command, on what it reads of the project, so that it writes elsewhere.
    for file in ["Cargo.toml", "Cargo.lock"]:
        shutil.copy(REPOSITORY / file, tmp_path)
    for source in ["src", "benches"]:
        (tmp_path / source).symlink_to(REPOSITORY / source)
    document = (REPOSITORY / "docs/operations.md").read_text()
    (command,) = re.findall("^cargo cyclonedx .*", document, re.MULTILINE)
    subprocess.run(command.split(), cwd=tmp_path, check=True)
    (version,) = re.findall(r"cargo-cyclonedx@\S+", document)
    assert version in (REPOSITORY / "tests/run").read_text(), "another version is documented"
    text = (tmp_path / "podium.cdx.json").read_text()

    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(text) is None
    bill = json.loads(text)
    assert bill["specVersion"] == "1.5"
    held = {(part["name"], part["version"]): part for part in bill["components"]}
    assert held.keys() <= VERSIONS
    assert {"actix-web", "rusqlite"} <= {name for name, _ in held}
    assert not [name for name, part in held.items() if not part["licenses"]]

    tree = ["cargo", "tree", "--locked", "--edges=normal,no-proc-macro", "--prefix=none"]
    tree += ["--format={p}", "--target=x86_64-unknown-linux-gnu"]
    told = subprocess.run(tree, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    linked = {tuple(line.replace(" v", " ").split()[:2]) for line in told.splitlines()}
    assert len(linked) > 100
    assert linked - {("podium", "0.1.0")} <= held.keys()
