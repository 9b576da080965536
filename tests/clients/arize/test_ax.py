"""The `ax` command, by a profile as its users have it."""

import json
import subprocess
import sys

import pytest

from podium import SECRET
from releases import INSTALLED, NEWEST, find
from samples import BEDROCK_AUTHS, ELSEWHERE, ENDPOINT, LLM, SCHEMA, URL, agent, llm, preset
from sdk import KEY

PROFILE = """
[profile]
name = "podium"
[auth]
auth_method = "api-key"
api_key = "{key}"
[routing]
single_host = "{host}"
single_port = "{port}"
api_scheme = "http"
[output]
format = "json"
[update]
enabled = false
"""

# The options that make of each provider what `samples.LLM` makes of it.
OPTIONS = {
    "api_key": "--api-key",
    "base_url": "--base-url",
    "headers": "--headers",
    "auth": "--auth",
    "project_id": "--gcp-project-id",
    "location": "--gcp-location",
    "project_access_label": "--project-access-label",
}


class Ax:
    def __init__(self, process):
        self.process = process

    def run(self, *arguments: str, code: int = 0) -> dict:
        answer = self.process.answer(ax=list(arguments))
        assert answer["code"] == code, answer
        return answer

    def json(self, *arguments: str) -> dict:
        return json.loads(self.run(*arguments)["out"])

    def fails(self, *arguments: str, status: int) -> str:
        """The command ends as for a refusal of the server; answers what it says."""
        said = " ".join(self.run(*arguments, code=4)["err"].split())
        assert f"Error: {status} " in said
        return said


@pytest.fixture
def profile(host):
    """Writes the profile into the home of a process, and makes it the active one."""

    def write(home, key=KEY):
        name, port = host.split(":")
        folder = home / ".arize/profiles"
        folder.mkdir(parents=True, exist_ok=True)
        folder.joinpath("podium.toml").write_text(PROFILE.format(key=key, host=name, port=port))
        folder.parent.joinpath(".active_profile").write_text("podium")

    return write


@pytest.fixture
def ax(processes, profile) -> Ax:
    process = processes(NEWEST)
    profile(process.home)
    return Ax(process)


def options(config: dict) -> list[str]:
    found = []
    for key, value in config.items():
        if key == "model_names":
            found += [part for name in value for part in ("--model-name", name)]
        else:
            found += [OPTIONS[key], value if isinstance(value, str) else json.dumps(value)]
    return found


@pytest.mark.parametrize("provider", LLM)
def test_a_model_is_created_and_read(ax, newest, provider):
    create = ["create", "llm", "--name", "models", "--provider", provider]
    made = ax.json("integrations", *create, *options(LLM[provider].create))
    told = newest.get(made["id"])
    assert told["config"] == {"provider": provider} | LLM[provider].read
    got = ax.json("integrations", "get", made["id"])
    assert got == made == ax.json("integrations", "get", "models", "--type", "LLM")
    (listed,) = ax.json("integrations", "list")["integrations"]
    assert listed["id"] == made["id"]


def test_a_model_is_changed_and_deleted(ax, newest):
    made = newest.create(llm("NVIDIA_NIM"))
    update = ["integrations", "update", "llm", "models", "--headers", "null", "--api-key", SECRET]
    ax.run(*update, "--base-url", ELSEWHERE, "--no-function-calling-enabled")
    ax.run("integrations", "update", "llm", made["id"], "--name", "renamed", "--model-name", "c")
    told = newest.get(made["id"])
    assert told["name"] == "renamed"
    assert told["config"] == made["config"] | {
        "base_url": ELSEWHERE,
        "header_names": [],
        "is_function_calling_enabled": False,
        "model_names": ["c"],
    }
    said = ax.run("integrations", "delete", "renamed", "--type", "LLM", "--force")["err"]
    assert "deleted successfully" in said
    assert newest.list("LLM") == []


