"""Configurations with a value in every field that the definition of a type has."""

import json


def secret(version: str, name: str) -> str:
    """A secret of its own for each version of each field, hard to carry unchanged."""
    return f'CANARY-{version}-{name} "\\%2B+&=/${{x}} \\u0041 end'


def pem(version: str, name: str) -> str:
    return f"-----BEGIN KEY-----\r\n{secret(version, name)}\r\n-----END KEY-----\n"


def service_account(version: str, name: str) -> dict:
    """What a provider's console offers for download, as JSON."""
    return {
        "type": "service_account",
        "project": "größe",
        "private_key": pem(version, name),
        "scopes": [secret(version, "scope"), 7, None, {"deep": secret(version, "deep")}],
    }


def service_account_text(version: str, name: str) -> str:
    """The same as a user interface sends it: as the text of the file."""
    return json.dumps(service_account(version, name), indent=2) + "\n"


FILES = [pem, service_account, service_account_text]


def takes_files(definition: dict) -> bool:
    return any(field["fieldType"] == "FILE" for field in definition["configuration"])


def secrets(definition: dict) -> set[str]:
    """The fields that the definition says are secret."""
    fields = definition["configuration"]
    return {field["fieldName"] for field in fields if field["fieldType"] in ("PASSWORD", "FILE")}


def configuration(definition: dict, version: str, file=pem) -> dict:
    """A valid value for every field; those of secrets differ with `version`."""
    return {
        field["fieldName"]: value(field, version, file) for field in definition["configuration"]
    }


def value(field: dict, version: str, file):
    name = field["fieldName"]
    if field["fieldType"] == "FILE":
        return file(version, name)
    if field["fieldType"] == "PASSWORD":
        return secret(version, name)
    if field["fieldType"] == "DROPDOWN":
        return field["valueOptions"][-1]["value"]
    if "addresses" in field:
        return address(field["addresses"][0])
    if "defaultValue" in field:
        return field["defaultValue"]
    if name.lower().endswith(("url", "endpoint")):
        return address("https")
    return f"{name} of a team"


def address(form: str) -> str:
    """An address of a form that a definition names; other forms are the schemes of URLs."""
    forms = {
        "host": "server.example:4000",
        "hosts": "one.example:4000,two.example:4000",
        "mq": "server.example(1414)",
        "jdbc": "jdbc:postgresql://server.example:5432/podium",
    }
    return forms.get(form, f"{form}://server.example/v1")
