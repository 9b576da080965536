//! The certificate that the server shows.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::Findings;
use crate::cli::show;
use crate::http::tls::Files;

const CHECK: &str = "certificate";

/// A certificate that ends sooner than this should have been replaced.
const SOON: Duration = Duration::from_secs(14 * 86_400);

/// Looks at the certificate in `files`, and at its key.
pub fn check(files: &Files, found: &mut Findings) {
    match end(files) {
        Err(reason) => found.fail(CHECK, reason),
        Ok(end) => {
            let told = show::time(i64::try_from(end.as_millis()).ok());
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            match end.checked_sub(now) {
                None => found.fail(CHECK, format!("it has ended at {told}: replace it")),
                Some(left) if left < SOON => {
                    found.warn(CHECK, format!("it ends at {told}: replace it"));
                }
                Some(_) => found.ok(CHECK, format!("it holds until {told}")),
            }
        }
    }
}

/// When the first of the certificates to end does, since the epoch.
fn end(files: &Files) -> Result<Duration, String> {
    let bad =
        |cause: &dyn ToString| format!("{}: {}", files.certificate.display(), cause.to_string());
    let ends = files
        .read()?
        .cert
        .iter()
        .map(|certificate| {
            let read = Certificate::from_der(certificate)?;
            Ok(read.tbs_certificate.validity.not_after.to_unix_duration())
        })
        .collect::<x509_cert::der::Result<Vec<_>>>();
    let end = ends.map_err(|cause| bad(&cause))?.into_iter().min();
    end.ok_or_else(|| bad(&"holds no certificate"))
}
