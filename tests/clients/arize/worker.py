"""Serves calls of one release of the `arize` package, since a process can hold one release only.

Reads requests and writes answers, each one line of JSON. `PYTHONPATH` says which release it is, and
nothing of that release is replaced or patched.
"""

import inspect
import json
import os
import sys
import tempfile
from datetime import datetime
from enum import Enum
from functools import lru_cache

from arize import ArizeClient
from arize._generated import api_client as generated
from pydantic import BaseModel


@lru_cache(maxsize=4)
def client(host: str, key: str) -> ArizeClient:
    return ArizeClient(api_key=key, api_host=host, api_scheme="http")


def call(host: str, key: str, path: str, arguments: dict):
    """Calls a method: `integrations.get` of `ArizeClient`, or `generated.…` of the API below it."""
    part, name = path.split(".")
    if part != "generated":
        method = getattr(getattr(client(host, key), part), name)
        return method(**{each: typed(value) for each, value in arguments.items()})
    families = (generated.IntegrationsApi, generated.AIIntegrationsApi)
    family = next(family for family in families if hasattr(family, name))
    method = getattr(family(client(host, key).ai_integrations._api.api_client), name)
    if "body" in arguments:
        # Each release has a name and a class of its own for it, the last of what is required.
        takes = inspect.signature(method).parameters.values()
        body = [each for each in takes if each.default is each.empty][-1]
        given = arguments.pop("body")
        arguments[body.name] = body.annotation.__origin__.from_dict(given)
        unset(arguments[body.name], given)
    return method(**arguments)


def unset(model, given) -> None:
    """Leaves unset what is not given, as a constructor does.

    The `from_dict` of earlier releases sets it to `None`, which a change would send as `null`.
    """
    if isinstance(model, list):
        for each, part in zip(model, given, strict=True):
            unset(each, part)
    elif isinstance(getattr(model, "actual_instance", None), BaseModel):
        unset(model.actual_instance, given)
    elif isinstance(model, BaseModel):
        model.model_fields_set.intersection_update(given)
        for name in model.model_fields_set:
            unset(getattr(model, name), given[name])


def typed(value):
    """Makes of `{"CreateLlmConfig": {…}}` an object of that class of the release."""
    if isinstance(value, dict) and len(value) == 1:
        ((name, members),) = value.items()
        if hasattr(generated, name):
            return getattr(generated, name).from_dict(members)
    return value


def plain(value):
    """What a user of the release finds in the value, as JSON."""
    if isinstance(getattr(value, "actual_instance", None), BaseModel):
        return plain(value.actual_instance)
    if isinstance(value, BaseModel):
        known = {name: getattr(value, name) for name in value.model_fields_set}
        return plain(known | getattr(value, "additional_properties", {}))
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, datetime) else value


def ax(arguments: list[str]) -> dict:
    """Runs the `ax` command in a child, where what takes seconds to load is there already."""
    from ax.cli import app

    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            sys.argv = ["ax", *arguments]
            try:
                app()
            except SystemExit as ended:
                # At once: to take down what is loaded lasts longer than the command.
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(ended.code or 0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return {"code": code, "out": out.read().decode(), "err": err.read().decode()}


def answer(request: dict) -> dict:
    if "ax" in request:
        return ax(request["ax"])
    if "enum" in request:
        return {"result": [each.value for each in getattr(generated, request["enum"])]}
    try:
        return {"result": plain(call(**request))}
    except Exception as error:
        return {
            "error": type(error).__name__,
            "message": str(error),
            "status": getattr(error, "status", None),
            "data": plain(getattr(error, "data", None)),
        }


# Whatever a release prints is no answer.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), file=answers, flush=True)
