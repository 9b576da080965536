//! What must hold of any configuration that is written over another. `tests/fuzz` looks for one of
//! which it does not.

#![allow(clippy::missing_panics_doc, reason = "to panic is what they are for")]

use std::cell::Cell;
use std::sync::LazyLock;

use serde_json::{Deserializer, Map, Value};

use super::secrets::Sent;
use crate::catalogue::Catalogue;
use crate::domain::configuration::{
    Configuration, Given, Rules, Separated, Stored, mask, separate,
};
use crate::domain::endpoint::Hosts;
use crate::domain::patch::merge;
use crate::domain::{Result, configuration};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::built_in);

/// Writing back what was shown changes nothing, and no mask is ever stored: `data` is the type of an
/// integration, its configuration, what is known of it elsewhere, and what is written next.
pub fn configuration(data: &[u8]) {
    let mut read = Deserializer::from_slice(data).into_iter::<Value>().map_while(Result::ok);
    let mut next = || read.next().unwrap_or_default();
    let kind = next();
    let (first, settings, second) = (map(next()), map(next()), map(next()));
    let (hosts, count) = (Hosts::default(), Cell::new(0_u32));
    let tag = || {
        count.set(count.get() + 1);
        Ok(format!("{:0>8}", count.get()))
    };
    let definition = kind.as_str().and_then(|kind| CATALOGUE.find(kind)).map(AsRef::as_ref);
    let rules = Rules { definition, hosts: &hosts, tag: &tag };

    let sent = Sent { configuration: Some(first), settings: Some(settings) };
    let Ok(sent) = sent.onto(&Value::Null) else { return };
    let Ok(mut made) = separate(sent, &rules, &Stored::default()) else { return };
    no_mask_is_stored(&made, &Stored::default());
    let is_sealed = |given: &Given| !matches!(given, Given::Reference(_));
    let sealed = made.secrets.iter().filter(|(_, given)| is_sealed(given));
    let secrets = sealed.map(|(path, _)| path.clone()).collect();
    let mut shown = map(made.shown.clone());
    let hidden = shown.shift_remove(configuration::HIDDEN);
    if hidden.is_some_and(|hidden| map(hidden).is_empty()) {
        made.shown = Value::Object(shown.clone());
    }
    let stored = Stored { shown: made.shown.clone(), secrets };
    for written in [Some(shown.clone()), None] {
        let written = Sent { configuration: written, settings: None }.onto(&stored.shown);
        let again = written.and_then(|written| separate(written, &rules, &stored));
        let again =
            again.unwrap_or_else(|error| panic!("{} cannot be written: {error}", stored.shown));
        assert_eq!(again.shown, stored.shown);
        let is_kept = |(_, given): &(String, Given)| !matches!(given, Given::New(_));
        assert!(again.secrets.iter().all(is_kept), "{} was stored again", stored.shown);
        assert_eq!(paths(&again), paths(&made), "{}", stored.shown);
    }

    let mut merged = shown;
    merge(&mut merged, second.clone());
    for written in [second, merged] {
        let Ok(written) = Sent { configuration: Some(written), settings: None }.onto(&stored.shown)
        else {
            return;
        };
        if let Ok(changed) = separate(written, &rules, &stored) {
            no_mask_is_stored(&changed, &stored);
        }
    }
}

/// Each mask that is shown stands for a secret; one that came back stands where it stood; and none
/// is a secret itself.
fn no_mask_is_stored(made: &Separated, stored: &Stored) {
    let Separated { shown, secrets } = made;
    for (path, given) in secrets {
        let here = shown.pointer(path).unwrap_or_else(|| panic!("{path} is nowhere in {shown}"));
        match given {
            Given::New(secret) => {
                let value: Value = serde_json::from_str(secret.expose()).unwrap_or_default();
                assert!(!holds(&value, mask::is_like), "{path} of {shown} is a mask");
                assert!(here.as_str().is_some_and(mask::is_whole), "{path} of {shown} is clear");
            }
            Given::Kept => {
                assert!(stored.secrets.contains(path), "{path} of {shown} was never stored");
                assert_eq!(stored.shown.pointer(path), Some(here), "{path}");
            }
            Given::Reference(reference) => assert_eq!(reference.to_string(), *here, "{path}"),
        }
    }
    let mut rest = shown.clone();
    for (path, _) in secrets {
        if let Some(place) = rest.pointer_mut(path) {
            *place = Value::Null;
        }
    }
    assert!(!holds(&rest, mask::is_whole), "a mask stands for nothing in {shown}");
}

fn holds(value: &Value, is: fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => is(text),
        Value::Array(items) => items.iter().any(|item| holds(item, is)),
        Value::Object(map) => map.values().any(|value| holds(value, is)),
        _ => false,
    }
}

fn paths(made: &Separated) -> Vec<&str> {
    made.secrets.iter().map(|(path, _)| path.as_str()).collect()
}

fn map(value: Value) -> Configuration {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
