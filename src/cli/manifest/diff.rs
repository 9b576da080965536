//! A plan as people read it.

use anstyle::{AnsiColor, Style};
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::cli::show;
use crate::domain::manifest::{Action, Difference, FieldChange, Plan, SecretChange};

/// The longest values that are shown in one line.
const LONG: usize = 100;

/// How many lines that stay are shown around those that change.
const AROUND: usize = 3;

/// What a plan changes, with the colours of a terminal.
pub fn text(plan: &Plan) -> String {
    let mut text = String::new();
    for change in &plan.changes {
        thing(&mut text, change);
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// How much a plan does, in one line.
pub fn summary(plan: &Plan) -> String {
    match (counted(plan), plan.unchanged) {
        ([0, 0, 0], 1) => "Nothing to do: 1 thing is as the manifest says.".to_owned(),
        ([0, 0, 0], count) => format!("Nothing to do: {count} things are as the manifest says."),
        ([created, changed, deleted], unchanged) => format!(
            "Plan: {created} to create, {changed} to change, {deleted} to delete, {unchanged} \
             unchanged."
        ),
    }
}

/// What was done, in one line.
pub fn done(plan: &Plan) -> String {
    let ([created, changed, deleted], revision) = (counted(plan), plan.revision);
    format!(
        "Applied: {created} created, {changed} changed, {deleted} deleted, at revision {revision}."
    )
}

fn counted(plan: &Plan) -> [usize; 3] {
    [Action::Create, Action::Update, Action::Delete]
        .map(|action| plan.changes.iter().filter(|change| change.action == action).count())
}

fn thing(text: &mut String, change: &Difference) {
    let (sign, colour) = match change.action {
        Action::Create => ("+", AnsiColor::Green),
        Action::Update => ("~", AnsiColor::Yellow),
        Action::Delete => ("-", AnsiColor::Red),
    };
    let head = format!("{sign} {} {}", show::plain(&change.kind), show::plain(&change.name));
    line(text, 0, colour.on_default().bold(), &head);
    for change_of in &change.fields {
        field(text, change.action, change_of);
    }
}

fn field(text: &mut String, action: Action, change: &FieldChange) {
    let path = show::plain(&change.path);
    let (before, after) = (shown(change.before.as_ref()), shown(change.after.as_ref()));
    if let Some(secret) = change.secret {
        let secret = match secret {
            SecretChange::Sets => "set",
            SecretChange::Changes => "changes",
            SecretChange::Keeps => "keeps",
            SecretChange::Removes => "removed",
        };
        return line(text, 1, Style::new(), &format!("{path}: (secret) {secret}"));
    }
    let texts = [&change.before, &change.after].map(|value| value.as_ref().and_then(Value::as_str));
    let is_long = before.len() + after.len() > LONG && texts.iter().any(Option::is_some);
    if is_long || texts.iter().flatten().any(|text| text.contains('\n')) {
        line(text, 1, Style::new(), &format!("{path}:"));
        let whole = [&change.before, &change.after].map(|value| match value {
            Some(Value::String(text)) => text.clone(),
            None => String::new(),
            Some(other) => other.to_string(),
        });
        return lines(text, &whole);
    }
    let told = match action {
        Action::Create => after,
        Action::Delete => before,
        Action::Update => format!("{before} -> {after}"),
    };
    line(text, 1, Style::new(), &format!("{path}: {told}"));
}

/// A value in one line.
fn shown(value: Option<&Value>) -> String {
    value.map_or("(nothing)".to_owned(), |value| show::escaped(&value.to_string()))
}

/// The lines of a text that change, and some that stay around them.
fn lines(text: &mut String, [before, after]: &[String; 2]) {
    let diff = TextDiff::from_lines(before, after);
    let is_broken = before.contains('\n') || after.contains('\n');
    for (index, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if index > 0 {
            line(text, 2, Style::new(), "…");
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ("-", AnsiColor::Red.on_default()),
                ChangeTag::Insert => ("+", AnsiColor::Green.on_default()),
                ChangeTag::Equal => (" ", Style::new()),
            };
            let ends = change.missing_newline() && is_broken && change.tag() != ChangeTag::Equal;
            let end = if ends { " (no line break at its end)" } else { "" };
            let value = change.value();
            let value = show::plain(value.strip_suffix('\n').unwrap_or(value));
            line(text, 2, style, &format!("{sign} {value}{end}"));
        }
    }
}

fn line(text: &mut String, indent: usize, style: Style, line: &str) {
    let line = line.trim_end();
    text.extend(["  ".repeat(indent), format!("{style}{line}{style:#}\n")]);
}
