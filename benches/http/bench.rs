//! The table: each operation beside those that do nothing, round after round.

use std::collections::BTreeMap;
use std::path::Path;
use std::slice;

use super::Outcome;
use super::launch::{Launch, SlowSync};
use super::load::Wrk;
use super::noop::Noop;
use super::operation::{Operation, Place, Plan};
use super::options::Options;
use super::podium::Podium;
use super::postgres::{Postgres, Raw};
use super::records::Size;
use super::report::{Report, Results};
use super::runs::{Load, Ran, Runner, rotated};

/// The servers under load, and what was measured so far.
pub struct Bench {
    plan: Plan,
    runner: Runner,
    podiums: BTreeMap<Place, Podium>,
    noop: Noop,
    postgres: Option<Postgres>,
    raw: Option<Raw>,
    report: Report,
    results: Results,
    failures: usize,
}

impl Bench {
    /// Starts all servers that are asked, with the same answers.
    pub fn prepare(options: &Options, folder: &Path) -> Outcome<Self> {
        let plan = Operation::plan(options);
        if plan.is_empty() {
            return Err("nothing is left to measure: PostgreSQL needs `--postgres`".into());
        }
        let postgres = options.postgres.then(Postgres::find).transpose()?;
        let wrk = Wrk::find(folder, options.pinned)?;
        eprintln!("measuring the disk");
        let mut report = Report::new(options, &wrk.version, folder, postgres.as_ref())?;
        let runner = Runner { wrk, seconds: options.seconds, noisy: options.noisy };
        let size = options.size();
        let Size { integrations, resources } = size;
        report.note(format!(
            "Registry: {integrations} integrations of {resources} resources, and one of 1000 that \
             is listed"
        ));
        eprintln!("saving {integrations} integrations of {resources} resources");
        let mut podiums = embedded(options, &plan, folder, &mut report)?;
        let podium = &podiums[&Place::Embedded];
        let noop = Noop::start(folder, &podium.one()?, &podium.all()?, options.pinned)?;
        let mut raw = None;
        for place in [Place::Postgres, Place::Postgres3] {
            let Some(postgres) = &postgres else { break };
            let (servers, pinned) = (place.servers(), options.pinned);
            let database = postgres.create(&format!("of_{servers}"))?;
            let launch = Launch { database, servers, pinned, slow_sync: None };
            if place == Place::Postgres {
                raw = Some(launch.database.clone());
            }
            let folder = folder.join(format!("postgres-{servers}"));
            podiums.insert(place, Podium::fill(launch, &folder, size)?);
        }
        let raw = raw.map(|database| Raw::prepare(folder, database, size)).transpose()?;
        let (results, failures) = (BTreeMap::new(), 0);
        Ok(Self { plan, runner, podiums, noop, postgres, raw, report, results, failures })
    }

    /// Runs everything once, for a second.
    pub fn warm_up(&self) -> Outcome {
        let Some((connections, _)) = self.plan.last_key_value() else { return Ok(()) };
        let mut operations: Vec<_> = self.plan.values().flatten().collect();
        operations.sort_unstable();
        operations.dedup();
        for operation in operations {
            self.runner.load(&self.load(*operation)?, *connections, 1)?;
        }
        Ok(())
    }

    /// Runs everything, in an order that differs from round to round.
    pub fn round(&mut self, round: usize) -> Outcome {
        for (connections, operations) in rotated(self.plan.clone(), round) {
            for operation in rotated(operations, round) {
                self.run(operation, connections, round)?;
            }
        }
        Ok(())
    }

    fn run(&mut self, operation: Operation, connections: u32, round: usize) -> Outcome {
        let what = format!("round {}, {connections:3} {:12}", round + 1, operation.name());
        let postgres = self.postgres.as_ref().filter(|_| operation.is_on_postgres());
        let sample = match self.runner.run(&what, &self.load(operation)?, connections, postgres)? {
            Ran::Well(sample) => Some(sample),
            Ran::Disturbed => None,
            Ran::Failed => {
                self.failures += 1;
                None
            }
        };
        self.results.entry((connections, operation)).or_default().push(sample);
        Ok(())
    }

    /// Checks what is there, and prints the report; false when runs had errors or a figure is
    /// missing.
    pub fn finish(mut self) -> Outcome<bool> {
        let saves = self.plan.values().flatten().filter(|operation| operation.is_save());
        for place in saves.filter_map(|operation| operation.place()) {
            self.podiums[&place].check_saved()?;
        }
        let mut servers = vec![("the no-op server", slice::from_ref(&self.noop.server))];
        for (place, podium) in &self.podiums {
            servers.push((place.name(), &podium.servers));
        }
        self.report.note_memory("after the load", &servers)?;
        self.report.print(&self.results)?;
        if self.failures > 0 {
            eprintln!("{} runs had errors", self.failures);
        }
        let has_figure = |samples: &Vec<_>| samples.iter().any(Option::is_some);
        Ok(self.failures == 0 && self.results.values().all(has_figure))
    }

    fn load(&self, operation: Operation) -> Outcome<Load<'_>> {
        let embedded = &self.podiums[&Place::Embedded];
        Ok(Load::Requests(match operation {
            Operation::NoopGet => self.noop.get(),
            Operation::NoopPost => self.noop.post(),
            Operation::NoopList => self.noop.list(),
            Operation::GetOne(place) => self.podiums[&place].get_one(),
            Operation::Upsert(place) => self.podiums[&place].upsert(),
            Operation::Mix => embedded.mix(),
            Operation::Token => embedded.token(),
            Operation::ArizeGet => embedded.arize_get(),
            Operation::ArizePatch => embedded.arize_patch(),
            Operation::List => embedded.list(),
            Operation::RawUpsert => return Ok(Load::Raw(self.raw.as_ref().ok_or("no pgbench")?)),
        }))
    }
}

/// Podium over an embedded database, and over copies of it on slower disks where they are asked.
fn embedded(
    options: &Options,
    plan: &Plan,
    folder: &Path,
    report: &mut Report,
) -> Outcome<BTreeMap<Place, Podium>> {
    let home = folder.join("embedded");
    let launch = Launch::embedded(&home, options.pinned);
    let mut podium = Podium::fill(launch, &home, options.size())?;
    // Before there are others, with whom it would share the memory of the program itself.
    report.note_start(podium.usual_start()?);
    podium.stop()?;
    let mut podiums = BTreeMap::new();
    for place in [Place::Slow1, Place::Slow5] {
        if plan.values().flatten().any(|operation| operation.place() == Some(place)) {
            let delay = place.sync_delay();
            let home = folder.join(format!("slow-{}", delay.as_millis()));
            let slow_sync = SlowSync::build(folder, delay)?;
            podiums.insert(place, podium.copied(&home, Some(slow_sync))?);
        }
    }
    podium.restart()?;
    podiums.insert(Place::Embedded, podium);
    Ok(podiums)
}
