//! Text messages to phones.

use confique::Config;

use super::bounds::any_or_name;
use crate::secrets::Secret;

/// Text messages to phones.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Texts {
    /// Address of a gateway that takes `{"to":"+41…","text":"…"}` by POST and answers with status 2xx. Without one, phones cannot be
    /// verified, except with `--demo`, whose mailbox shows the messages.
    #[config(env = "RIALTO_TEXTS_URL")]
    pub url: Option<String>,
    /// Bearer token for the gateway, or the name of the secret: `secret:NAME`.
    #[config(env = "RIALTO_TEXTS_TOKEN", validate = any_or_name)]
    pub token: Option<Secret<String>>,
}
