//! What Linux tells about itself and its processes.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::Outcome;

/// The machine is quiet when fewer cores than this are busy, over a time.
const QUIET_CORES: f64 = 0.25;
const QUIET_TIME: Duration = Duration::from_millis(400);

/// How long a quiet machine is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long the disk is synced to see how long a sync takes, and how often it stalls.
const SYNCING: Duration = Duration::from_secs(5);

/// A sync that takes longer is a stall.
const STALL: Duration = Duration::from_millis(10);

/// The busy time of all cores since the start.
pub fn busy() -> Outcome<Duration> {
    let text = fs::read_to_string("/proc/stat")?;
    let first = text.lines().next().unwrap_or_default();
    let times: Vec<u64> = first.split_whitespace().skip(1).flat_map(str::parse).collect();
    match times.as_slice() {
        [user, nice, system, _idle, _waiting, irq, soft_irq, stolen, ..] => {
            Ok(ticks(user + nice + system + irq + soft_irq + stolen))
        }
        _ => Err("/proc/stat is not as expected".into()),
    }
}

/// The CPU time of the child processes that have ended.
pub fn children() -> Outcome<Duration> {
    Ok(Stat::of("self")?.of_ended_children)
}

/// The CPU time of a process and all its children, running and ended.
pub fn cpu_of_family(parent: u32) -> Outcome<Duration> {
    loop {
        let ended = Stat::of(&parent.to_string())?.of_ended_children;
        let mut running = Duration::ZERO;
        for process in fs::read_dir("/proc")? {
            let name = process?.file_name();
            // What is no process, or ends meanwhile, has no times.
            let Ok(stat) = Stat::of(&name.to_string_lossy()) else { continue };
            if stat.parent == parent || name == *parent.to_string() {
                running += stat.own;
            }
        }
        // A child that ended in between could be counted twice, or not at all.
        if Stat::of(&parent.to_string())?.of_ended_children == ended {
            return Ok(ended + running);
        }
    }
}

/// What `/proc/PROCESS/stat` tells.
struct Stat {
    parent: u32,
    own: Duration,
    of_ended_children: Duration,
}

impl Stat {
    fn of(process: &str) -> Outcome<Self> {
        let path = format!("/proc/{process}/stat");
        let text = fs::read_to_string(&path).map_err(|cause| format!("{path}: {cause}"))?;
        // The name may hold anything.
        let after_name = text.rsplit_once(") ").map(|(_, rest)| rest.split(' '));
        let fields: Vec<_> =
            after_name.ok_or_else(|| format!("{path} is not as expected"))?.collect();
        let number = |index: usize| fields.get(index).copied().unwrap_or_default().parse::<u64>();
        Ok(Self {
            parent: number(1)?.try_into()?,
            own: ticks(number(11)? + number(12)?),
            of_ended_children: ticks(number(13)? + number(14)?),
        })
    }
}

/// The unit of times in `/proc`, a hundredth of a second on every machine.
fn ticks(count: u64) -> Duration {
    Duration::from_millis(10 * count)
}

/// Waits until others leave the machine alone, or patience ends.
pub fn wait_until_quiet() -> Outcome {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let before = busy()?;
        std::thread::sleep(QUIET_TIME);
        let busy = busy()?.saturating_sub(before);
        if busy.as_secs_f64() / QUIET_TIME.as_secs_f64() < QUIET_CORES {
            break;
        }
    }
    Ok(())
}

/// The CPU time of processes by thread, in nanoseconds.
pub struct Cpu(HashMap<String, u64>);

impl Cpu {
    /// Reads the times of processes.
    pub fn of(processes: impl Iterator<Item = u32>) -> Outcome<Self> {
        let mut threads = HashMap::new();
        for process in processes {
            for thread in fs::read_dir(format!("/proc/{process}/task"))? {
                let thread = thread?;
                // A thread may end while the folder is read.
                let Ok(text) = fs::read_to_string(thread.path().join("schedstat")) else {
                    continue;
                };
                let time = text.split(' ').next().unwrap_or_default().parse()?;
                threads.insert(thread.file_name().to_string_lossy().into_owned(), time);
            }
        }
        Ok(Self(threads))
    }

    /// What the threads have used since `earlier`. Those that have ended do not count: only idle
    /// ones do.
    pub fn since(&self, earlier: &Self) -> Duration {
        let since = |(thread, time): (&String, &u64)| {
            time.saturating_sub(earlier.0.get(thread).copied().unwrap_or_default())
        };
        Duration::from_nanos(self.0.iter().map(since).sum())
    }
}

/// The proportional share of memory of a process, in bytes.
pub fn memory(process: u32) -> Outcome<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    kilobytes(&text, "Pss:").ok_or_else(|| "smaps_rollup is not as expected".into())
}

/// The most memory that a process has had, in bytes.
pub fn peak_memory(process: u32) -> Outcome<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/status"))?;
    kilobytes(&text, "VmHWM:").ok_or_else(|| "status is not as expected".into())
}

/// The value of a line such as `Pss:   123 kB`, in bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// The machine in one line: processor, cores, memory, kernel, load.
pub fn describe() -> Outcome<String> {
    let cpus = fs::read_to_string("/proc/cpuinfo")?;
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown processor", |(_, model)| model);
    let cores = std::thread::available_parallelism()?;
    let memory = kilobytes(&fs::read_to_string("/proc/meminfo")?, "MemTotal:").unwrap_or_default();
    let memory = memory as f64 / f64::from(1 << 30);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    Ok(format!("{cores} cores of {model}, {memory:.1} GiB, Linux {}", kernel.trim()))
}

/// The load average of the last minute.
pub fn load_average() -> Outcome<String> {
    let text = fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').next().unwrap_or_default().to_owned())
}

/// How long the disk takes to make 4 KiB durable, in one line.
pub fn describe_disk(folder: &Path) -> Outcome<String> {
    let kind = Command::new("stat").args(["-f", "-c", "%T"]).arg(folder).output()?;
    let kind = String::from_utf8_lossy(&kind.stdout).trim().to_owned();
    let overwrite = syncs(folder, true)?;
    let append = syncs(folder, false)?;
    Ok(format!("{kind}; 4 KiB and fdatasync: overwritten {overwrite}, appended {append}"))
}

/// Times writes, each with a sync, at one place or one after the other.
fn syncs(folder: &Path, overwrite: bool) -> Outcome<String> {
    let path = folder.join("syncs");
    let mut file = File::create(&path)?;
    let (start, mut times) = (Instant::now(), vec![]);
    while start.elapsed() < SYNCING {
        let began = Instant::now();
        if overwrite {
            file.seek(SeekFrom::Start(0))?;
        }
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        times.push(began.elapsed());
    }
    fs::remove_file(&path)?;
    times.sort_unstable();
    let of_all = |percent: usize| times[times.len() * percent / 100].as_secs_f64() * 1e3;
    let stalled: Duration = times.iter().filter(|time| **time > STALL).sum();
    let share = 100.0 * stalled.as_secs_f64() / start.elapsed().as_secs_f64();
    let (p50, p99) = (of_all(50), of_all(99));
    Ok(format!("p50 {p50:.2} ms, p99 {p99:.2} ms, {share:.1} % of the time in stalls"))
}
