//! What is wrong with manifests is told all at once, each with its file and line.

use super::{Desk, WHOLE, golden};

/// Files with a fault each, or more.
const FILES: [(&str, &str); 4] = [
    (
        "conf/a.yaml",
        "owner: one\nintegrations:\n- name: openai\n  type: openai\n  descripton: x\n  \
         configuration:\n    api_key: ${env:NO_SUCH}\n    other: a ${file:nowhere} b\n  resources:\n  \
         - {name: x}\n  - name: x\n",
    ),
    ("conf/b.yaml", "owner: two\nintegrations:\n- name: openai\n  type: openai\n  enabled: no\n"),
    (
        "conf/c/d.json",
        "{\n  \"prompts\": [\n    {\"name\": \"p\", \"version\": []}\n  ],\n  \"zzz\": 1\n}\n",
    ),
    (
        "conf/c/e.yml",
        "grants:\n- &g\n  subject: {type: GROUP, id: g}\n  target: {type: PROMPT, id: p}\n  \
         access: [READ]\n- *g\n",
    ),
];

#[test]
fn what_is_wrong_with_files_is_told_before_anything_is_sent() {
    let desk = Desk::new();
    for (name, text) in FILES {
        desk.write(name, text);
    }
    // No server is named, so none was asked.
    let said = desk.site.podium(&["plan", "-f", "conf"], &[]);
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
    golden("faults.txt", &said.err);

    for (name, text) in
        [("bad/a.yaml", "a: [\n"), ("bad/b.yaml", "x: 1\nx: 2\n"), ("bad/c.yaml", "- 007\n")]
    {
        desk.write(name, text);
    }
    let said = desk.site.podium(&["plan", "-f", "bad", "-f", "missing.yaml"], &[]);
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
    golden("unreadable.txt", &said.err);
    let said = desk.site.podium(&["apply", "--yes", "-f", "bad"], &[]);
    golden("broken.txt", &said.err);
    assert_eq!(desk.site.records(), Vec::<[String; 5]>::new());
}

#[test]
fn what_the_server_refuses_is_told_with_its_place() {
    let desk = Desk::new();
    desk.write("conf/secrets/team", "CANARY-team");
    let text =
        WHOLE.replace("${env:OPENAI_API_KEY}", "CANARY-plain").replace("[CREATE_PROMPT]", "[FLY]");
    desk.write("conf/a.yaml", &text.replace("maxTokens: 4096", "maxTokens: -1"));
    desk.write("conf/b.yaml", "integrations:\n- name: other\n  type: opnai\n");
    let said = desk.run("apply --yes -f conf");
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
    golden("refused.txt", &said.err);
    assert_eq!(desk.site.records(), Vec::<[String; 5]>::new());
}

#[test]
fn a_wrong_command_line_is_not_a_plan_with_changes() {
    let desk = Desk::new();
    for (line, code) in [("plan --fil x", 1), ("plan", 1), ("plan --help", 0), ("apply --fil x", 2)]
    {
        assert_eq!(desk.run(line).code, Some(code), "{line}");
    }
    let said = desk.site.podium(&["export"], &[]);
    let told = "CONDUCTOR_SERVER_URL is not set: a running server is asked with CONDUCTOR_SERVER_URL, \
                CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET";
    assert_eq!(said.failed(), told);
}
