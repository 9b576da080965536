"""Prompts, with every method of the SDK's prompt client, and those of its integration client."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from conductor.client.configuration.configuration import Configuration
from conductor.client.orkes.models.metadata_tag import MetadataTag
from conductor.client.orkes_clients import OrkesClients

from sdk import key_values, model, provider, refused

FIXTURES = Path(__file__).resolve().parents[2] / "api/fixtures/prompts"
TEMPLATE = (FIXTURES / "template.txt").read_bytes().decode()

TEXTS = [
    TEMPLATE,
    "",
    "plain",
    "line1\nline2\r\n\ttab\n",
    'ends in a quote"',
    '"begins with one',
    '"in quotes"',
    '"',
    '""',
    "ends in a backslash\\",
    '\\"',
    "literal \\n and \\u00e9",
    "é 模型 💡 \u2028",
    "${x} ${{x}} $${x} {{x}} {x}",
    '{"a": [1, null]}',
    "5",
    "null",
    " white space around ",
    "%41+&=#?",
]

NAMES = ["greeting", "two words", "a+b", "a:b", "50%25", "größe-模型", "versions"]


@pytest.fixture
def prompts(clients):
    return clients.get_prompt_client()


@pytest.fixture
def main(integrations):
    """The integration `main` with the model `gpt-4o`."""
    integrations.save_integration("main", provider())
    integrations.save_integration_api("main", "gpt-4o", model())


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_comes_back(prompts, text):
    prompts.save_prompt("greeting", "says hello", text)
    assert prompts.get_prompt("greeting").template == text
    assert [each.template for each in prompts.get_prompts()] == [text]


@pytest.mark.parametrize("text", TEXTS)
def test_what_was_read_can_be_saved_again(prompts, text):
    prompts.save_prompt("greeting", "says hello", text)
    prompts.save_prompt("greeting", "says hello", prompts.get_prompt("greeting").template)
    assert prompts.get_prompt("greeting").template == text


def test_the_bytes_on_the_wire_are_the_recorded_ones():
    """What the Rust tests take for the SDK's is the SDK's."""
    seen = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            seen.append((self.path, self.headers["User-Agent"], self.rfile.read(length)))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Listener) as listener:
        Thread(target=listener.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{listener.server_port}/api"
        prompts = OrkesClients(Configuration(server_api_url=url)).get_prompt_client()
        prompts.save_prompt("hi", "d", TEMPLATE, models=["a:b", "c:d"], auto_increment=True)
        listener.shutdown()
    [(path, agent, body)] = seen
    assert path == "/api/prompts/hi?description=d&models=a%3Ab&models=c%3Ad&autoIncrement=True"
    assert agent.startswith("python-httpx/")
    assert body == (FIXTURES / "python.txt").read_bytes()


def test_every_field_comes_back(prompts, access, main):
    caller = access.get_user_info_from_token()["id"]
    models = ["main:gpt-4o", "main:not-yet"]
    prompts.save_prompt("greeting", "says hello, or é", "Hello ${name}, ${weekday}", models)
    saved = prompts.get_prompt("greeting")
    assert (saved.name, saved.version) == ("greeting", 1)
    assert saved.description == "says hello, or é"
    assert sorted(saved.integrations) == models
    assert saved.variables == ["name", "weekday"]
    assert saved.tags == []
    assert (saved.created_by, saved.updated_by) == (caller, caller)
    assert saved.create_time == saved.update_time > 1_700_000_000_000
    assert prompts.get_prompts() == [saved]


@pytest.mark.parametrize("name", NAMES)
def test_a_prompt_comes_back_under_its_name(prompts, integrations, main, name):
    prompts.save_prompt(name, "d", "text")
    prompts.update_tag_for_prompt_template(name, [MetadataTag("team", "core")])
    integrations.associate_prompt_with_integration("main", "gpt-4o", name)
    saved = prompts.get_prompt(name)
    assert (saved.name, saved.integrations) == (name, ["main:gpt-4o"])
    assert [each.name for each in prompts.get_prompts()] == [name]
    prompts.delete_prompt(name)
    assert prompts.get_prompt(name) is None
    assert prompts.get_prompts() == []


def test_versions_are_written_as_asked(prompts, wire):
    prompts.save_prompt("greeting", "d", "one")
    prompts.save_prompt("greeting", "d", "two", auto_increment=True)
    prompts.save_prompt("greeting", "d", "seven", version=7)
    prompts.save_prompt("greeting", "d", "one, again")
    assert (prompts.get_prompt("greeting").version, len(prompts.get_prompts())) == (7, 1)
    versions = wire("GET", "/prompts/greeting/versions").json()
    texts = [(each["version"], each["template"]) for each in versions]
    assert texts == [(7, "seven"), (2, "two"), (1, "one, again")]


def test_a_model_needs_its_integration(prompts, main):
    with refused(404):
        prompts.save_prompt("greeting", "d", "text", ["nowhere:gpt-4o"])
    with refused(400):
        prompts.save_prompt("greeting", "d", "text", ["gpt-4o"])
    assert prompts.get_prompt("greeting") is None
    prompts.save_prompt("greeting", "d", "text", ["main:gpt-4o"])
    prompts.save_prompt("greeting", "d", "text", [])
    assert prompts.get_prompt("greeting").integrations == []


def test_prompts_are_associated_with_models(prompts, integrations, main):
    prompts.save_prompt("greeting", "d", "text")
    prompts.save_prompt("other", "d", "text")
    assert integrations.get_prompts_with_integration("main", "gpt-4o") == []
    integrations.associate_prompt_with_integration("main", "gpt-4o", "greeting")
    found = integrations.get_prompts_with_integration("main", "gpt-4o")
    assert found == [prompts.get_prompt("greeting")]
    for names in [("main", "none", "other"), ("none", "gpt-4o", "other"), ("main", "gpt-4o", "none")]:
        with refused(404):
            integrations.associate_prompt_with_integration(*names)
    with refused(404):
        integrations.get_prompts_with_integration("main", "none")


def test_a_deleted_integration_leaves_its_prompts(prompts, integrations, main):
    prompts.save_prompt("greeting", "d", "text", ["main:gpt-4o"])
    integrations.delete_integration("main")
    assert prompts.get_prompt("greeting").integrations == []


def test_tags_add_up_and_go_pair_by_pair(prompts):
    core, docs = MetadataTag("team", "core"), MetadataTag("größe a/b", "50%: + 模型")
    prompts.save_prompt("greeting", "d", "text")
    assert prompts.get_tags_for_prompt_template("greeting") == []
    prompts.update_tag_for_prompt_template("greeting", [core])
    prompts.update_tag_for_prompt_template("greeting", [docs])
    assert key_values(prompts.get_tags_for_prompt_template("greeting")) == key_values([core, docs])
    assert key_values(prompts.get_prompt("greeting").tags) == key_values([core, docs])
    prompts.delete_tag_for_prompt_template("greeting", [core, MetadataTag("team", "other")])
    assert key_values(prompts.get_tags_for_prompt_template("greeting")) == key_values([docs])
    prompts.delete_prompt("greeting")
    with refused(404):
        prompts.get_tags_for_prompt_template("greeting")
    prompts.save_prompt("greeting", "d", "text")
    assert prompts.get_tags_for_prompt_template("greeting") == []


def test_a_prompt_is_gone_after_it_was_deleted(prompts):
    prompts.save_prompt("greeting", "d", "text")
    prompts.delete_prompt("greeting")
    assert prompts.get_prompt("greeting") is None
    with refused(404):
        prompts.delete_prompt("greeting")


def test_a_trial_is_checked_and_then_not_supported(prompts, integrations, main):
    with refused(501):
        prompts.test_prompt("Hi ${name}", {"name": "Ada"}, "main", "gpt-4o", 0.5, 0.5, ["END"])
    with refused(501):
        prompts.test_prompt("Hi", {}, "main", "gpt-4o")
    with refused(400) as error:
        prompts.test_prompt("Hi ${name}", {}, "main", "gpt-4o")
    assert "variables.name" in str(error.value)
    with refused(404):
        prompts.test_prompt("Hi", {}, "main", "none")
    integrations.save_integration_api("main", "gpt-4o", model(enabled=False))
    with refused(409):
        prompts.test_prompt("Hi", {}, "main", "gpt-4o")
