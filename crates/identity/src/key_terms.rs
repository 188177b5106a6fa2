//! What a key may be used for, from where, and until when.

use std::net::{AddrParseError, IpAddr};

use ipnet::{IpNet, Ipv4Net};

use crate::Error;

/// Addresses and networks that a key may be bound to.
pub const MAX_ADDRESSES: usize = 30;
/// Characters of a label.
pub const MAX_LABEL_CHARS: usize = 100;

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permissions {
    /// Read the account: balances, orders, trades, its event stream.
    pub read: bool,
    /// Place, change and cancel orders.
    pub trade: bool,
    /// Ask for withdrawals.
    pub withdraw: bool,
}

impl Permissions {
    /// Reading alone.
    pub const READ: Self = Self { read: true, trade: false, withdraw: false };
    /// Reading and trading.
    pub const READ_TRADE: Self = Self { read: true, trade: true, withdraw: false };
}

/// The terms of a new key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTerms {
    /// What it may be used for.
    pub permissions: Permissions,
    /// The addresses and networks that it may be used from; empty: from anywhere.
    pub addresses: Vec<IpNet>,
    /// From when on it is refused, in microseconds since 1970; `None`: it does not expire.
    pub expires_at_us: Option<u64>,
}

impl From<Permissions> for KeyTerms {
    /// From anywhere, for ever.
    fn from(permissions: Permissions) -> Self {
        Self { permissions, addresses: Vec::new(), expires_at_us: None }
    }
}

/// What an owner changes of a key; `None` leaves a thing as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyChange {
    /// The name for it.
    pub label: Option<String>,
    /// What it may be used for.
    pub permissions: Option<Permissions>,
    /// The addresses and networks that it may be used from; an empty list frees it.
    pub addresses: Option<Vec<IpNet>>,
    /// From when on it is refused; `Some(None)`: it does not expire.
    pub expires_at_us: Option<Option<u64>>,
}

/// A label without the spaces around it.
pub(crate) fn label(text: &str) -> Result<&str, Error> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_LABEL_CHARS || text.chars().any(char::is_control) {
        return Err(Error::Label);
    }
    Ok(text)
}

/// A time to come, or none.
pub(crate) fn expiry(expires_at_us: Option<u64>, now_us: u64) -> Result<Option<i64>, Error> {
    match expires_at_us {
        Some(us) if us <= now_us => Err(Error::Expiry),
        us => us.map(|us| i64::try_from(us).map_err(|_| Error::Expiry)).transpose(),
    }
}

/// Addresses as they stand in the database: separated by commas, a network with its length. `None`: from anywhere.
pub(crate) fn addresses_to_text(addresses: &[IpNet]) -> Result<Option<String>, Error> {
    if addresses.len() > MAX_ADDRESSES {
        return Err(Error::TooManyAddresses);
    }
    let texts: Vec<String> = addresses.iter().map(|one| written(canonical(*one))).collect();
    Ok((!texts.is_empty()).then(|| texts.join(",")))
}

pub(crate) fn addresses_from_text(text: &str) -> Result<Vec<IpNet>, AddrParseError> {
    let one = |text: &str| match text.parse::<IpNet>() {
        Ok(network) => Ok(canonical(network)),
        Err(_) => text.parse::<IpAddr>().map(|address| canonical(address.into())),
    };
    text.split(',').map(one).collect()
}

/// A network by its first address. One of IPv4 in the form of IPv6 is one of IPv4, as addresses are.
fn canonical(network: IpNet) -> IpNet {
    let network = network.trunc();
    let IpNet::V6(six) = network else { return network };
    let four = six.addr().to_ipv4_mapped().zip(six.prefix_len().checked_sub(96));
    let four = four.and_then(|(address, length)| Ipv4Net::new(address, length).ok());
    four.map_or(network, IpNet::V4)
}

/// A network of one address is written as the address.
fn written(network: IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() { network.addr().to_string() } else { network.to_string() }
}

#[cfg(test)]
mod tests {
    use super::{addresses_from_text, addresses_to_text, expiry};

    #[test]
    fn networks_have_one_form() {
        for (text, form) in [
            ("10.0.0.1", "10.0.0.1"),
            ("10.0.0.1/32", "10.0.0.1"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("::ffff:10.0.0.1", "10.0.0.1"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("2001:db8::7/32", "2001:db8::/32"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("10.0.0.1,::1", "10.0.0.1,::1"),
        ] {
            let read = addresses_from_text(text).unwrap();
            assert_eq!(addresses_to_text(&read).unwrap().as_deref(), Some(form), "{text}");
        }
        for wrong in ["", "10.0.0", "10.0.0.1/33", "::/129", "a", "10.0.0.1,"] {
            assert!(addresses_from_text(wrong).is_err(), "{wrong}");
        }
        assert_eq!(addresses_to_text(&[]).unwrap(), None);
    }

    #[test]
    fn a_key_expires_in_the_future() {
        assert_eq!(expiry(Some(11), 10).unwrap(), Some(11));
        assert_eq!(expiry(None, 10).unwrap(), None);
        assert!(expiry(Some(10), 10).is_err() && expiry(Some(u64::MAX), 10).is_err());
    }
}
