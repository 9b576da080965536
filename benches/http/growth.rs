//! How figures change while the registry grows.

use std::fmt::Write;
use std::fs;
use std::io::Write as _;
use std::iter::successors;
use std::path::Path;

use super::Outcome;
use super::figures::{NONE, Samples, mebibytes, median, ratios, spread, thousands};
use super::launch::Launch;
use super::load::Wrk;
use super::noop::Noop;
use super::options::Options;
use super::people;
use super::plot::{self, Line, Panel};
use super::podium::{Podium, Start};
use super::report::Report;
use super::runs::{Load, Ran, Runner, rotated};

/// With how many connections everything is measured.
const CONNECTIONS: u32 = 64;

/// The size that growth begins with.
const LEAST: usize = 10;

/// How many resources each integration has.
const RESOURCES: usize = 10;

/// How many integrations there are while the users become more.
const SHARED: usize = 100;

/// What becomes more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Resources,
    Users,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Resources => "resources",
            Self::Users => "users, each with a grant",
        }
    }

    /// The sizes that are measured.
    fn sizes(self, most: usize) -> impl Iterator<Item = usize> {
        let most = if self == Self::Users { most / 10 } else { most };
        successors(Some(LEAST), |size| Some(size * 10)).take_while(move |size| *size <= most)
    }

    /// Saves what is there before anything grows.
    fn begin(self, podium: &Podium) -> Outcome {
        if self == Self::Users { podium.save(0..SHARED, RESOURCES) } else { Ok(()) }
    }

    /// Lets the registry grow from one size to the next.
    fn grow(self, podium: &Podium, from: usize, to: usize) -> Outcome {
        match self {
            Self::Resources => podium.save(from / RESOURCES..to / RESOURCES, RESOURCES),
            Self::Users => people::save(&podium.administrator()?, from..to, SHARED),
        }
    }
}

/// The figures at one size.
struct Point {
    size: usize,
    /// The rates of reads and of saves, as ratios to the route that does nothing.
    get: Vec<f64>,
    upsert: Vec<f64>,
    start: Start,
    /// The memory after the load, in bytes.
    memory: u64,
    /// What is in the database before the load, in bytes; without what it began with.
    grown: u64,
    /// Whether any run had errors.
    failed: bool,
}

/// Measures all sizes, prints a table of each kind of growth, and plots them; false when runs had
/// errors or a figure is missing.
pub fn measure(options: &Options, folder: &Path) -> Outcome<bool> {
    let wrk = Wrk::find(folder, options.pinned)?;
    let report = Report::new(options, &wrk.version, folder, None)?;
    let runner = Runner { wrk, seconds: options.seconds, noisy: options.noisy };
    let bench = Growth { options, runner, folder };
    let mut series = vec![];
    for kind in [Kind::Resources, Kind::Users] {
        series.push((kind, bench.series(kind)?));
    }
    report.print_notes()?;
    let mut panels = vec![];
    for (kind, points) in &series {
        std::io::stdout().write_all(table(*kind, points)?.as_bytes())?;
        panels.extend([ratio_panel(*kind, points), memory_panel(*kind, points)]);
    }
    fs::write(&options.plot, plot::svg(&panels)?)?;
    let is_whole =
        |point: &Point| !point.failed && !point.get.is_empty() && !point.upsert.is_empty();
    Ok(series.iter().flat_map(|(_, points)| points).all(is_whole))
}

struct Growth<'a> {
    options: &'a Options,
    runner: Runner,
    folder: &'a Path,
}

