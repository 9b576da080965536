"""Every route, asked with what the OpenAPI document says it takes, and with what it does not."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from podium import ADMIN_KEY_ID, ADMIN_KEY_SECRET

SETTINGS = Path(__file__).parent / "schemathesis.toml"

# How many requests each caller must make: 20,000 together.
LEAST = 10_000

# How many are drawn for each operation, beside those for each boundary of each parameter.
DRAWN = 30


@pytest.mark.parametrize("caller", ["administrator", "stranger"])
def test_no_answer_breaks_the_document(caller, start_server, tmp_path, record_property):
    server = start_server(PODIUM_RESOLVE="on", RUST_LOG="info")
    origin = server.url.removesuffix("/api")
    settings = SETTINGS.read_text()
    if caller == "administrator":
        login = {"keyId": ADMIN_KEY_ID, "keySecret": ADMIN_KEY_SECRET}
        token = requests.post(f"{server.url}/token", json=login, timeout=30).json()["token"]
        settings = f'headers = {{ X-Authorization = "{token}" }}\n{settings}'
    (tmp_path / SETTINGS.name).write_text(settings)
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{origin}/openapi.json"]
    command += ["--max-examples", str(DRAWN), "--report-json-path", report]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

    told = json.loads(report.read_text())
    assert told["operations"]["tested"] == told["operations"]["total"] > 140
    made = told["test_cases"]["generated"]
    record_property("requests", f"{caller}: {made} requests")
    assert made >= LEAST, f"only {made} requests"


def test_the_page_is_served_whole(server):
    origin = server.url.removesuffix("/api")
    page = requests.get(f"{origin}/swagger-ui", timeout=30).text
    files = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    assert len(files) == 3
    loaded = [requests.get(origin + file, timeout=30) for file in files]
    assert all(answer.status_code == 200 for answer in loaded)
    style, bundle, start = (answer.text for answer in loaded)
    assert ".swagger-ui" in style
    assert "SwaggerUIBundle" in bundle
    assert start.startswith("SwaggerUIBundle(")
    assert requests.get(f"{origin}/openapi.json", timeout=30).json()["openapi"] == "3.1.0"
