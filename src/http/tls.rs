//! The certificate of the server, and its key; taken anew when their files change.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// The two files of a certificate, in PEM.
#[derive(Clone, Debug)]
pub struct Files {
    /// The certificate, and those between it and its authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// The certificate as it was last read.
#[derive(Debug)]
struct Certificate {
    files: Files,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    key: Arc<CertifiedKey>,
    of: Option<Times>,
}

/// When both files were changed.
type Times = (SystemTime, SystemTime);

impl Files {
    /// What TLS is served by: versions 1.2 and 1.3.
    ///
    /// # Errors
    ///
    /// The file that cannot be used, and why.
    pub fn config(self) -> Result<ServerConfig, String> {
        let of = self.times();
        let held = Mutex::new(Held { key: self.read()?, of });
        let certificate = Arc::new(Certificate { files: self, held });
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| error.to_string())?.with_no_client_auth();
        Ok(builder.with_cert_resolver(certificate))
    }

    /// The certificate with its key.
    ///
    /// # Errors
    ///
    /// The file that cannot be used, and why.
    pub fn read(&self) -> Result<Arc<CertifiedKey>, String> {
        let Self { certificate, key } = self;
        let told = |file: &Path, cause: &dyn ToString| {
            format!("{}: {}", file.display(), cause.to_string())
        };
        let chain = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|cause| told(certificate, &cause))?;
        if chain.is_empty() {
            return Err(told(certificate, &"holds no certificate"));
        }
        let private = PrivateKeyDer::from_pem_file(key).map_err(|cause| told(key, &cause))?;
        let held = CertifiedKey::from_der(chain, private, &ring::default_provider());
        held.map(Arc::new).map_err(|cause| match cause {
            rustls::Error::InconsistentKeys(_) => told(key, &"is not the key of the certificate"),
            cause => told(key, &cause),
        })
    }

    fn times(&self) -> Option<Times> {
        let changed = |file: &Path| fs::metadata(file).and_then(|file| file.modified()).ok();
        Some((changed(&self.certificate)?, changed(&self.key)?))
    }
}

impl ResolvesServerCert for Certificate {
    /// The certificate for a new connection. Files that cannot be used leave the one before in place:
    /// they may be half written.
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.files.times();
        if now.is_some() && now != held.of {
            held.of = now;
            match self.files.read() {
                Ok(key) => {
                    log::info!("took the new certificate of {}", self.files.certificate.display());
                    held.key = key;
                }
                Err(reason) => log::warn!("the new certificate cannot be used: {reason}"),
            }
        }
        Some(Arc::clone(&held.key))
    }
}
