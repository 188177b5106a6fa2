//! One API key, ready to check signatures.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use ring::hmac;
use runtime::secrets::SealingKey;

use crate::Error;
use crate::store::api_key::Model;

/// The kind of a key whose secret signs with HMAC-SHA256.
pub(crate) const KIND_HMAC: &str = "hmac";

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permissions {
    /// Read the account: balances, orders, trades, its event stream.
    pub read: bool,
    /// Place, change and cancel orders.
    pub trade: bool,
}

impl Permissions {
    /// Reading alone.
    pub const READ: Self = Self { read: true, trade: false };
    /// Reading and trading.
    pub const READ_TRADE: Self = Self { read: true, trade: true };
}

/// A live API key, with the state of its HMAC prepared, so that each request costs no more than the hash of its payload.
#[derive(Debug)]
pub struct ApiKey {
    id: i64,
    key: String,
    account_id: i64,
    permissions: Permissions,
    /// `None`: from anywhere.
    addresses: Option<Vec<IpAddr>>,
    signing: hmac::Key,
    last_used_us: AtomicU64,
    stored_used_us: AtomicU64,
}

impl ApiKey {
    pub(crate) fn from_row(row: Model, sealing: &SealingKey) -> Result<Self, Error> {
        let unusable = |reason: String| Error::Unusable { id: row.id, reason };
        if row.kind != KIND_HMAC {
            return Err(unusable(format!("this version does not know the kind {:?}", row.kind)));
        }
        let secret =
            sealing.open(row.key.as_bytes(), &row.sealed_secret).map_err(|error| unusable(error.to_string()))?;
        let addresses = row.ip_allow_list.as_deref().map(addresses_from_text).transpose();
        let used_us = row.last_used_us.and_then(|us| u64::try_from(us).ok()).unwrap_or(0);
        Ok(Self {
            id: row.id,
            account_id: row.account_id,
            permissions: Permissions { read: row.may_read, trade: row.may_trade },
            addresses: addresses.map_err(|error| unusable(format!("its list of addresses cannot be read: {error}")))?,
            signing: hmac::Key::new(hmac::HMAC_SHA256, secret.expose()),
            last_used_us: AtomicU64::new(used_us),
            stored_used_us: AtomicU64::new(used_us),
            key: row.key,
        })
    }

    /// The number of its row.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// The public part, as sent in `X-MBX-APIKEY`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The account that it acts for.
    pub fn account_id(&self) -> i64 {
        self.account_id
    }

    /// What it may be used for.
    pub fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// Whether it may be used from this address. An IPv4 address counts as itself also when it comes in the form of IPv6.
    pub fn allows_ip(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.addresses.as_ref().is_none_or(|allowed| allowed.iter().any(|one| one.to_canonical() == address))
    }

    /// Whether `signature_hex` is the HMAC-SHA256 of `payload` by this key's secret: 64 hex digits of either case. The time it takes
    /// tells nothing of the right signature.
    pub fn verify_hmac(&self, payload: &[u8], signature_hex: &[u8]) -> bool {
        let mut signature = [0; 32];
        hex::decode_to_slice(signature_hex, &mut signature).is_ok()
            && hmac::verify(&self.signing, payload, &signature).is_ok()
    }

    /// Notes that the key was used; [`ApiKeys::flush_last_used`](crate::ApiKeys::flush_last_used) writes it down later.
    pub fn mark_used(&self, now_us: u64) {
        self.last_used_us.fetch_max(now_us, Ordering::Relaxed);
    }

    /// The time of the last use if it is not written down yet.
    pub(crate) fn unstored_use(&self) -> Option<u64> {
        let used = self.last_used_us.load(Ordering::Relaxed);
        (used > self.stored_used_us.load(Ordering::Relaxed)).then_some(used)
    }

    pub(crate) fn use_was_stored(&self, used_us: u64) {
        self.stored_used_us.fetch_max(used_us, Ordering::Relaxed);
    }
}

/// [`ApiKey::verify_hmac`] as a function.
pub fn verify_hmac(key: &ApiKey, payload: &[u8], signature_hex: &[u8]) -> bool {
    key.verify_hmac(payload, signature_hex)
}

/// The addresses as they stand in the database: separated by commas.
pub(crate) fn addresses_to_text(addresses: &[IpAddr]) -> Option<String> {
    let texts: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
    (!texts.is_empty()).then(|| texts.join(","))
}

pub(crate) fn addresses_from_text(text: &str) -> Result<Vec<IpAddr>, std::net::AddrParseError> {
    text.split(',').map(str::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &[u8], addresses: Option<&str>) -> ApiKey {
        let sealing = SealingKey::from_bytes(&[1; 32]);
        let random = runtime::entropy::SeededRandom::new(1);
        let row = Model {
            id: 1,
            key: "the key".into(),
            kind: KIND_HMAC.into(),
            sealed_secret: sealing.seal(&random, b"the key", secret),
            account_id: 7,
            label: "test".into(),
            may_read: true,
            may_trade: false,
            ip_allow_list: addresses.map(str::to_owned),
            created_at_us: 0,
            revoked_at_us: None,
            last_used_us: Some(5),
        };
        ApiKey::from_row(row, &sealing).unwrap()
    }

    /// The example of Binance's documentation: <https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security>.
    #[test]
    fn the_documented_signature_is_right_and_nothing_else_is() {
        let key = key(b"NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j", None);
        let payload = b"symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559";
        let signature = b"c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71";
        assert!(key.verify_hmac(payload, signature));
        assert!(verify_hmac(&key, payload, &signature.to_ascii_uppercase()));
        for digit in 0..signature.len() {
            let mut changed = *signature;
            changed[digit] = if changed[digit] == b'0' { b'1' } else { b'0' };
            assert!(!key.verify_hmac(payload, &changed), "digit {digit}");
        }
        for wrong in [&signature[..63], &signature[..62], b"", b"zz", &[0xff; 64], &[*signature, *signature].concat()] {
            assert!(!key.verify_hmac(payload, wrong));
        }
        assert!(!key.verify_hmac(&payload[1..], signature));
    }

    #[test]
    fn addresses_are_compared_as_addresses() {
        let bound = key(b"s", Some("10.0.0.1,2001:db8::1"));
        for allowed in ["10.0.0.1", "::ffff:10.0.0.1", "2001:db8:0::1"] {
            assert!(bound.allows_ip(allowed.parse().unwrap()), "{allowed}");
        }
        for refused in ["10.0.0.2", "::1", "2001:db8::2"] {
            assert!(!bound.allows_ip(refused.parse().unwrap()), "{refused}");
        }
        assert!(key(b"s", None).allows_ip("10.0.0.2".parse().unwrap()));
    }

    #[test]
    fn the_last_use_only_moves_forward() {
        let key = key(b"s", None);
        assert_eq!(key.unstored_use(), None);
        key.mark_used(9);
        key.mark_used(7);
        assert_eq!(key.unstored_use(), Some(9));
        key.use_was_stored(9);
        assert_eq!(key.unstored_use(), None);
    }

    #[test]
    fn no_secret_is_printed() {
        let text = format!("{:?}", key(b"hunter2", None));
        assert!(!text.contains("hunter2") && !text.contains(&format!("{:?}", b"hunter2")), "{text}");
    }
}
