"""The files for CI that docs/provisioning.md shows: what their services take, and run as those do."""

import subprocess
import sys

import pytest
import yaml

import podium
from pasting import BASH, blocks
from podium import ADMIN_KEY_ID, ADMIN_KEY_SECRET, PATIENCE_SECONDS

DOCUMENT = "docs/provisioning.md"
KEY = "sk-CANARY"
FILES = {text.split("\n")[0].removeprefix("# "): text for text in blocks(DOCUMENT, "yaml")}
# The files for CI: how each is checked, and a word that its service would not take.
CI = {
    ".github/workflows/podium.yml": (["--builtin-schema", "vendor.github-workflows"], "runs-on: "),
    ".gitlab-ci.yml": (
        ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
        "environment: ",
    ),
}
MANIFESTS = [name for name in FILES if name not in CI]


def check(file, *schema):
    return subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *schema, str(file)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/podium").symlink_to(podium.BINARY)
    return tmp_path


@pytest.mark.parametrize("name", CI)
def test_the_service_takes_the_file(name, folder):
    schema, word = CI[name]
    checked = check(folder / name, *schema)
    assert checked.returncode == 0, checked.stdout
    (folder / name).write_text(FILES[name].replace(word, f"{word}[7] #"))
    assert check(folder / name, *schema).returncode == 1


@pytest.mark.parametrize("name", MANIFESTS)
def test_editors_find_no_fault_with_the_manifest(name, folder):
    printed = subprocess.run([podium.BINARY, "schema"], capture_output=True, check=True)
    (folder / "schema.json").write_bytes(printed.stdout)
    schema = ["--schemafile", str(folder / "schema.json")]
    checked = check(folder / name, *schema)
    assert checked.returncode == 0, checked.stdout
    (folder / name).write_text(FILES[name] + "integration: []\n")
    assert check(folder / name, *schema).returncode == 1


def scripts(name):
    """What plans and what applies, each as one script."""
    file = yaml.safe_load(FILES[name])
    if name == ".gitlab-ci.yml":
        return ["\n".join(file[job]["script"]) for job in ["plan", "apply"]]
    steps = file["jobs"]["provision"]["steps"]
    return [step["run"] for step in steps if "run" in step]


@pytest.mark.parametrize("name", CI)
def test_its_scripts_plan_and_apply(name, folder, start_server):
    server = start_server()
    environment = {
        "PATH": f"{folder}/bin:/usr/bin:/bin",
        "CONDUCTOR_SERVER_URL": server.url,
        "CONDUCTOR_AUTH_KEY": ADMIN_KEY_ID,
        "CONDUCTOR_AUTH_SECRET": ADMIN_KEY_SECRET,
        "OPENAI_API_KEY": KEY,
    }

    def run(script):
        done = subprocess.run(
            BASH,
            input=script,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
        assert KEY not in done.stdout + done.stderr
        return done

    plan, apply = scripts(name)
    planned = run(plan)
    assert planned.returncode == 0 and "Plan: 7 to create" in planned.stdout, planned.stdout + planned.stderr
    applied = run(apply)
    assert applied.returncode == 0 and "Applied: 7 created" in applied.stdout, applied.stdout + applied.stderr
    again = run(plan)
    assert again.returncode == 0 and "Nothing to do" in again.stdout
    del environment["OPENAI_API_KEY"]
    failed = run(plan)
    assert failed.returncode == 1 and "the variable `OPENAI_API_KEY` is not set" in failed.stderr
