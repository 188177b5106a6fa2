//! Counters in the memory of this process.

use std::net::IpAddr;
use std::sync::Arc;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use parking_lot::Mutex;

use crate::account::Account;
use crate::address::Address;
use crate::{Admission, Orders, Rules, TooManyOrders};

/// Addresses and accounts, a bounded number of each.
#[derive(Debug)]
pub(crate) struct Local {
    addresses: Cache<IpAddr, Arc<Mutex<Address>>>,
    accounts: Cache<u32, Arc<Mutex<Account>>>,
}

impl Local {
    pub(crate) fn new(rules: &Rules) -> Self {
        // The least recently used one goes. By the cache's usual policy a newcomer would not be kept at all while all others
        // are busy: it would not be counted.
        let (addresses, accounts) = (Cache::builder(), Cache::builder());
        Self {
            addresses: addresses.max_capacity(rules.max_counted).eviction_policy(EvictionPolicy::lru()).build(),
            accounts: accounts.max_capacity(rules.max_counted).eviction_policy(EvictionPolicy::lru()).build(),
        }
    }

    pub(crate) fn admit(&self, rules: &Rules, address: IpAddr, weight: u32, now_us: u64) -> Admission {
        self.address(address).lock().admit(rules, weight, now_us)
    }

    pub(crate) fn charge(&self, address: IpAddr, weight: u32, now_us: u64) -> u64 {
        self.address(address).lock().charge(weight, now_us)
    }

    pub(crate) fn take(&self, rules: &Rules, account: u32, orders: u64, now_us: u64) -> Result<Orders, TooManyOrders> {
        self.account(account).lock().take(rules, orders, now_us)
    }

    pub(crate) fn give_back(&self, account: u32, orders: u64, now_us: u64) -> Orders {
        self.account(account).lock().give_back(orders, now_us)
    }

    fn address(&self, address: IpAddr) -> Arc<Mutex<Address>> {
        let owner = owner(address);
        // The plain look-up is quicker, and nearly always enough.
        self.addresses.get(&owner).unwrap_or_else(|| self.addresses.get_with(owner, Arc::default))
    }

    fn account(&self, account: u32) -> Arc<Mutex<Account>> {
        self.accounts.get(&account).unwrap_or_else(|| self.accounts.get_with(account, Arc::default))
    }
}

/// Who an address belongs to: of IPv6 the first half, since its owner may use any of the rest; an IPv4 address in IPv6's clothes
/// is the IPv4 address.
pub(crate) fn owner(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(network.into())
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::owner;

    #[test]
    fn an_owner_is_an_address_or_half_a_long_one() {
        for (address, want) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("::1", "::"),
        ] {
            assert_eq!(owner(address.parse().unwrap()), want.parse::<std::net::IpAddr>().unwrap());
        }
    }
}
