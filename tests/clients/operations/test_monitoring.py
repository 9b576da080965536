"""The alert rules and the dashboard: what they ask for is what a server tells."""

import json
import re
import subprocess

import pytest
import requests
import yaml
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from podium import REPOSITORY
from traffic import LOGIN, save_an_integration

MONITORING = REPOSITORY / "docs/monitoring"
RULES = [
    rule
    for group in yaml.safe_load((MONITORING / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads((MONITORING / "dashboard.json").read_text())
OPERATIONS = (REPOSITORY / "docs/operations.md").read_text()

# What Prometheus itself adds to every series.
ADDED = {"job", "instance"}


def promtool(*arguments: str) -> None:
    done = subprocess.run(
        ["promtool", *arguments], cwd=MONITORING, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def expressions() -> dict[str, str]:
    """What alerts and panels ask Prometheus, by the names of those."""
    asked = {rule["alert"]: rule["expr"] for rule in RULES}
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            asked[f"{panel['title']} {target['refId']}"] = target["expr"]
    return asked


@pytest.fixture
def told(start_server) -> dict[str, set[str]]:
    """The labels of each series that a server tells of, after requests of every kind."""
    server = start_server(PODIUM_METRICS_LISTEN="127.0.0.1:0")
    metrics = server.printed("metrics on ")
    save_an_integration(server)
    wrong = requests.post(f"{server.url}/token", json=LOGIN | {"keySecret": "wrong"})
    ready = requests.get(server.url.replace("/api", "/health/ready"))
    assert (wrong.status_code, ready.status_code) == (401, 200)

    series: dict[str, set[str]] = {}
    routes = set()
    for family in text_string_to_metric_families(requests.get(metrics).text):
        for sample in family.samples:
            series.setdefault(sample.name, set()).update(sample.labels)
            routes.add(sample.labels.get("route"))
    assert "/health/ready" in routes
    return series


def test_alerts_fire_when_they_should():
    promtool("check", "rules", "alerts.yaml")
    promtool("test", "rules", "alerts.test.yaml")
    tests = yaml.safe_load((MONITORING / "alerts.test.yaml").read_text())["tests"]
    cases = [case for test in tests for case in test["alert_rule_test"]]
    fires = {case["alertname"] for case in cases if case["exp_alerts"]}
    waits = {case["alertname"] for case in cases if not case["exp_alerts"]}
    assert fires == waits == {rule["alert"] for rule in RULES}


def test_each_alert_leads_to_a_section_that_says_what_to_do():
    sections = (MONITORING / "README.md").read_text()
    anchors = {alert.lower() for alert in re.findall("^### (.*)$", sections, re.MULTILINE)}
    for rule in RULES:
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"]["summary"] and rule["annotations"]["action"]
        document, anchor = rule["annotations"]["runbook"].split("#")
        assert document == "docs/monitoring/README.md" and anchor == rule["alert"].lower()
    assert anchors == {rule["alert"].lower() for rule in RULES}


def test_panels_ask_in_prometheus_language(tmp_path):
    panels = [{"record": "x", "expr": asked} for asked in expressions().values()]
    rules = json.dumps({"groups": [{"name": "panels", "rules": panels}]})
    (tmp_path / "panels.yaml").write_text(rules.replace("$__rate_interval", "5m"))
    promtool("check", "rules", "--lint=none", str(tmp_path / "panels.yaml"))
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids)) > 5


def test_all_that_is_asked_is_told(told):
    for who, asked in expressions().items():
        names = set(re.findall(r"\bpodium_\w+", asked))
        assert names or "up{" in asked, who
        labels = set().union(*(told.get(name, set()) for name in names)) | ADDED
        assert names <= told.keys(), (who, names - told.keys())
        grouped = re.findall(r"by \(([^)]*)\)", asked)
        wanted = {label.strip() for group in grouped for label in group.split(",")}
        wanted |= set(re.findall(r"[{,](\w+)[=!]", asked))
        assert wanted <= labels, (who, wanted - labels)


def test_all_that_is_told_is_shown_and_documented(told):
    shown = " ".join(expressions().values())
    for name in told:
        family = re.sub("_(bucket|count|sum|total)$", "", name)
        assert re.search(rf"`{family}(_total)?[`{{]", OPERATIONS), f"{name} is not documented"
        assert re.search(rf"\b{family}", shown), f"no panel and no alert has {name}"
