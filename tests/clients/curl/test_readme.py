"""The README's quick start, as a newcomer pastes it."""

import os
import re
import subprocess
import sys

import requests

from podium import PATIENCE_SECONDS, REPOSITORY, SECRET

JAVASCRIPT = REPOSITORY / "tests/clients/javascript"  # the SDK is installed there


def blocks(language: str) -> list[str]:
    """The README's fenced blocks in `language`, in order."""
    readme = (REPOSITORY / "README.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)


def test_the_quick_start_works_as_pasted(start_server):
    run, calls = blocks("sh")[:2]
    (python,) = blocks("python")
    (javascript,) = blocks("javascript")
    assert run == "cargo run --release\n"
    assert "curl" in calls

    # A first start, without a key of the tests' choice: it prints one for the shell.
    server = start_server(PODIUM_ADMIN_KEY_ID="", PODIUM_ADMIN_KEY_SECRET="")
    variables = ["CONDUCTOR_SERVER_URL", "CONDUCTOR_AUTH_KEY", "CONDUCTOR_AUTH_SECRET"]
    exported = {name: server.printed(f"export {name}=") for name in variables}
    assert exported["CONDUCTOR_SERVER_URL"] == server.url

    def paste(text: str, *command: str, cwd=REPOSITORY) -> str:
        done = subprocess.run(
            command,
            input=text,
            cwd=cwd,
            env=os.environ | exported | {"OPENAI_API_KEY": SECRET},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    told = paste(calls, "bash", "-eu", "-o", "pipefail")
    assert '"retryable"' not in told, f"a call was refused:\n{told}"
    assert SECRET not in told

    login = {
        "keyId": exported["CONDUCTOR_AUTH_KEY"],
        "keySecret": exported["CONDUCTOR_AUTH_SECRET"],
    }
    token = requests.post(f"{server.url}/token", json=login).json()["token"]
    headers = {"X-Authorization": token}
    (saved,) = requests.get(f"{server.url}/integrations/", headers=headers).json()
    (model,) = saved["apis"]
    assert model["updateTime"] > model["createTime"], "it was created, then updated"
    assert f'"description":"{model["description"]}"' in told

    # The snippets look at what the calls left behind.
    assert saved["name"] in paste(python, sys.executable, "-")
    assert saved["name"] in paste(javascript, "node", "--input-type=module", cwd=JAVASCRIPT)
