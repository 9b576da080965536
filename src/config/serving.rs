//! What clients are served by: certificates, proxies, limits.

use std::num::NonZeroU32;

use rustls::ServerConfig;

use super::{BadSetting, duration, given};
use crate::http::limits::Limits;
use crate::http::proxies::Proxies;
use crate::http::tls::Files;

/// The setting that names the certificate.
const CERTIFICATE: &str = "PODIUM_TLS_CERT";

/// The smallest limit of a body: a request of any use fits.
const LEAST_BODY: usize = 1024;

/// The files that TLS is spoken by, where it is to be: `PODIUM_TLS_CERT` and `PODIUM_TLS_KEY`.
///
/// # Errors
///
/// [`BadSetting`] when only one of the two is set.
pub fn tls_files(
    certificate: Option<&str>,
    key: Option<&str>,
) -> Result<Option<Files>, BadSetting> {
    let alone = |missing, variable| {
        Err(BadSetting::new(missing, format!("must be set together with {variable}")))
    };
    match (given(certificate), given(key)) {
        (None, None) => Ok(None),
        (Some(_), None) => alone("PODIUM_TLS_KEY", CERTIFICATE),
        (None, Some(_)) => alone(CERTIFICATE, "PODIUM_TLS_KEY"),
        (Some(certificate), Some(key)) => {
            Ok(Some(Files { certificate: certificate.into(), key: key.into() }))
        }
    }
}

/// What TLS is spoken by, where it is to be.
///
/// # Errors
///
/// Those of [`tls_files`], and [`BadSetting`] when a file cannot be used.
pub fn tls(
    certificate: Option<&str>,
    key: Option<&str>,
) -> Result<Option<ServerConfig>, BadSetting> {
    let config = tls_files(certificate, key)?.map(Files::config).transpose();
    config.map_err(|reason| BadSetting::new(CERTIFICATE, format!("cannot be used: {reason}")))
}

/// The proxies that are believed: `PODIUM_TRUSTED_PROXIES`.
///
/// # Errors
///
/// [`BadSetting`] naming the entry that is no network.
pub fn proxies(text: &str) -> Result<Proxies, BadSetting> {
    let bad = |entry| format!("has the entry `{entry}`, which is no address or network");
    Proxies::parse(text).map_err(|entry| BadSetting::new("PODIUM_TRUSTED_PROXIES", bad(entry)))
}

/// What clients may ask, by the texts of the settings.
pub struct LimitTexts<'a> {
    /// `PODIUM_MAX_CONNECTIONS`.
    pub connections: &'a str,
    /// `PODIUM_MAX_BODY`.
    pub body: &'a str,
    /// `PODIUM_MAX_BULK_BODY`.
    pub bulk_body: &'a str,
    /// `PODIUM_HEAD_TIMEOUT`.
    pub head_timeout: &'a str,
    /// `PODIUM_BODY_TIMEOUT`.
    pub body_timeout: &'a str,
    /// `PODIUM_RATE_LIMIT`.
    pub rate: &'a str,
}

/// The limits that the settings say.
///
/// # Errors
///
/// [`BadSetting`] naming the one that cannot be used.
pub fn limits(texts: &LimitTexts<'_>) -> Result<Limits, BadSetting> {
    let body_bytes = at_least(LEAST_BODY, "PODIUM_MAX_BODY", texts.body)?;
    let bulk_bytes = at_least(LEAST_BODY, "PODIUM_MAX_BULK_BODY", texts.bulk_body)?;
    if bulk_bytes < body_bytes {
        return Err(BadSetting::new(
            "PODIUM_MAX_BULK_BODY",
            "must not be less than PODIUM_MAX_BODY",
        ));
    }
    let bad_rate = || BadSetting::new("PODIUM_RATE_LIMIT", "must be a number from 1, or `off`");
    Ok(Limits {
        connections: at_least(1, "PODIUM_MAX_CONNECTIONS", texts.connections)?,
        head: duration("PODIUM_HEAD_TIMEOUT", texts.head_timeout)?,
        body: duration("PODIUM_BODY_TIMEOUT", texts.body_timeout)?,
        body_bytes,
        bulk_bytes,
        rate: match texts.rate {
            "off" => None,
            number => Some(number.parse::<NonZeroU32>().map_err(|_| bad_rate())?),
        },
    })
}

fn at_least(least: usize, variable: &str, text: &str) -> Result<usize, BadSetting> {
    let number = text.parse().ok().filter(|number| *number >= least);
    number.ok_or_else(|| BadSetting::new(variable, format!("must be a number from {least}")))
}
