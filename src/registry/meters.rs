//! What Prometheus is told of the registry.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry as Metrics;

/// The meters of the registry. Clones count together.
#[derive(Clone)]
pub(super) struct Meters {
    /// How many secrets of access keys did not fit.
    pub sign_in_failures: Counter,
    seal_keys: Family<SealKey, Gauge>,
}

/// The label of a seal key: its public id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SealKey {
    key: String,
}

impl Meters {
    /// Meters of a registry with these seal keys, as [`Meters::set_seal_keys`].
    pub fn of(seal_keys: &[(String, i64)]) -> Self {
        let meters = Self { sign_in_failures: Counter::default(), seal_keys: Family::default() };
        meters.set_seal_keys(seal_keys);
        meters
    }

    /// Takes the seal keys, each with the time since which it is known, in epoch milliseconds.
    pub fn set_seal_keys(&self, keys: &[(String, i64)]) {
        self.seal_keys.clear();
        for (key, since) in keys {
            self.seal_keys.get_or_create(&SealKey { key: key.clone() }).set(since / 1_000);
        }
    }

    /// Lets `metrics` tell of them.
    pub fn register(&self, metrics: &mut Metrics) {
        let Self { sign_in_failures, seal_keys } = self.clone();
        let help = "Secrets of access keys that did not fit";
        metrics.register("sign_in_failures", help, sign_in_failures);
        let help = "Since when each seal key is known, in epoch seconds";
        metrics.register("seal_key_since_timestamp_seconds", help, seal_keys);
    }
}
