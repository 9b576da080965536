//! A large manifest: planned, applied and planned again, next to saving its things one by one.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Outcome;
use super::client::Client;
use super::figures::{mebibytes, median, spread};
use super::launch::Launch;
use super::machine;
use super::options::Options;

/// How many resources each integration has.
const RESOURCES: usize = 9;

/// What is measured in each round, in order.
const STEPS: [&str; 6] =
    ["one by one", "plan", "apply", "plan, nothing to do", "plan, a tenth changed", "export"];

/// Measures a manifest of so many things, and prints a table.
pub fn measure(options: &Options, folder: &Path, things: usize) -> Outcome<bool> {
    let mut times: Vec<Vec<Duration>> = vec![vec![]; STEPS.len()];
    let mut memory = (vec![], vec![]);
    for round in 0..options.rounds {
        eprintln!("round {}", round + 1);
        if !options.noisy {
            machine::wait_until_quiet()?;
        }
        let home = folder.join(format!("manifest-{round}"));
        std::fs::create_dir_all(&home)?;
        let (found, before, after) = one_round(&home, things)?;
        for (all, time) in times.iter_mut().zip(found) {
            all.push(time);
        }
        memory.0.push(mebibytes(before));
        memory.1.push(mebibytes(after));
    }
    let mut table = format!(
        "{}\n\n{things} things, {} rounds; server's memory at the start {:.0} MiB, at its peak {:.0} MiB\n\n\
         | step | seconds | to one by one |\n| --- | --- | --- |\n",
        machine::describe()?,
        options.rounds,
        median(memory.0).unwrap_or_default(),
        median(memory.1).unwrap_or_default(),
    );
    for (step, all) in STEPS.iter().zip(&times) {
        let seconds = median(all.iter().map(Duration::as_secs_f64)).unwrap_or_default();
        let each = all.iter().zip(&times[0]);
        let ratios: Vec<_> =
            each.map(|(time, slow)| time.as_secs_f64() / slow.as_secs_f64()).collect();
        writeln!(table, "| {step} | {seconds:.2} | {} |", spread(&ratios))?;
    }
    std::io::stdout().write_all(table.as_bytes())?;
    Ok(true)
}

/// The times of each step on new registries, and the memory of the server before and at its peak.
fn one_round(home: &Path, things: usize) -> Outcome<(Vec<Duration>, u64, u64)> {
    let mut times = vec![];
    let manifest = manifest(things / (RESOURCES + 1), false);
    let slow = home.join("one-by-one");
    std::fs::create_dir_all(&slow)?;
    let servers = Launch::embedded(&slow, false).start()?;
    let client = Client::administrator(&servers[0])?;
    times.push(timed(|| one_by_one(&client, &manifest))?);
    drop(servers);
    let servers = Launch::embedded(home, false).start()?;
    let client = Client::administrator(&servers[0])?;
    let before = servers[0].peak_memory()?;
    let request = |manifest: &Value| json!({"manifest": manifest, "values": {"env:KEY": "sk-0123456789abcdef"}});
    let (plan, apply) = ("/api/manifest/plan", "/api/manifest/apply");
    let (same, changed) = (request(&manifest), request(&self::manifest(things / 10, true)));
    for (path, body) in [(plan, &same), (apply, &same), (plan, &same), (plan, &changed)] {
        times.push(timed(|| client.post(path, body).map(drop))?);
    }
    times.push(timed(|| client.get("/api/manifest").map(drop))?);
    Ok((times, before, servers[0].peak_memory()?))
}

fn timed(work: impl FnOnce() -> Outcome) -> Outcome<Duration> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed())
}

/// A manifest of so many integrations, each with its resources; all of them described in another way
/// where they are `changed`.
fn manifest(integrations: usize, changed: bool) -> Value {
    let description = if changed { "the new account" } else { "the account of a team" };
    let resources: Vec<_> = (0..RESOURCES)
        .map(|index| {
            json!({"name": format!("model-{index}"), "description": "chat",
                   "configuration": {"temperature": 0.5}})
        })
        .collect();
    let one = |index| {
        json!({"name": format!("account-{index}"), "type": "openai", "description": description,
               "configuration": {"api_key": "${env:KEY}", "endpoint": "https://api.example.org"},
               "tags": [{"key": "team", "value": "core"}], "resources": resources})
    };
    json!({"integrations": (0..integrations).map(one).collect::<Value>()})
}

/// Saves each thing with a request of its own, as a script with `curl` does.
fn one_by_one(client: &Client, manifest: &Value) -> Outcome {
    for integration in manifest["integrations"].as_array().into_iter().flatten() {
        let name = integration["name"].as_str().unwrap_or_default();
        let path = format!("/api/integrations/provider/{name}");
        let mut body = integration.clone();
        body["configuration"]["api_key"] = json!("sk-0123456789abcdef");
        client.post(&path, &body)?;
        client.put(&format!("{path}/tags"), &integration["tags"])?;
        for resource in integration["resources"].as_array().into_iter().flatten() {
            let name = resource["name"].as_str().unwrap_or_default();
            client.post(&format!("{path}/integration/{name}"), resource)?;
        }
    }
    Ok(())
}
