//! Signing in with a wallet.

use confique::Config;

/// Signing in with a wallet.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Wallets {
    /// Numbers of the EVM chains that a message for signing in may name; the first is named when the client asks for none, and
    /// without any nobody signs in so. The chain gives no rights; wallets show it. As an environment variable: separated by commas.
    #[config(env = "RIALTO_WALLETS_EVM_CHAINS", default = [1], parse_env = confique::env::parse::list_by_comma)]
    pub evm_chains: Vec<u64>,
    /// Names of the Solana clusters, likewise.
    #[config(env = "RIALTO_WALLETS_SOLANA_CHAINS", default = ["mainnet"], parse_env = confique::env::parse::list_by_comma)]
    pub solana_chains: Vec<String>,
}
