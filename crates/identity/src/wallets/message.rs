//! The text that is signed: EIP-4361 for Ethereum, and the same for Solana (Sign In With Solana).

use jiff::Timestamp;

use super::{evm, solana};

/// The kind of a wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WalletKind {
    /// Ethereum and the chains that work like it: secp256k1, EIP-191.
    Evm,
    /// Solana: Ed25519.
    Solana,
}

impl WalletKind {
    const ALL: [Self; 2] = [Self::Evm, Self::Solana];

    /// The name in the database and to clients.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Evm => "evm",
            Self::Solana => "solana",
        }
    }

    /// By its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The one form of an address. `None`: it is none.
    pub(super) fn address(self, text: &str) -> Option<String> {
        match self {
            Self::Evm => evm::address(text),
            Self::Solana => solana::address(text),
        }
    }

    const fn network(self) -> &'static str {
        match self {
            Self::Evm => "Ethereum",
            Self::Solana => "Solana",
        }
    }
}

/// What the messages say of the site that asks for the signature. Wallets warn when `domain` is not the one of the page.
#[derive(Debug, Clone)]
pub struct SignInSite {
    /// Its name, for people.
    pub name: String,
    /// Its domain, with the port unless that is the usual one.
    pub domain: String,
    /// Its address.
    pub uri: String,
    /// Numbers of the EVM chains that may be named; the first is the one of who names none.
    pub evm_chains: Vec<u64>,
    /// Names of the Solana clusters that may be named, likewise.
    pub solana_chains: Vec<String>,
}

impl SignInSite {
    /// The chain that a message names. `None`: it is not one of the site's.
    pub(super) fn chain(&self, kind: WalletKind, wanted: Option<&str>) -> Option<String> {
        let known: Vec<String> = match kind {
            WalletKind::Evm => self.evm_chains.iter().map(u64::to_string).collect(),
            WalletKind::Solana => self.solana_chains.clone(),
        };
        known.into_iter().find(|chain| wanted.is_none_or(|wanted| wanted == chain))
    }
}

/// What a message says.
pub(super) struct Message<'a> {
    pub(super) kind: WalletKind,
    pub(super) address: &'a str,
    pub(super) chain: &'a str,
    pub(super) nonce: &'a str,
    /// Whether the wallet is to be added to a user.
    pub(super) links: bool,
    pub(super) issued_at_us: u64,
    pub(super) expires_at_us: u64,
}

impl Message<'_> {
    /// The text. `None` for a time that no calendar has.
    pub(super) fn text(&self, site: &SignInSite) -> Option<String> {
        let statement = if self.links {
            format!("Add this wallet to your account at {}.", site.name)
        } else {
            format!("Sign in to {}.", site.name)
        };
        Some(format!(
            "{domain} wants you to sign in with your {network} account:\n{address}\n\n{statement}\n\nURI: {uri}\nVersion: 1\n\
             Chain ID: {chain}\nNonce: {nonce}\nIssued At: {issued}\nExpiration Time: {expires}",
            domain = site.domain,
            network = self.kind.network(),
            address = self.address,
            uri = site.uri,
            chain = self.chain,
            nonce = self.nonce,
            issued = rfc3339(self.issued_at_us)?,
            expires = rfc3339(self.expires_at_us)?,
        ))
    }
}

fn rfc3339(us: u64) -> Option<String> {
    Timestamp::from_microsecond(us.cast_signed()).ok().map(|time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Message, SignInSite, WalletKind};

    fn site() -> SignInSite {
        SignInSite {
            name: "Rialto".into(),
            domain: "rialto.example".into(),
            uri: "https://rialto.example".into(),
            evm_chains: vec![1, 137],
            solana_chains: vec!["mainnet".into()],
        }
    }

    #[test]
    fn the_text_is_that_of_eip_4361() {
        let message = Message {
            kind: WalletKind::Evm,
            address: "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            chain: "1",
            nonce: "abcdefgh12345678",
            links: false,
            issued_at_us: 1_700_000_000_000_000,
            expires_at_us: 1_700_000_300_000_000,
        };
        expect_test::expect![[r"
            rialto.example wants you to sign in with your Ethereum account:
            0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed

            Sign in to Rialto.

            URI: https://rialto.example
            Version: 1
            Chain ID: 1
            Nonce: abcdefgh12345678
            Issued At: 2023-11-14T22:13:20Z
            Expiration Time: 2023-11-14T22:18:20Z"]]
        .assert_eq(&message.text(&site()).unwrap());
        assert_eq!(Message { expires_at_us: u64::MAX / 2, ..message }.text(&site()), None);
    }

    #[test]
    fn only_chains_of_the_site_are_named() {
        let site = site();
        assert_eq!(site.chain(WalletKind::Evm, None).as_deref(), Some("1"));
        assert_eq!(site.chain(WalletKind::Evm, Some("137")).as_deref(), Some("137"));
        assert_eq!(site.chain(WalletKind::Solana, Some("mainnet")).as_deref(), Some("mainnet"));
        for (kind, chain) in [(WalletKind::Evm, "10"), (WalletKind::Evm, "01"), (WalletKind::Solana, "devnet")] {
            assert_eq!(site.chain(kind, Some(chain)), None, "{chain}");
        }
    }
}
