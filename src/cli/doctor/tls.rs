//! The certificate that the server shows.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::Findings;
use crate::cli::{open, show};

const CHECK: &str = "certificate";

/// A certificate that ends sooner than this should have been replaced.
const SOON: Duration = Duration::from_secs(14 * 86_400);

/// Looks at the files of `PODIUM_TLS_CERT` and `PODIUM_TLS_KEY`, if they are set.
pub fn check(found: &mut Findings) {
    let [cert, key] = ["PODIUM_TLS_CERT", "PODIUM_TLS_KEY"].map(open::variable);
    let Some(cert) = cert else { return };
    match end(Path::new(&cert), key.as_deref().map(Path::new)) {
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

/// When the first of the certificates in `cert` to end does, since the epoch.
fn end(cert: &Path, key: Option<&Path>) -> Result<Duration, String> {
    let bad = |cause: &dyn std::fmt::Display| format!("{}: {cause}", cert.display());
    let chain = CertificateDer::pem_file_iter(cert).map_err(|cause| bad(&cause))?;
    let chain: Vec<_> = chain.collect::<Result<_, _>>().map_err(|cause| bad(&cause))?;
    let mut ends = vec![];
    for certificate in &chain {
        let read = Certificate::from_der(certificate).map_err(|cause| bad(&cause))?;
        ends.push(read.tbs_certificate.validity.not_after.to_unix_duration());
    }
    let end = ends.into_iter().min().ok_or_else(|| bad(&"it holds no certificate"))?;
    let Some(key) = key else { return Err("PODIUM_TLS_KEY is not set".into()) };
    let unusable = |cause: &dyn std::fmt::Display| format!("{}: {cause}", key.display());
    let private = PrivateKeyDer::from_pem_file(key).map_err(|cause| unusable(&cause))?;
    let private = any_supported_type(&private).map_err(|cause| unusable(&cause))?;
    let pair = CertifiedKey::new(chain, private);
    pair.keys_match().map_err(|_| unusable(&"it is not the key of the certificate"))?;
    Ok(end)
}
