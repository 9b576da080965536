"""The documented way to read, change, write back and resolve, as a newcomer pastes it."""

import json

from pasting import BASH, blocks, paste
from podium import ADMIN_KEY_ID, ADMIN_KEY_SECRET, SECRET

SECTION = "Read, change, write back"
NEW_SECRET = f"{SECRET}-new"


def test_read_change_write_back_and_resolve_work_as_pasted(start_server, tmp_path):
    server = start_server(PODIUM_RESOLVE="on")
    sign_in_and_register = blocks("README.md", "sh")[1]
    write_back, patch, resolve = blocks("docs/conductor.md", "sh", SECTION)
    told = paste(
        "\n".join(
            [
                sign_in_and_register,
                *["echo written back", write_back, "podium /resolve -X POST"],
                *["echo patched", patch, "echo resolved", resolve],
                *["echo refused", "podium ''", "podium '' -X PATCH -d '{\"enabled\": false}'"],
            ]
        ),
        *BASH,
        cwd=tmp_path,
        CONDUCTOR_SERVER_URL=server.url,
        CONDUCTOR_AUTH_KEY=ADMIN_KEY_ID,
        CONDUCTOR_AUTH_SECRET=ADMIN_KEY_SECRET,
        OPENAI_API_KEY=SECRET,
        NEW_OPENAI_API_KEY=NEW_SECRET,
    )

    _, told = told.split("written back\n")
    written_back, told = told.split("patched\n")
    patched, told = told.split("resolved\n")
    resolved, refused = told.split("refused\n")

    saved, with_secret = map(json.loads, written_back.splitlines())
    assert saved["description"] == "team account"
    assert with_secret["configuration"] == {"api_key": SECRET}

    described, with_new_key = map(json.loads, patched.splitlines())
    assert described["description"] == "account of the platform team"
    assert described["configuration"] == saved["configuration"], "the key is the same"
    assert with_new_key["description"] == described["description"]
    assert with_new_key["configuration"] != described["configuration"]

    (shown,) = blocks("docs/conductor.md", "text", SECTION)
    assert json.loads(resolved.splitlines()[-1]) == json.loads(shown.replace("sk-new", NEW_SECRET))
    assert [json.loads(line)["status"] for line in refused.splitlines()] == [403, 403]
