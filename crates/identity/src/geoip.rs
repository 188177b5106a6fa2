//! The country of an address, from a file of MaxMind's format.

use std::net::IpAddr;
use std::path::Path;

use maxminddb::{Reader, geoip2};

use crate::Error;

/// Addresses and their countries.
pub struct GeoIp(Reader<Vec<u8>>);

impl std::fmt::Debug for GeoIp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GeoIp")
    }
}

impl GeoIp {
    /// Reads a file such as GeoLite2-Country or DB-IP's, whole.
    ///
    /// # Errors
    /// [`Error::Settings`] for a file that cannot be read, or is no such file.
    pub fn open(file: &Path) -> Result<Self, Error> {
        let read = Reader::open_readfile(file);
        read.map(Self).map_err(|error| {
            Error::Settings(format!("identity.geoip_file: {} cannot be used: {error}", file.display()))
        })
    }

    /// The country, two letters of ISO 3166-1. `None`: the file does not know.
    pub fn country(&self, address: IpAddr) -> Option<String> {
        let found = self.0.lookup(address.to_canonical()).ok()?;
        let found: geoip2::Country<'_> = found.decode().ok()??;
        let code = found.country.iso_code?;
        (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())).then(|| code.to_owned())
    }
}
