//! Every method of the WebSocket API, with the access level of each.
//!
//! Most are the REST operations under another name: one line in the table. Those that are about the connection itself have a file
//! each beside this one.

mod session_subscriptions;
mod user_data_stream_subscribe_signature;
mod user_data_stream_unsubscribe;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::accounts::Connection;
use crate::binance::{Params, general};
use crate::operation::{Access, Handler};
use crate::{Caller, Error, Permission, Public};

/// A method.
pub(super) struct Method {
    /// Its parameters, without those of the signature.
    pub(super) parameters: &'static [&'static str],
    /// What it does.
    pub(super) run: Run,
}

/// What a method does.
pub(super) enum Run {
    /// The same as a REST operation.
    Operation(Handler),
    /// Something with the connection, for anybody.
    Anybody(fn(SessionCall) -> BoxFuture<'static, Result<Done, Error>>),
    /// Something with the connection, for a user whose signature was checked.
    User(Permission, fn(SessionCall, Caller) -> BoxFuture<'static, Result<Done, Error>>),
}

/// A request about the connection.
pub(super) struct SessionCall {
    /// The connection.
    pub(super) connection: Arc<Connection>,
    /// What was sent.
    pub(super) params: Params,
}

/// What a method gives back.
#[derive(Debug)]
pub(super) struct Done {
    /// The result, as JSON text.
    pub(super) result: String,
    /// Told once the answer is queued.
    pub(super) queued: Option<oneshot::Sender<()>>,
}

impl Done {
    /// A result as JSON text.
    pub(super) const fn new(result: String) -> Self {
        Self { result, queued: None }
    }
}

macro_rules! methods {
    ($($name:literal => $kind:ident($($access:tt)*) $module:path;)+) => {
        HashMap::from([$(($name, {
            use $module as method;
            Method { parameters: method::PARAMETERS, run: methods!(@run $kind $($access)*) }
        })),+])
    };
    (@run operation $access:expr) => { Run::Operation(Access::bind($access, method::handle)) };
    (@run anybody) => { Run::Anybody(|call| method::handle(call).boxed()) };
    (@run user $permission:expr) => { Run::User($permission, |call, caller| method::handle(call, caller).boxed()) };
}

#[rustfmt::skip]
static METHODS: LazyLock<HashMap<&'static str, Method>> = LazyLock::new(|| {
    methods! {
        "ping"                               => operation(Public)       general::get_ping;
        "time"                               => operation(Public)       general::get_time;
        "session.subscriptions"              => anybody()               session_subscriptions;
        "userDataStream.subscribe.signature" => user(Permission::Read)  user_data_stream_subscribe_signature;
        "userDataStream.unsubscribe"         => anybody()               user_data_stream_unsubscribe;
    }
});

impl Method {
    /// By its name, with or without the version in front.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        METHODS.get(name.strip_prefix("v3/").unwrap_or(name))
    }
}
