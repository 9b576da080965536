//! A YAML or JSON file as a tree that knows its lines.
//!
//! YAML is read as version 1.2 has it. What several readers take for different things is refused:
//! tags, merge keys, and numbers that JSON would not write so.

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use granit_parser::{Event, Parser, ScalarStyle, Span, options};
use serde_json::{Map, Value};

use super::scalar;
use crate::http::MAX_DEPTH;

/// How many nodes all files may have together, aliases counted as what they stand for.
const MAX_NODES: usize = 1_000_000;

/// How many bytes of text, counted so too.
const MAX_TEXT: usize = 64 * 1024 * 1024;

/// How deep nodes may be nested: as the server takes them, within the request.
const DEEPEST: usize = MAX_DEPTH - 1;

/// Where a thing stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was named.
    pub file: Rc<str>,
    /// The line, from 1 on.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What is wrong somewhere.
#[derive(Debug)]
pub struct Fault {
    pub place: Place,
    pub reason: String,
}

/// A value, which may be a secret, and where it stands.
#[derive(Clone)]
pub struct Node {
    pub place: Place,
    pub kind: Kind,
}

/// A value.
#[derive(Clone)]
pub enum Kind {
    /// Anything that holds nothing.
    Plain(Value),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key, and where it stands.
#[derive(Clone)]
pub struct Key {
    pub place: Place,
    pub name: String,
}

impl Node {
    /// What stands under `name`.
    pub fn get(&self, name: &str) -> Option<&Node> {
        let Kind::Map(members) = &self.kind else { return None };
        members.iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }

    /// The items, where it is a list.
    pub fn items(&self) -> &[Node] {
        if let Kind::List(items) = &self.kind { items } else { &[] }
    }

    /// The value without its places.
    pub fn value(&self) -> Value {
        match &self.kind {
            Kind::Plain(value) => value.clone(),
            Kind::List(items) => items.iter().map(Self::value).collect(),
            Kind::Map(members) => {
                let members = members.iter();
                let members = members.map(|(key, node)| (key.name.clone(), node.value()));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }

    /// How many nodes it is, and how many bytes of text.
    fn size(&self) -> (usize, usize) {
        let sum = |(a, b): (usize, usize), (c, d): (usize, usize)| (a + c, b + d);
        match &self.kind {
            Kind::Plain(value) => (1, value.as_str().map_or(0, str::len)),
            Kind::List(items) => items.iter().map(Self::size).fold((1, 0), sum),
            Kind::Map(members) => {
                let sizes = members.iter().map(|(key, node)| sum((1, key.name.len()), node.size()));
                sizes.fold((1, 0), sum)
            }
        }
    }
}

/// What may still be read.
pub struct Budget {
    nodes: usize,
    text: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { nodes: MAX_NODES, text: MAX_TEXT }
    }
}

impl Budget {
    fn take(&mut self, (nodes, text): (usize, usize)) -> Result<(), String> {
        let left = self.nodes.checked_sub(nodes).zip(self.text.checked_sub(text));
        let too_much = "is more than is read: 1,000,000 nodes and 64 MiB of text in all, each alias \
                        counted as what it stands for";
        (self.nodes, self.text) = left.ok_or(too_much)?;
        Ok(())
    }
}

/// The documents of a file, without those that are empty.
///
/// # Errors
///
/// The first fault.
pub fn read(file: &Rc<str>, text: &str, budget: &mut Budget) -> Result<Vec<Node>, Fault> {
    let options = options! { disallow_directives: true };
    let mut reader = Reader { file, budget, open: vec![], anchors: HashMap::new(), done: vec![] };
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| Fault {
            place: Place { file: Rc::clone(file), line: error.marker().line() },
            reason: format!("is not valid YAML: {}", error.info()),
        })?;
        reader.take(event, span).map_err(|reason| Fault { place: reader.place(span), reason })?;
    }
    let is_there = |node: &Node| !matches!(node.kind, Kind::Plain(Value::Null));
    Ok(reader.done.into_iter().filter(is_there).collect())
}

/// A tree in the making.
struct Reader<'r> {
    file: &'r Rc<str>,
    budget: &'r mut Budget,
    /// What is not closed yet, the outermost first, each with the number of its anchor or 0.
    open: Vec<(Open, usize)>,
    anchors: HashMap<usize, Node>,
    done: Vec<Node>,
}