def test_bedrock_changes_how_it_signs_in(ax, newest):
    made = newest.create(llm("AWS_BEDROCK"))
    for auth in BEDROCK_AUTHS:
        value = json.dumps(auth.config["auth"])
        ax.run("integrations", "update", "llm", made["id"], "--auth", value)
        assert newest.get(made["id"])["config"]["auth"] == auth.read["auth"]


def test_an_agent_lives(ax, newest):
    presets = [preset("a"), preset("b", description="second")]
    made = ax.json(
        *["integrations", "create", "agent", "--name", "helper", "--endpoint", ENDPOINT],
        *["--input-schema", json.dumps(SCHEMA), "--description", "answers"],
        *["--headers", json.dumps({"X-Team": SECRET}), "--request-presets", json.dumps(presets)],
    )
    told = newest.get(made["id"])
    assert (told["description"], told["config"]["has_headers"]) == ("answers", True)
    assert [each["name"] for each in told["config"]["request_presets"]] == ["a", "b"]
    update = ["integrations", "update", "agent", "helper"]
    ax.run(*update, "--endpoint", f"{ENDPOINT}/2", "--headers", "null")
    ax.run(*update, "--request-presets", json.dumps([preset("b")]), "--name", "aide")
    again = ax.json("integrations", "get", "aide", "--type", "AGENT")
    assert again["id"] == made["id"]
    told = newest.get(made["id"])["config"]
    assert (told["endpoint"], told["has_headers"]) == (f"{ENDPOINT}/2", False)
    assert [each["name"] for each in told["request_presets"]] == ["b"]
    ax.run("integrations", "delete", made["id"], "--force")
    assert ax.json("integrations", "list")["integrations"] == []


def test_a_list_has_pages_filters_and_tables(ax, newest):
    for number in range(4):
        newest.create(llm(name=f"n-{number}"))
        newest.create(agent(f"a-{number}"))
    first = ax.json("integrations", "list", "--limit", "5")
    rest = ax.json("integrations", "list", "--cursor", first["pagination"]["next_cursor"])
    names = [each["name"] for page in (first, rest) for each in page["integrations"]]
    assert names == [f"{kind}-{number}" for number in (3, 2, 1, 0) for kind in ("a", "n")]
    some = ax.json("integrations", "list", "--type", "AGENT", "--name", "-1")["integrations"]
    assert [each["name"] for each in some] == ["a-1"]
    for family in ("integrations", "ai-integrations"):
        assert "n-2" in ax.run(family, "list", "--output", "table")["out"]


def test_the_older_family_lives(ax, newest):
    create = ["ai-integrations", "create", "--name", "azure", "--provider", "AZURE_OPEN_AI"]
    headers = ["--headers", json.dumps({"X-Team": SECRET})]
    made = ax.json(*create, "--api-key", SECRET, "--base-url", URL, "--model-name", "a", *headers)
    assert (made["provider"], made["model_names"]) == ("AZURE_OPEN_AI", ["a"])
    assert made["has_api_key"] is True
    assert made["function_calling_enabled"] is False
    update = ["ai-integrations", "update", made["id"]]
    ax.run(*update, "--function-calling-enabled", "--enable-default-models", "--name", "renamed")
    ax.run(*update, "--base-url", ELSEWHERE, "--api-key", SECRET, *headers)
    told = newest.call("ai_integrations.get", integration=made["id"])
    assert (told["name"], told["base_url"]) == ("renamed", ELSEWHERE)
    assert told["function_calling_enabled"] is told["enable_default_models"] is True
    assert ax.json("ai-integrations", "get", made["id"])["name"] == "renamed"
    role = json.dumps({"role_arn": "arn:aws:iam::123456789012:role/models"})
    bedrock = ["ai-integrations", "create", "--name", "role", "--provider", "AWS_BEDROCK"]
    ax.run(*bedrock, "--provider-metadata", role, "--model-name", "a")
    listed = ax.json("ai-integrations", "list")["ai_integrations"]
    assert [each["name"] for each in listed] == ["role", "renamed"]
    ax.run("ai-integrations", "delete", made["id"], "--force")
    assert len(ax.json("ai-integrations", "list")["ai_integrations"]) == 1


