//! Reads of a server, compared with what the model says that they show.

use serde_json::{Value, json};

use super::body::{Family, SPACES};
use super::kinds::Shape;
use super::model::Record;
use super::run::{Agreed, Run, escaped, list, provider};
use crate::support::Response;

const FAMILIES: [Family; 2] = [Family::Newer, Family::Older];

impl Run {
    /// Compares every list with the model, the secrets of what was changed, and one such record by
    /// itself.
    pub fn compare(&mut self, turn: usize) -> Agreed {
        let changed: Vec<_> = std::mem::take(&mut self.changed).into_iter().collect();
        for (place, number) in changed.iter().enumerate() {
            match self.model.records.get(number).cloned() {
                Some(record) if place != turn % changed.len() => self.resolve_all(&record)?,
                _ => self.look_at(*number)?,
            }
        }
        let mut records: Vec<_> = self.model.records.values().cloned().collect();
        records.reverse();
        for family in FAMILIES {
            let usual = |record: &&Record| record.kind.shape != Shape::Evaluator;
            let seen = records.iter().filter(|record| record.is_seen(family)).filter(usual);
            self.arize_list(family, "", 100, seen.clone())?;
            // Each of these now and then.
            match turn % 4 {
                0 => self.arize_list(family, "", 1 + turn % 5, seen)?,
                1 => {
                    let space = turn / 4 % SPACES.len();
                    let id = self.facts.known(&format!("id space {space}")).map(escaped);
                    let query = format!("&space_id={}", id.unwrap_or_default());
                    self.arize_list(family, &query, 3, seen.filter(|one| is_in(one, space)))?;
                }
                2 => {
                    let named = seen.filter(|record| record.arize_name.contains("main"));
                    self.arize_list(family, "&name=MAIN", 2, named)?;
                }
                _ => {}
            }
        }
        let word = ["EVALUATOR", "LLM", "EVALUATOR", "AGENT"][turn % 4];
        let seen = records.iter().filter(|record| record.is_seen(Family::Newer));
        let of = seen.filter(|record| record.kind.shape.word() == word);
        self.arize_list(Family::Newer, &format!("&type={word}"), 100, of)?;
        records.sort_by(|one, other| one.name.cmp(&other.name));
        self.conductor_list(turn, &records)
    }

    /// Reads a list of Conductor's, each time another one.
    fn conductor_list(&mut self, turn: usize, records: &[Record]) -> Agreed {
        let of = |record: &Record| record.conductor(&self.people);
        let (query, expected): (_, Value) = match turn % 3 {
            0 => ("provider", records.iter().filter(|record| record.enabled).map(of).collect()),
            1 => ("provider?activeOnly=false", records.iter().map(of).collect()),
            _ => {
                let with_resources = records.iter().map(|record| {
                    let mut resources = record.resources(&self.people);
                    for resource in &mut resources {
                        resource.as_object_mut().unwrap().shift_remove("tags");
                    }
                    let mut seen = of(record);
                    seen["apis"] = json!(resources);
                    seen
                });
                ("?activeOnly=false", with_resources.collect())
            }
        };
        self.read(&format!("/api/integrations/{query}"), &expected)
    }

    /// Reads a list of Arize's, page after page.
    fn arize_list<'r>(
        &mut self,
        family: Family,
        query: &str,
        limit: usize,
        expected: impl Iterator<Item = &'r Record>,
    ) -> Agreed {
        let expected: Value = expected.map(|record| record.arize(family, &self.people)).collect();
        let member = if family == Family::Newer { "integrations" } else { "ai_integrations" };
        let (mut found, mut cursor) = (vec![], String::new());
        loop {
            let path = format!("{}?limit={limit}{query}{cursor}", list(family));
            let page = self.clients[0].get(&path);
            let Some(items) = page.json[member].as_array() else {
                return Err(format!("{path} was answered {} {}", page.status, page.text));
            };
            found.extend(items.iter().cloned());
            match page.json["pagination"]["next_cursor"].as_str() {
                Some(next) if items.len() == limit => cursor = format!("&cursor={next}"),
                Some(_) => return Err(format!("{path} gives a page that is not full")),
                None => break,
            }
        }
        let agreed = self.facts.agree(&expected, &json!(found));
        agreed.map_err(|why| format!("{}?{query} {why}", list(family)))
    }

    /// Looks at one record by itself, in every way; or for one that is gone.
    pub fn look_at(&mut self, number: usize) -> Agreed {
        let Some(record) = self.model.records.get(&number).cloned() else {
            return FAMILIES.into_iter().try_for_each(|family| {
                let id = self.facts.known(&format!("id {number}")).map(escaped);
                let path = format!("{}/{}", list(family), id.unwrap_or("OjA%3D".to_owned()));
                has_status(404, &path, &self.clients[0].get(&path))
            });
        };
        for name in std::iter::once(&record.name).chain(record.aliases.first()) {
            self.read(&provider(name), &record.conductor(&self.people))?;
        }
        let path = provider(&record.name);
        let resources = record.resources(&self.people);
        self.read(&format!("{path}/integration?activeOnly=false"), &json!(resources))?;
        if let Some((name, resource)) = record.children.keys().zip(&resources).next_back() {
            self.read(&format!("{path}/integration/{}", escaped(name)), resource)?;
        }
        self.resolve_all(&record)?;
        for family in FAMILIES {
            let Some(id) = self.facts.known(&format!("id {number}")).map(escaped) else { continue };
            let path = format!("{}/{id}", list(family));
            if record.is_seen(family) {
                self.read(&path, &record.arize(family, &self.people))?;
            } else {
                has_status(404, &path, &self.clients[0].get(&path))?;
            }
        }
        Ok(())
    }

    /// Compares the secrets of a record, and of one of its children.
    fn resolve_all(&mut self, record: &Record) -> Agreed {
        let path = format!("{}/resolve", provider(&record.name));
        let answer = self.clients[1].call("POST", &path);
        if !record.enabled {
            return has_status(409, &path, &answer);
        }
        self.says(&path, &record.resolved(), &answer)?;
        let Some((name, child)) = record.children.first_key_value() else { return Ok(()) };
        let path = format!("{}/integration/{}/resolve", provider(&record.name), escaped(name));
        let answer = self.clients[1].call("POST", &path);
        if !child.enabled {
            return has_status(409, &path, &answer);
        }
        self.says(&path, &record.resolved_child(name), &answer)
    }

    fn read(&mut self, path: &str, expected: &Value) -> Agreed {
        let answer = self.clients[0].get(path);
        self.says(path, expected, &answer)
    }

    fn says(&mut self, path: &str, expected: &Value, answer: &Response) -> Agreed {
        let agreed = self.facts.agree(expected, &answer.json);
        agreed.map_err(|why| format!("{path}: {why}\nin {} {}", answer.status, answer.text))
    }
}

fn has_status(status: u16, path: &str, answer: &Response) -> Agreed {
    match answer.status {
        found if found == status => Ok(()),
        other => Err(format!("{path} should be {status}, and is {other} {}", answer.text)),
    }
}

/// Whether a record is seen in a space.
fn is_in(record: &Record, space: usize) -> bool {
    let covers = |(organization, only): &(usize, Option<usize>)| {
        *organization == SPACES[space] && only.is_none_or(|only| only == space)
    };
    record.scopings.is_empty() || record.scopings.iter().any(covers)
}