/// A node that is not closed yet.
struct Open {
    node: Node,
    /// The key that waits for its value.
    key: Option<Key>,
    /// The lines of the keys so far.
    seen: HashMap<String, usize>,
}

impl Reader<'_> {
    fn place(&self, span: Span) -> Place {
        Place { file: Rc::clone(self.file), line: span.start.line() }
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), String> {
        let (kind, anchor, tag) = match event {
            Event::Alias(anchor) => return self.alias(anchor, span),
            Event::SequenceEnd | Event::MappingEnd => return self.close(),
            Event::Scalar(text, style, anchor, tag) => {
                if style == ScalarStyle::Plain && text == "<<" && self.waits_for_key() {
                    return Err("merge keys (`<<`) are not read: say it in full".to_owned());
                }
                // What stands in the place of a key is its text, also where it looks like a number.
                let is_text = style != ScalarStyle::Plain || self.waits_for_key();
                let value =
                    if is_text { Value::String(text.into_owned()) } else { scalar::value(&text)? };
                (Kind::Plain(value), anchor, tag)
            }
            Event::SequenceStart(_, anchor, tag) => (Kind::List(vec![]), anchor, tag),
            Event::MappingStart(_, anchor, tag) => (Kind::Map(vec![]), anchor, tag),
            // Numbers of anchors begin anew with each document.
            Event::DocumentStart(..) => {
                self.anchors.clear();
                return Ok(());
            }
            _ => return Ok(()),
        };
        if tag.is_some() {
            return Err("tags, as in `!!binary`, are not read".to_owned());
        }
        let node = Node { place: self.place(span), kind };
        self.budget.take(node.size())?;
        if let Kind::Plain(_) = node.kind {
            return self.put(node, anchor);
        }
        if self.waits_for_key() {
            return Err("a key must be a text".to_owned());
        }
        if self.open.len() == DEEPEST {
            return Err(format!("is nested more than {DEEPEST} deep"));
        }
        self.open.push((Open { node, key: None, seen: HashMap::new() }, anchor));
        Ok(())
    }

    /// Whether the next node is a key.
    fn waits_for_key(&self) -> bool {
        let innermost = self.open.last().map(|(open, _)| open);
        innermost.is_some_and(|open| open.key.is_none() && matches!(open.node.kind, Kind::Map(_)))
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), String> {
        let meant = self.anchors.get(&anchor).ok_or("an alias stands within what it stands for")?;
        self.budget.take(meant.size())?;
        let node = Node { place: self.place(span), kind: meant.kind.clone() };
        let depth = self.open.len() + depth(&node);
        if depth > DEEPEST {
            return Err(format!("is nested more than {DEEPEST} deep"));
        }
        self.put(node, 0)
    }

    fn close(&mut self) -> Result<(), String> {
        let (open, anchor) = self.open.pop().ok_or("is not valid YAML")?;
        self.put(open.node, anchor)
    }

    /// Puts a whole node where it belongs.
    fn put(&mut self, node: Node, anchor: usize) -> Result<(), String> {
        if anchor != 0 {
            self.budget.take(node.size())?;
            self.anchors.insert(anchor, node.clone());
        }
        let Some((open, _)) = self.open.last_mut() else {
            self.done.push(node);
            return Ok(());
        };
        match &mut open.node.kind {
            Kind::List(items) => items.push(node),
            Kind::Map(members) => {
                if let Some(key) = open.key.take() {
                    members.push((key, node));
                    return Ok(());
                }
                let Kind::Plain(Value::String(name)) = node.kind else {
                    return Err("a key must be a text".to_owned());
                };
                if let Some(line) = open.seen.insert(name.clone(), node.place.line) {
                    return Err(format!("the key `{name}` stands at line {line} already"));
                }
                open.key = Some(Key { place: node.place, name });
            }
            Kind::Plain(_) => {}
        }
        Ok(())
    }
}

