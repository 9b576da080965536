"""Pasting what the documents show into a shell."""

import os
import re
import subprocess

from podium import PATIENCE_SECONDS, REPOSITORY


def blocks(document: str, language: str, section: str = "") -> list[str]:
    """The document's fenced blocks in `language`, in order; those of one section, if it is named."""
    text = (REPOSITORY / document).read_text()
    if section:
        text = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def paste(text: str, *command: str, cwd=REPOSITORY, **variables: str) -> str:
    """Gives `text` to a command, which must succeed; answers what it printed."""
    done = subprocess.run(
        command,
        input=text,
        cwd=cwd,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


BASH = ["bash", "-eu", "-o", "pipefail"]
