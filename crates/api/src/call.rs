//! What an operation is given and what it gives back, whatever the transport.

use std::sync::Arc;

use identity::ApiKey;
use model::AccountId;

use crate::{App, binance::Params, binance::TimeUnit};

/// One request to one operation: over REST or over a WebSocket, the operation cannot tell.
#[derive(Debug)]
pub struct Call<C = ()> {
    /// The program.
    pub app: App,
    /// What was sent.
    pub params: Params,
    /// The unit of the times in the answer.
    pub units: TimeUnit,
    /// Who asks; `()` where anybody may.
    pub caller: C,
}

/// Somebody whose API key and signature were checked, for the permission that the operation needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// Whose orders and balances it is about.
    pub account: AccountId,
}

/// Somebody whose API key was found, with the permission that the operation needs, but who signed nothing: good for listen keys
/// and for nothing else.
#[derive(Debug, Clone)]
pub struct KeyHolder {
    /// Whose listen key it is about.
    pub account: AccountId,
    /// The API key.
    pub key: Arc<ApiKey>,
}

impl Call<()> {
    /// The same request with its caller.
    pub fn by<C>(self, caller: C) -> Call<C> {
        Call { app: self.app, params: self.params, units: self.units, caller }
    }
}

/// A success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The body: JSON, unless `kind` says otherwise.
    pub body: String,
    /// What the body is.
    pub kind: ReplyKind,
    /// How many journal positions the answer lies behind what was acknowledged; `None` when it is current.
    pub lag: Option<u64>,
}

/// What the body of a [`Reply`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyKind {
    /// JSON, status 200.
    Json,
    /// Text for Prometheus, status 200.
    Metrics,
    /// A page, status 200.
    Page,
    /// JSON, status 503: this process is not ready.
    NotReady,
}

impl Reply {
    /// A JSON answer.
    pub const fn json(body: String) -> Self {
        Self { body, kind: ReplyKind::Json, lag: None }
    }

    /// A page.
    pub const fn page(body: String) -> Self {
        Self { body, kind: ReplyKind::Page, lag: None }
    }
}