/// How many levels a node is.
fn depth(node: &Node) -> usize {
    let within = match &node.kind {
        Kind::Plain(_) => return 0,
        Kind::List(items) => items.iter().map(depth).max(),
        Kind::Map(members) => members.iter().map(|(_, node)| depth(node)).max(),
    };
    1 + within.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn told(text: &str) -> Result<Value, String> {
        let found = read(&"a.yaml".into(), text, &mut Budget::default());
        let found = found.map_err(|fault| format!("{}: {}", fault.place, fault.reason))?;
        Ok(found.iter().map(Node::value).collect())
    }

    #[test]
    fn values_are_those_of_yaml_1_2_and_numbers_keep_their_text() {
        for (text, json) in [
            (
                "[no, on, yes, y, 2026-11-22, 1_000, 12:30, 1e3, '1', \"x\\ty\"]",
                "[[\"no\",\"on\",\"yes\",\"y\",\"2026-11-22\",\"1_000\",\"12:30\",1e+3,\"1\",\"x\\ty\"]]",
            ),
            (
                "[1.10, 123456789012345678901234567890, -1.5E-7, 0, 10.0]",
                "[[1.10,123456789012345678901234567890,-1.5e-7,0,10.0]]",
            ),
            ("[~, null, {a: }, true, False]", "[[null,null,{\"a\":null},true,false]]"),
            ("a: |\n  x\n   y\nb: >\n  x\n  y\n", "[{\"a\":\"x\\n y\\n\",\"b\":\"x y\\n\"}]"),
            ("1: a\ntrue: b\n'': c", "[{\"1\":\"a\",\"true\":\"b\",\"\":\"c\"}]"),
            ("a: &x {b: 1}\nc: *x", "[{\"a\":{\"b\":1},\"c\":{\"b\":1}}]"),
            ("{\n\t\"a\": \"\\ud83d\\ude00\\/\"\n}", "[{\"a\":\"😀/\"}]"),
            ("--- {a: 1}\n---\n# nothing\n---\nb: 2\n...\n", "[{\"a\":1},{\"b\":2}]"),
            ("", "[]"),
        ] {
            assert_eq!(told(text).unwrap().to_string(), json, "{text}");
        }
    }

    #[test]
    fn what_readers_take_for_different_things_is_refused_with_its_line() {
        for (text, reason) in [
            ("a: 1\nb: 2\na: 3", "a.yaml:3: the key `a` stands at line 1 already"),
            ("\n<<: {a: 1}", "a.yaml:2: merge keys"),
            ("a:\n  !!binary x", "a.yaml:2: tags"),
            ("? [a]\n: 1", "a.yaml:1: a key must be a text"),
            ("a: &x [*x]", "a.yaml:1: an alias stands within"),
            ("a: 1\nb: [\n1", "a.yaml:2: is not valid YAML: "),
            ("%YAML 1.1\n---\na: 1", "a.yaml:1: is not valid YAML: "),
            ("a: *x", "a.yaml:1: is not valid YAML: "),
        ] {
            let told = told(text).unwrap_err();
            assert!(told.starts_with(reason), "{text}: {told}");
        }
        for number in [
            "007", "+1", ".5", "5.", "0x1F", "0o17", ".inf", "-.INF", ".nan", "-0", "-01.5", "1.e3",
        ] {
            let told = told(&format!("a:\n- {number}")).unwrap_err();
            assert!(told.starts_with("a.yaml:2: is a number to some"), "{number}: {told}");
            assert!(told.len() < 120 && !told.contains("CANARY"));
        }
    }

    #[test]
    fn l6_what_is_too_large_or_too_deep_is_refused_at_once() {
        let bomb = |wide: usize, leaf: &str| {
            let mut text = format!("a0: &a0 {leaf}\n");
            for level in 1..=30 {
                let items = vec![format!("*a{}", level - 1); wide].join(", ");
                text.extend([format!("a{level}: &a{level} [{items}]\n")]);
            }
            text
        };
        let large = "x".repeat(1024 * 1024);
        for (text, reason) in [
            (bomb(10, "lol"), "is more than is read"),
            (bomb(2, "lol"), "is more than is read"),
            (format!("a: &a {large}\nb: [{}]", "*a, ".repeat(100)), "is more than is read"),
            ("- a\n".repeat(MAX_NODES), "is more than is read"),
            ("[".repeat(200) + &"]".repeat(200), "is nested more than 63 deep"),
            ("- ".repeat(200), "is nested more than 63 deep"),
            (
                format!("a: &a {}1{}\nb: [[[[*a]]]]", "[".repeat(60), "]".repeat(60)),
                "is nested more",
            ),
        ] {
            let began = Instant::now();
            let told = told(&text).unwrap_err();
            assert!(told.contains(reason), "{told}");
            assert!(began.elapsed() < Duration::from_secs(20), "a bound against hanging: {reason}");
        }
        assert!(told(&("[".repeat(63) + &"]".repeat(63))).is_ok());
    }
}