impl Growth<'_> {
    /// One database grows step by step. Load is put on copies of it, since each save adds to the
    /// audit log.
    fn series(&self, kind: Kind) -> Outcome<Vec<Point>> {
        let home = self.folder.join("growing");
        let launch = Launch::embedded(&home, self.options.pinned);
        let mut growing = Podium::start(launch, &home)?;
        kind.begin(&growing)?;
        growing.stop()?;
        let (begun, mut from, mut points) = (growing.database_size()?, 0, vec![]);
        for size in kind.sizes(self.options.most) {
            eprintln!("growing to {size} {}", kind.name());
            growing.restart()?;
            kind.grow(&growing, from, size)?;
            growing.stop()?;
            let grown = growing.database_size()?.saturating_sub(begun);
            points.push(self.point(&growing, size, grown)?);
            from = size;
        }
        fs::remove_dir_all(&home)?;
        Ok(points)
    }

    fn point(&self, growing: &Podium, size: usize, grown: u64) -> Outcome<Point> {
        let home = self.folder.join("measured");
        let mut podium = growing.copied(&home, None)?;
        let start = podium.usual_start()?;
        let noop = Noop::start(self.folder, &podium.one()?, "", self.options.pinned)?;
        let works = || [noop.get(), podium.get_one(), podium.upsert()].map(Load::Requests);
        for work in works() {
            self.runner.load(&work, CONNECTIONS, 1)?;
        }
        let mut samples: [Samples; 3] = Default::default();
        let mut failed = false;
        for round in 0..self.options.rounds as usize {
            let work = works().into_iter().zip(["noop-get", "get-one", "upsert"]).enumerate();
            for (index, (work, name)) in rotated(work, round) {
                let what = format!("{size:7}, round {}, {name:8}", round + 1);
                let sample = match self.runner.run(&what, &work, CONNECTIONS, None)? {
                    Ran::Well(sample) => Some(sample),
                    Ran::Disturbed => None,
                    Ran::Failed => {
                        failed = true;
                        None
                    }
                };
                samples[index].push(sample);
            }
        }
        podium.check_saved()?;
        let memory = podium.memory()?;
        drop(podium);
        fs::remove_dir_all(&home)?;
        let [noop, get, upsert] = &samples;
        let (get, upsert) = (ratios(get, noop), ratios(upsert, noop));
        Ok(Point { size, get, upsert, start, memory, grown, failed })
    }
}

/// The figures of one kind of growth, in Markdown.
fn table(kind: Kind, points: &[Point]) -> Outcome<String> {
    let mut text = format!(
        "\n| {} | GET (min–max) | upsert (min–max) | start ms | memory idle MiB | after load MiB \
         | database MiB | bytes each |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        kind.name()
    );
    for point in points {
        writeln!(
            text,
            "| {} | {} | {} | {:.1} | {:.1} | {:.1} | {:.1} | {} |",
            thousands(point.size as f64),
            spread(&point.get),
            spread(&point.upsert),
            point.start.time.as_secs_f64() * 1e3,
            mebibytes(point.start.memory),
            mebibytes(point.memory),
            mebibytes(point.grown),
            thousands(point.grown as f64 / point.size as f64),
        )?;
    }
    let (get, upsert) = (lowest(points, |it| &it.get), lowest(points, |it| &it.upsert));
    writeln!(text, "\nThe lowest ratio, of that at {LEAST}: GET {get}, upsert {upsert}.")?;
    Ok(text)
}

/// The lowest of the medians as a part of the first.
fn lowest(points: &[Point], ratios: fn(&Point) -> &Vec<f64>) -> String {
    let medians: Vec<_> =
        points.iter().filter_map(|point| median(ratios(point).iter().copied())).collect();
    let least = medians.iter().copied().reduce(f64::min);
    let part = least.zip(medians.first()).map(|(least, first)| least / first * 100.0);
    part.map_or(NONE.to_owned(), |part| format!("{part:.0} %"))
}

fn ratio_panel(kind: Kind, points: &[Point]) -> Panel {
    let line = |name, ratios: fn(&Point) -> &Vec<f64>| {
        let at = |point: &Point| Some((point.size as f64, median(ratios(point).iter().copied())?));
        Line { name, points: points.iter().filter_map(at).collect() }
    };
    let lines = [line("GET", |point| &point.get), line("upsert", |point| &point.upsert)];
    Panel { title: "requests/s, as a ratio to noop-get", across: kind.name(), lines }
}

fn memory_panel(kind: Kind, points: &[Point]) -> Panel {
    let line = |name, memory: fn(&Point) -> u64| {
        let at = |point: &Point| (point.size as f64, mebibytes(memory(point)));
        Line { name, points: points.iter().map(at).collect() }
    };
    let lines =
        [line("idle", |point| point.start.memory), line("after load", |point| point.memory)];
    Panel { title: "memory, MiB", across: kind.name(), lines }
}
