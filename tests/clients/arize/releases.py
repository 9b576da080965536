"""The releases of the `arize` package under test, and what each of them knows."""

import json
import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
INSTALLED = Path(sys.prefix) / "releases"

# In which release a type, a provider or a member appeared.
TYPES = {"LLM": "8.38", "AGENT": "8.41", "EVALUATOR": "8.53"}
PROVIDERS = {
    "OPEN_AI": "8.38",
    "ANTHROPIC": "8.39",
    "GEMINI": "8.41",
    "AWS_BEDROCK": "8.41",
    "CUSTOM": "8.41",
    "VERTEX_AI": "8.41",
    "NVIDIA_NIM": "8.41",
    "LITELLM": "8.53",
    "FIREWORKS": "8.55",
    "TOGETHER_AI": "8.55",
}
OLDER_PROVIDERS = dict.fromkeys([*PROVIDERS, "AZURE_OPEN_AI"], "8.38") | {
    "LITELLM": "8.53",
    "FIREWORKS": "8.55",
    "TOGETHER_AI": "8.55",
}

# How the releases before 8.40 spell what the later ones have in capitals.
LOWER = {
    "LLM": "llm",
    "OPEN_AI": "openAI",
    "AZURE_OPEN_AI": "azureOpenAI",
    "AWS_BEDROCK": "awsBedrock",
    "VERTEX_AI": "vertexAI",
    "ANTHROPIC": "anthropic",
    "CUSTOM": "custom",
    "NVIDIA_NIM": "nvidiaNim",
    "GEMINI": "gemini",
    "DEFAULT": "default",
    "PROXY_WITH_HEADERS": "proxy_with_headers",
    "BEARER_TOKEN": "bearer_token",
    "AWS": "aws",
    "GCP": "gcp",
}
SPELLED = {"type", "provider", "auth_type", "kind"}


class Release:
    """One release: `since("8.45")` tells whether it has what came then."""

    def __init__(self, version: str):
        self.version = version
        self.types = {each for each, first in TYPES.items() if self.since(first)}
        self.providers = {each for each, first in PROVIDERS.items() if self.since(first)}
        self.older_providers = {
            each for each, first in OLDER_PROVIDERS.items() if self.since(first)
        }
        # The wrapper of the newer family; before it there is the generated API alone.
        self.wrapped = self.since("8.45")

    def since(self, version: str) -> bool:
        mine, other = ([int(part) for part in each.split(".")] for each in (self.version, version))
        return mine[:2] >= other

    def spelled(self, value, key=None):
        """The value, which is in capitals, as this release spells it."""
        if isinstance(value, dict):
            return {each: self.spelled(inner, each) for each, inner in value.items()}
        if isinstance(value, list):
            return [self.spelled(inner) for inner in value]
        return LOWER.get(value, value) if key in SPELLED and not self.since("8.40") else value

    def __repr__(self):
        return self.version


def pinned() -> list[Release]:
    lines = (FOLDER / "releases.txt").read_text().splitlines()
    return [Release(line.split()[0].removeprefix("arize==")) for line in lines if line[0] != "#"]


RELEASES = pinned()
NEWEST = RELEASES[-1]


def find(version: str) -> Release:
    return next(each for each in RELEASES if each.version == version)


class Process:
    """A release at work in a process of its own."""

    def __init__(self, version: str, home: Path):
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, FOLDER / "worker.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # The whole environment, so that no setting of the machine reaches the release.
            env={
                "HOME": str(home),
                "PATH": os.defpath,
                "PYTHONPATH": str(INSTALLED / f"arize=={version}"),
                "PYTHONDONTWRITEBYTECODE": "1",
                "COLUMNS": "200",
            },
        )

    def answer(self, **request) -> dict:
        print(json.dumps(request), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        assert line, f"the release is gone: {self.process.wait()}"
        assert "CANARY" not in line, f"a secret came back: {line}"
        return json.loads(line)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
