"""The README's quick start, run as a newcomer pastes it."""

import os
import re
import subprocess
import sys

import pytest
import requests

from podium import ADMIN_KEY_ID, ADMIN_KEY_SECRET, PATIENCE_SECONDS, REPOSITORY, SECRET

JAVASCRIPT = REPOSITORY / "tests/clients/javascript"  # the SDK is installed there


def blocks(language: str) -> list[str]:
    """The README's fenced blocks in `language`, in order."""
    readme = (REPOSITORY / "README.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)


@pytest.fixture
def paste(server):
    """Gives `text` to `command`, in the shell of someone who exported the three variables."""

    def paste(text: str, *command: str, cwd=REPOSITORY) -> str:
        done = subprocess.run(
            command,
            input=text,
            cwd=cwd,
            env=os.environ
            | {
                "CONDUCTOR_SERVER_URL": server.url,
                "CONDUCTOR_AUTH_KEY": ADMIN_KEY_ID,
                "CONDUCTOR_AUTH_SECRET": ADMIN_KEY_SECRET,
                "OPENAI_API_KEY": SECRET,
            },
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return paste


def test_the_quick_start_works_as_pasted(server, paste):
    run, calls = blocks("sh")[:2]
    assert "cargo run --release" in run
    assert "curl" in calls
    told = paste(calls, "bash", "-eu", "-o", "pipefail")
    assert '"error"' not in told and '"retryable"' not in told, told
    assert SECRET not in told

    login = {"keyId": ADMIN_KEY_ID, "keySecret": ADMIN_KEY_SECRET}
    token = requests.post(f"{server.url}/token", json=login).json()["token"]
    headers = {"X-Authorization": token}
    (saved,) = requests.get(f"{server.url}/integrations/", headers=headers).json()
    assert saved["name"] in told
    (resource,) = saved["apis"]
    assert resource["updateTime"] > resource["createTime"], "the resource was created and updated"

    # The snippets look at what the calls left behind.
    (python,) = blocks("python")
    (javascript,) = blocks("javascript")
    assert saved["name"] in paste(python, sys.executable, "-")
    assert saved["name"] in paste(javascript, "node", "--input-type=module", cwd=JAVASCRIPT)
