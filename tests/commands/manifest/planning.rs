//! What plans look like.

use super::{Desk, WHOLE, golden};

/// What becomes of [`WHOLE`].
const CHANGES: [(&str, &str); 6] = [
    (
        "Our account",
        "The account of team core, which everybody uses who has no account of their own",
    ),
    ("enabled: false", "enabled: true"),
    ("How are you today?", "How do you do?"),
    ("    tokenLimit: {maxTokens: 1000000, period: MONTH}\n", ""),
    ("      headers: {X-Team: \"${file:secrets/team}\"}\n", ""),
    ("[EXECUTE, READ]", "[READ]"),
];

#[test]
fn a_plan_is_read_by_people_and_by_machines() {
    let desk = Desk::new();
    desk.write("conf/whole.yaml", WHOLE);
    desk.write("conf/secrets/team", "CANARY-team\n");
    let said = desk.run("plan -f conf");
    assert_eq!((said.code, said.err.as_str()), (Some(2), ""));
    golden("create.txt", &said.out);
    let plain = desk
        .run_with("plan -f conf --color auto", &[("OPENAI_API_KEY", "CANARY"), ("CLICOLOR", "1")]);
    assert_eq!(plain.out, said.out, "no colour where there is no terminal");
    let coloured = desk.run("plan --color always -f conf");
    golden("create.ansi", &coloured.out);
    let (code, told) = desk.plan("plan -f conf");
    assert_eq!(code, Some(2));
    golden("create.json", &format!("{told:#}\n"));
    assert_eq!(desk.run("plan -f conf").out, said.out, "nothing was changed");

    let applied = desk.run("apply -f conf --yes");
    assert_eq!((applied.code, applied.err.as_str()), (Some(0), ""));
    let done = applied.out.strip_prefix(&said.out).unwrap();
    assert!(done.starts_with("Applied: 9 created, 0 changed, 0 deleted, at revision "), "{done}");
    let said = desk.run("plan -f conf");
    assert_eq!(said.code, Some(0));
    golden("nothing.txt", &said.done());

    let changed = CHANGES.iter().fold(WHOLE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    desk.write("conf/whole.yaml", &changed);
    let said = desk.run_with("plan -f conf", &[("OPENAI_API_KEY", "CANARY-new")]);
    assert_eq!((said.code, said.err.as_str()), (Some(2), ""));
    golden("change.txt", &said.out);

    desk.write("conf/whole.yaml", &WHOLE.replace("Our account", "Theirs"));
    golden("keep.txt", &desk.run("plan -f conf").out);

    desk.write(
        "conf/whole.yaml",
        "owner: team-core\nintegrations:\n- name: openai\n  type: openai\n",
    );
    let said = desk.run("plan -f conf --prune");
    assert_eq!((said.code, said.err.as_str()), (Some(2), ""));
    golden("prune.txt", &said.out);
}

#[test]
fn several_files_a_folder_and_standard_input_are_one_manifest() {
    use std::io::Write;
    use std::process::Stdio;

    let desk = Desk::new();
    desk.write(
        "a/one.json",
        r#"{"$schema": "x", "owner": "o", "integrations": [{"name": "a", "type": "openai"}]}"#,
    );
    desk.write("a/more/two.yml", "owner: o\n---\nintegrations:\n- {name: b, type: openai}\n");
    desk.write("a/.hidden.yaml", "nonsense");
    desk.write("three.yaml", "prompts:\n- name: p\n  versions: [{version: 1, template: x}]\n");
    let words = ["plan", "-f", "a", "-f", "three.yaml", "--file", "-", "--output", "json"];
    let key = crate::key(&desk.server.url, crate::support::ADMIN);
    let mut child = desk.site.command(&words, &key).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"integrations:\n- {name: c, type: openai}\n").unwrap();
    let said = crate::support::Said::of(child.wait_with_output().unwrap());
    assert_eq!((said.code, said.err.as_str()), (Some(2), ""));
    let plan: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let names: Vec<_> = plan["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["b", "a", "c", "p"]);
}
