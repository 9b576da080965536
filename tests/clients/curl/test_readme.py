"""The README's quick start, as a newcomer pastes it."""

import sys
from functools import partial

import requests

from pasting import BASH, blocks, paste
from podium import REPOSITORY, SECRET

JAVASCRIPT = REPOSITORY / "tests/clients/javascript"  # the SDK is installed there


def test_the_quick_start_works_as_pasted(start_server):
    run, calls = blocks("README.md", "sh")[:2]
    (python,) = blocks("README.md", "python")
    (javascript,) = blocks("README.md", "javascript")
    assert run == "cargo run --release\n"
    assert "curl" in calls

    # A first start, without a key of the tests' choice: it prints one for the shell.
    server = start_server(PODIUM_ADMIN_KEY_ID="", PODIUM_ADMIN_KEY_SECRET="")
    variables = ["CONDUCTOR_SERVER_URL", "CONDUCTOR_AUTH_KEY", "CONDUCTOR_AUTH_SECRET"]
    exported = {name: server.printed(f"export {name}=") for name in variables}
    assert exported["CONDUCTOR_SERVER_URL"] == server.url

    shell = partial(paste, **exported, OPENAI_API_KEY=SECRET)
    told = shell(calls, *BASH)
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
    assert saved["name"] in shell(python, sys.executable, "-")
    assert saved["name"] in shell(javascript, "node", "--input-type=module", cwd=JAVASCRIPT)
