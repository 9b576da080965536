//! What can hold a secret in clear has no `Debug`, so that no log and no panic can print it.

use crate::architecture::{code, sources};

/// What a type holds that can hold a secret: JSON of a client, and what a client asks for.
const CLEAR: [&str; 6] =
    ["Configuration", "IntegrationDraft", "ResourceDraft", "Secret", "Value", "Zeroizing"];

/// Types that hold one as a text.
const TEXTS: [&str; 3] = ["TokenRequest", "TokenJson", "Text"];

/// Types whose JSON is none: forms of definitions, claims, rules about them, the audit log,
/// how models are asked.
const HARMLESS: [&str; 7] =
    ["DefinitionApi", "FormField", "Identity", "Members", "Record", "Rule", "Settings"];

/// The names of the types that would print a secret.
fn printed(source: &str) -> Vec<String> {
    let code = code(source);
    let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let derived = code.split("#[derive(").skip(1).filter_map(|rest| {
        let (derives, item) = rest.split_once(")]")?;
        derives.split(", ").any(|name| name == "Debug").then_some(item)
    });
    let written = code.split(" Debug for ").skip(1).chain(code.split("::Debug for ").skip(1));
    let by_hand = written.map(|rest| words(rest).next().unwrap_or_default().to_owned());
    derived.filter_map(offending).chain(by_hand).collect()
}

/// The name of the type that `item` begins with, if it can hold a secret.
fn offending(item: &str) -> Option<String> {
    let keyword = ["struct ", "enum "].into_iter().filter_map(|word| item.find(word)).min()?;
    let name = words(&item[keyword..]).nth(1)?;
    let ends = ["\n}", ";\n"].into_iter().filter_map(|end| item[keyword..].find(end));
    let body = &item[keyword..keyword + ends.min().unwrap_or(item.len() - keyword)];
    let holds = words(body).skip(2).any(|word| CLEAR.contains(&word)) || TEXTS.contains(&name);
    (holds && !HARMLESS.contains(&name)).then(|| name.to_owned())
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

#[test]
fn what_can_hold_a_secret_cannot_be_printed() {
    let sources = sources();
    let found: Vec<_> = sources.iter().flat_map(|(_, source)| printed(source)).collect();
    assert_eq!(found, Vec::<String>::new());
    let all: String = sources.into_iter().map(|(_, source)| source).collect();
    for name in TEXTS.iter().chain(&HARMLESS) {
        let known = ["struct ", "enum "].iter().any(|word| all.contains(&format!("{word}{name} ")));
        assert!(known || all.contains(&format!("struct {name}(")), "there is no {name}");
    }
}

#[test]
fn the_rule_finds_what_it_looks_for() {
    for source in [
        "#[derive(Clone, Debug)]\npub struct Update {\n    configuration: Configuration,\n}\n",
        "#[derive(Debug)]\n#[serde(default)]\nstruct Draft(Option<Value>);\n",
        "/// Text.\n#[derive(Debug, Clone)]\nenum Given {\n    New(Secret),\n}\n",
        "#[derive(Debug)]\npub struct TokenRequest {\n    key_secret: String,\n}\n",
        "impl fmt::Debug for Secret {}\n",
        "impl Debug for Other {}\n",
    ] {
        assert_eq!(printed(source).len(), 1, "{source}");
    }
    for source in [
        "#[derive(Clone)]\npub struct Update {\n    configuration: Configuration,\n}\n",
        "#[derive(Debug)]\npub struct Name(String);\npub struct Draft(Value);\n",
        "#[derive(Debug)]\npub struct Name {\n    /// No Secret.\n    name: String,\n}\n",
        "#[derive(Debug)]\nstruct Identity {\n    claims: Map<String, Value>,\n}\n",
        "#[cfg_attr(test, derive(Debug))]\nstruct Draft(Value);\n",
    ] {
        assert_eq!(printed(source), Vec::<String>::new(), "{source}");
    }
}
