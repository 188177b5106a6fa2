//! User accounts: who exists, whose sub-account it is, and in which fee tier.

use hashbrown::HashTable;
use model::{AccountId, TierId};

/// What is known of an account beside its money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    /// Its master account when it is a sub-account; zero otherwise.
    pub(crate) parent: AccountId,
    pub(crate) tier: TierId,
}

impl Account {
    /// The account whose orders and its own must not trade with each other.
    pub(crate) fn group(&self) -> AccountId {
        if self.parent == AccountId(0) { self.id } else { self.parent }
    }
}

/// All user accounts.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    index: HashTable<u32>,
    accounts: Vec<Account>,
}

fn hash(id: AccountId) -> u64 {
    model::spread(u64::from(id.0))
}

impl Accounts {
    fn position(&self, id: AccountId) -> Option<usize> {
        let found = self.index.find(hash(id), |&at| self.accounts[at as usize].id == id);
        found.map(|&at| at as usize)
    }

    pub(crate) fn get(&self, id: AccountId) -> Option<&Account> {
        self.position(id).map(|at| &self.accounts[at])
    }

    pub(crate) fn get_mut(&mut self, id: AccountId) -> Option<&mut Account> {
        self.position(id).map(|at| &mut self.accounts[at])
    }

    pub(crate) fn contains(&self, id: AccountId) -> bool {
        self.position(id).is_some()
    }

    /// Adds an account that is not known yet.
    pub(crate) fn add(&mut self, account: Account) {
        let at = u32::try_from(self.accounts.len()).expect("an account id has 32 bits");
        self.accounts.push(account);
        let accounts = &self.accounts;
        self.index.insert_unique(hash(account.id), at, |&other| hash(accounts[other as usize].id));
    }

    /// All accounts, by id.
    pub(crate) fn sorted(&self) -> Vec<Account> {
        let mut all = self.accounts.clone();
        all.sort_unstable_by_key(|account| account.id);
        all
    }
}
