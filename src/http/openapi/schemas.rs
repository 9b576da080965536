//! The schemas of bodies, each under its name in the document.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value};

/// Where the schemas stand.
const ANSWERED: &str = "#/components/schemas/";

/// Where those of requests stand until [`Schemas::join`].
const SENT: &str = "#/components/sent/";

/// The schemas of what is answered and of what is sent: a field with a default is always in the
/// one, and may be left out of the other.
pub struct Schemas {
    answered: SchemaGenerator,
    sent: SchemaGenerator,
}

impl Schemas {
    /// None yet.
    pub fn new() -> Self {
        let at = |path: &'static str| {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = path.into();
                settings.meta_schema = None;
            })
        };
        Self {
            answered: at(ANSWERED).for_serialize().into_generator(),
            sent: at(SENT).for_deserialize().into_generator(),
        }
    }

    /// The schema of an answer, or a reference to it.
    pub fn answered<T: JsonSchema>(&mut self) -> Value {
        self.answered.subschema_for::<T>().to_value()
    }

    /// The schema of a request's body, or a reference to it.
    pub fn sent<T: JsonSchema>(&mut self) -> Value {
        self.sent.subschema_for::<T>().to_value()
    }

    /// The schema of a query, itself.
    pub fn query<T: JsonSchema>(&mut self) -> Value {
        T::json_schema(&mut self.sent).to_value()
    }

    /// Puts them into the document, and all references right. What is sent in another form than it
    /// is answered has `Request` at the end of its name.
    pub fn join(mut self, document: &mut Value) {
        let mut all = self.answered.take_definitions(true);
        let names: Map<_, _> = self
            .sent
            .definitions()
            .keys()
            .map(|name| {
                let taken = all.contains_key(name);
                let name_here = if taken { format!("{name}Request") } else { name.clone() };
                (name.clone(), name_here.into())
            })
            .collect();
        for (name, schema) in self.sent.take_definitions(true) {
            all.insert(named(&names, &name).to_owned(), schema);
        }
        document["components"]["schemas"] = Value::Object(all);
        point(document, &names);
    }
}

fn named<'n>(names: &'n Map<String, Value>, name: &'n str) -> &'n str {
    names.get(name).and_then(Value::as_str).unwrap_or(name)
}

/// Points references to what is sent to where it stands now.
fn point(part: &mut Value, names: &Map<String, Value>) {
    match part {
        Value::String(text) => {
            if let Some(name) = text.strip_prefix(SENT) {
                *text = format!("{ANSWERED}{}", named(names, name));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| point(item, names)),
        Value::Object(members) => members.values_mut().for_each(|member| point(member, names)),
        _ => {}
    }
}