def test_the_older_family_finds_a_name_in_a_space(ax, newest, wire):
    organization = wire("POST", "/v2/organizations", json={"name": "Company"}).json()["id"]
    space = {"name": "Team", "organization_id": organization}
    assert wire("POST", "/v2/spaces", json=space).status_code == 201
    made = newest.create(llm(name="main"))
    got = ax.json("ai-integrations", "get", "main", "--space", "Team")
    assert got["id"] == made["id"]
    ax.run("ai-integrations", "delete", "main", "--space", "Team", "--force")
    assert newest.list("LLM") == []


def test_what_others_make_is_read_and_changed(ax, connect, wire):
    first = connect(find("8.38.0"))
    made = first.create(llm(name="first"))
    body = {"type": "anthropic", "category": "AI_MODEL", "enabled": True}
    configuration = {"api_key": SECRET, "endpoint": URL}
    answer = wire(
        "POST",
        "/api/integrations/provider/second",
        json=body | {"configuration": configuration},
    )
    assert answer.status_code == 200
    names = [each["name"] for each in ax.json("integrations", "list")["integrations"]]
    assert names == ["second", "first"]
    for name in names:
        update = ["integrations", "update", "llm", name, "--no-function-calling-enabled"]
        ax.run(*update, "--name", f"{name} by ax")
    config = first.get(made["id"])["config"]
    assert (config["provider"], config["is_function_calling_enabled"]) == ("openAI", False)
    assert wire("GET", "/api/integrations/provider/second by ax").json()["type"] == "anthropic"


def test_refusals_are_told_and_end_with_a_code_of_their_own(ax, newest, profile):
    made = newest.create(llm("CUSTOM"))
    openai = ["integrations", "create", "llm", "--provider", "OPEN_AI", "--api-key", SECRET]
    update = ["integrations", "update", "llm", "models"]
    assert "models" in ax.fails(*openai, "--name", "models", status=409)
    ax.fails(*update, "--gcp-project-id", "p", status=422)
    assert "api_key" in ax.fails(*update, "--base-url", ELSEWHERE, status=409)
    gone = "TGxtSW50ZWdyYXRpb246MTI6YUJjRA=="
    for family in ("integrations", "ai-integrations"):
        ax.fails(family, "get", gone, status=404)
        ax.fails(family, "delete", gone, "--force", status=404)
        ax.fails(family, "list", "--cursor", "none", status=400)
    # What the command refuses by itself.
    ax.run(*update, code=2)
    ax.run("integrations", "create", "llm", "--name", "a", "--provider", "OPEN_AI", code=2)
    profile(ax.process.home, key="podium_nobody_nothing")
    ax.fails("integrations", "list", status=401)
    assert newest.list("LLM") == [made]


def test_the_command_itself_takes_a_profile_from_a_file(tmp_path, host, newest):
    """As a user starts it: by its script, with a home that has nothing yet."""
    name, port = host.split(":")
    file = tmp_path / "profile.toml"
    file.write_text(PROFILE.format(key=KEY, host=name, port=port))
    release = INSTALLED / f"arize=={NEWEST}"

    def run(*arguments):
        return subprocess.run(
            [sys.executable, release / "bin/ax", *arguments],
            env={"HOME": str(tmp_path), "PYTHONPATH": str(release), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
        )

    made = newest.create(llm(name="main"))
    created = run("profiles", "create", "podium", "--from-file", str(file))
    assert created.returncode == 0, created.stderr
    got = run("integrations", "get", made["id"])
    assert got.returncode == 0, got.stderr
    assert json.loads(got.stdout)["name"] == "main"
    gone = run("integrations", "delete", "other", "--type", "LLM", "--force")
    assert gone.returncode == 4
    assert "other" in gone.stderr
