//! What Prometheus is told of a database.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry as Metrics;

/// The upper bounds of how many writes share a commit.
const WRITES: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

/// The upper bounds of how long a commit takes, in seconds.
const SECONDS: [f64; 10] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];

/// The meters of a database. Clones count together.
#[derive(Clone)]
pub struct Meters {
    /// How many writes wait or are under way.
    pub waiting: Gauge,
    /// How many writes each commit has carried.
    pub writes: Histogram,
    /// How long each commit took, the sync of the disk included.
    pub seconds: Histogram,
    /// How many commits have failed.
    pub failures: Counter,
    /// The number of the last record of the audit log that this server knows of.
    pub records: Gauge,
    /// How many reads wait for a connection or have one.
    pub reads: Gauge,
}

impl Meters {
    /// Meters that nobody reads yet.
    pub(super) fn new() -> Self {
        Self {
            waiting: Gauge::default(),
            writes: Histogram::new(WRITES),
            seconds: Histogram::new(SECONDS),
            failures: Counter::default(),
            records: Gauge::default(),
            reads: Gauge::default(),
        }
    }

    /// Counts a read until what is given back is dropped.
    pub(super) fn reading(&self) -> Counted {
        Counted::by(&self.reads)
    }

    /// Counts a write until what is given back is dropped.
    pub(super) fn writing(&self) -> Counted {
        Counted::by(&self.waiting)
    }

    /// Notes a commit, failed or not, that carried so many writes.
    pub(super) fn committed(&self, writes: usize, took: Duration) {
        let writes = u32::try_from(writes).unwrap_or(u32::MAX);
        self.writes.observe(writes.into());
        self.seconds.observe(took.as_secs_f64());
    }

    /// Lets `metrics` tell of them.
    pub fn register(&self, metrics: &mut Metrics) {
        let Self { waiting, writes, seconds, failures, records, reads } = self.clone();
        metrics.register("writes_waiting", "Writes that wait or are under way", waiting);
        metrics.register("commit_writes", "Writes that a commit has carried", writes);
        let help = "Seconds that a commit took, the sync of the disk included";
        metrics.register("commit_duration_seconds", help, seconds);
        metrics.register("commit_failures", "Commits that have failed", failures);
        let help = "Records of the audit log, as far as this server knows";
        metrics.register("audit_records", help, records);
        metrics.register("reads", "Reads that wait for a connection or have one", reads);
    }
}

/// One of those that a gauge counts, for as long as it is there.
pub(super) struct Counted(Gauge);

impl Counted {
    fn by(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_way_is_counted_until_it_is_gone() {
        let meters = Meters::new();
        let (read, write) = (meters.reading(), meters.writing());
        let other = meters.clone().writing();
        assert_eq!((meters.reads.get(), meters.waiting.get()), (1, 2));
        drop((read, write, other));
        assert_eq!((meters.reads.get(), meters.waiting.get()), (0, 0));
    }
}
