//! Figures of several runs in one, and how they are written.

use std::time::Duration;

/// The figures of a run that counts.
pub struct Sample {
    /// Requests per second.
    pub rate: f64,
    /// The median latency, where it is known.
    pub p50: Option<Duration>,
    /// The latency that one request in a hundred exceeds, likewise.
    pub p99: Option<Duration>,
    /// The CPU time of our servers for each request, where there are any.
    pub server_cpu: Option<Duration>,
    /// The CPU time of PostgreSQL for each request, where it is asked.
    pub postgres_cpu: Option<Duration>,
}

/// The runs of one operation: one a round, `None` where it does not count.
pub type Samples = Vec<Option<Sample>>;

/// What stands where there is no figure.
pub const NONE: &str = "–";

/// The ratios of the rates, each inside its round.
pub fn ratios(samples: &[Option<Sample>], baseline: &[Option<Sample>]) -> Vec<f64> {
    let pairs = samples.iter().zip(baseline);
    let pairs = pairs.filter_map(|(sample, baseline)| sample.as_ref().zip(baseline.as_ref()));
    pairs.map(|(sample, baseline)| sample.rate / baseline.rate).collect()
}

/// The median of ratios and their range.
pub fn spread(ratios: &[f64]) -> String {
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    let range = |median| format!("{median:.3} ({least:.3}–{most:.3})");
    median(ratios.iter().copied()).map_or(NONE.to_owned(), range)
}

/// The median of a time, with so many of the unit in a second.
pub fn time(
    samples: &[Option<Sample>],
    figure: fn(&Sample) -> Option<Duration>,
    units: f64,
    decimals: usize,
) -> String {
    let times = samples.iter().flatten().filter_map(figure);
    let time = median(times.map(|time| time.as_secs_f64() * units));
    time.map_or(NONE.to_owned(), |time| format!("{time:.decimals$}"))
}

/// The median, if there are any figures.
pub fn median(figures: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut figures: Vec<_> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    let upper = *figures.get(middle)?;
    Some(if figures.len() % 2 == 1 { upper } else { f64::midpoint(figures[middle - 1], upper) })
}

/// A count of bytes in MiB.
pub fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// A whole number with commas, as in `12,345`.
pub fn thousands(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
