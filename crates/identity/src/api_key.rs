//! One API key, ready to check signatures.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use ipnet::IpNet;
use runtime::secrets::SealingKey;

use crate::Error;
use crate::key_terms::{Permissions, addresses_from_text};
use crate::kind::KeyKind;
use crate::store::api_key::Model;
use crate::verifier::Verifier;

/// A live API key, ready to check signatures: the state of an HMAC is prepared, so that each request costs no more than the hash
/// of its payload.
#[derive(Debug)]
pub struct ApiKey {
    id: i64,
    key: String,
    account_id: i64,
    permissions: Permissions,
    /// `None`: from anywhere.
    addresses: Option<Vec<IpNet>>,
    /// `None`: it does not expire.
    expires_at_us: Option<u64>,
    verifier: Verifier,
    last_used_us: AtomicU64,
    stored_used_us: AtomicU64,
}

impl ApiKey {
    pub(crate) fn from_row(row: Model, sealing: &SealingKey) -> Result<Self, Error> {
        let unusable = |reason: String| Error::Unusable { id: row.id, reason };
        let Some(kind) = KeyKind::from_name(&row.kind) else {
            return Err(unusable(format!("this version does not know the kind {:?}", row.kind)));
        };
        let sealed = sealing.open(&kind.sealed_to(&row.key), &row.sealed_secret);
        let sealed = sealed.map_err(|error| unusable(error.to_string()))?;
        let verifier = Verifier::new(kind, sealed.expose(), row.public_key.as_deref())
            .map_err(|reason| unusable(reason.to_owned()))?;
        let addresses = row.ip_allow_list.as_deref().map(addresses_from_text).transpose();
        let used_us = row.last_used_us.and_then(|us| u64::try_from(us).ok()).unwrap_or(0);
        Ok(Self {
            id: row.id,
            account_id: row.account_id,
            permissions: Permissions { read: row.may_read, trade: row.may_trade, withdraw: row.may_withdraw },
            addresses: addresses.map_err(|error| unusable(format!("its list of addresses cannot be read: {error}")))?,
            expires_at_us: row.expires_at_us.map(i64::cast_unsigned),
            verifier,
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
        self.addresses.as_ref().is_none_or(|allowed| allowed.iter().any(|network| network.contains(&address)))
    }

    /// From when on it is refused, in microseconds since 1970.
    pub fn expires_at_us(&self) -> Option<u64> {
        self.expires_at_us
    }

    /// Whether its time is over.
    pub fn is_expired(&self, now_us: u64) -> bool {
        self.expires_at_us.is_some_and(|expires_at_us| expires_at_us <= now_us)
    }

    /// How it signs.
    pub fn kind(&self) -> KeyKind {
        self.verifier.kind()
    }

    /// Whether `signature` is this key's signature of `payload`, in the text form of its kind ([`KeyKind`]). Of an HMAC, the time it
    /// takes tells nothing of the right signature. A text that is too long is refused before it is decoded.
    pub fn verify(&self, payload: &[u8], signature: &[u8]) -> bool {
        self.verifier.verify(payload, signature)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &[u8], addresses: Option<&str>) -> ApiKey {
        let sealing = SealingKey::from_bytes(&[1; 32]);
        let random = runtime::entropy::SeededRandom::new(1);
        let row = Model {
            id: 1,
            key: "the key".into(),
            kind: KeyKind::Hmac.name().into(),
            sealed_secret: sealing.seal(&random, &KeyKind::Hmac.sealed_to("the key"), secret),
            public_key: None,
            account_id: 7,
            label: "test".into(),
            may_read: true,
            may_trade: false,
            may_withdraw: false,
            ip_allow_list: addresses.map(str::to_owned),
            created_at_us: 0,
            revoked_at_us: None,
            last_used_us: Some(5),
            expires_at_us: Some(100),
        };
        ApiKey::from_row(row, &sealing).unwrap()
    }

    #[test]
    fn addresses_are_compared_as_addresses() {
        let bound = key(b"s", Some("10.0.0.1,2001:db8::1,192.0.2.0/24,2001:db8:1::/48"));
        for allowed in
            ["10.0.0.1", "::ffff:10.0.0.1", "2001:db8:0::1", "192.0.2.255", "::ffff:192.0.2.7", "2001:db8:1:2::3"]
        {
            assert!(bound.allows_ip(allowed.parse().unwrap()), "{allowed}");
        }
        for refused in ["10.0.0.2", "::1", "2001:db8::2", "192.0.3.0", "2001:db8:2::"] {
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
    fn an_expired_key_says_so_from_its_first_moment() {
        let key = key(b"s", None);
        assert!(!key.is_expired(99) && key.is_expired(100) && key.is_expired(u64::MAX));
    }

    #[test]
    fn no_secret_is_printed() {
        let text = format!("{:?}", key(b"hunter2", None));
        assert!(!text.contains("hunter2") && !text.contains(&format!("{:?}", b"hunter2")), "{text}");
    }
}
