//! Every method of the WebSocket API, with the access level of each.
//!
//! Most are the REST operations under another name: one line in the table. Those that are about the connection itself have a file
//! each beside this one.

mod session_logon;
mod session_logout;
mod session_status;
mod session_subscriptions;
mod user_data_stream_subscribe;
mod user_data_stream_subscribe_signature;
mod user_data_stream_unsubscribe;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use identity::ApiKey;
use tokio::sync::oneshot;

use super::accounts::Connection;
use super::auth::Signer;
use crate::binance::{Params, account, general, market, stream, trading};
use crate::operation::{Access, Handler};
use crate::{Cost, Error, KeyAlone, Permission, Public, User};
use Permission::{Read, Trade};

/// A method.
pub(super) struct Method {
    /// Its parameters, without those of the signature.
    pub(super) parameters: &'static [&'static str],
    /// What a request costs.
    pub(super) cost: Cost,
    /// What it does.
    pub(super) run: Run,
    succeeded: metrics::Counter,
    refused: metrics::Counter,
    failed: metrics::Counter,
}

type Answer = BoxFuture<'static, Result<Done, Error>>;

/// What a method does.
pub(super) enum Run {
    /// The same as a REST operation.
    Operation(Handler),
    /// Something with the connection, for anybody.
    Anybody(fn(SessionCall) -> Answer),
    /// Logs the connection on with a key whose signature was checked.
    LogOn(fn(SessionCall, Arc<ApiKey>) -> Answer),
    /// Something with the connection, for the key that it is logged on with.
    LoggedOn(Permission, fn(SessionCall, Signer) -> Answer),
    /// Something with the connection, for a user who signed the request or is logged on.
    User(Permission, fn(SessionCall, Signer) -> Answer),
}

/// Who may call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodAccess {
    /// Anybody; nothing is checked.
    Public,
    /// Whoever signs with a live key, whatever it allows.
    LogOn,
    /// Whoever is logged on with a key of this permission.
    LoggedOn(Permission),
    /// Whoever has a key of this permission, or is logged on with one; nothing is signed.
    KeyAlone(Permission),
    /// Whoever signs with a key of this permission, or is logged on with one.
    User(Permission),
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
        BTreeMap::from([$(($name, {
            use $module as method;
            Method::new($name, method::PARAMETERS, method::COST, methods!(@run $kind $($access)*))
        })),+])
    };
    (@run operation $access:expr) => { Run::Operation(Access::bind($access, method::handle)) };
    (@run anybody) => { Run::Anybody(|call| method::handle(call).boxed()) };
    (@run log_on) => { Run::LogOn(|call, key| method::handle(call, key).boxed()) };
    (@run logged_on $permission:expr) => { Run::LoggedOn($permission, |call, signer| method::handle(call, signer).boxed()) };
    (@run user $permission:expr) => { Run::User($permission, |call, signer| method::handle(call, signer).boxed()) };
}

#[rustfmt::skip]
static METHODS: LazyLock<BTreeMap<&'static str, Method>> = LazyLock::new(|| {
    methods! {
        "ping"                               => operation(Public)         general::get_ping;
        "time"                               => operation(Public)         general::get_time;
        "exchangeInfo"                       => operation(Public)         general::get_exchange_info;

        "depth"                              => operation(Public)         market::get_depth;
        "trades.recent"                      => operation(Public)         market::get_trades;
        "trades.historical"                  => operation(Public)         market::get_historical_trades;
        "trades.aggregate"                   => operation(Public)         market::get_agg_trades;
        "klines"                             => operation(Public)         market::get_klines;
        "uiKlines"                           => operation(Public)         market::get_ui_klines;
        "blockTrades.historical"             => operation(Public)         market::get_historical_block_trades;
        "avgPrice"                           => operation(Public)         market::get_avg_price;
        "ticker"                             => operation(Public)         market::get_ticker;
        "ticker.tradingDay"                  => operation(Public)         market::get_ticker_trading_day;
        "executionRules"                     => operation(Public)         market::get_execution_rules;
        "referencePrice"                     => operation(Public)         market::get_reference_price;
        "referencePrice.calculation"         => operation(Public)         market::get_reference_price_calculation;
        "ticker.24hr"                        => operation(Public)         market::get_ticker_24hr;
        "ticker.price"                       => operation(Public)         market::get_ticker_price;
        "ticker.book"                        => operation(Public)         market::get_ticker_book;

        "session.logon"                      => log_on()                  session_logon;
        "session.status"                     => anybody()                 session_status;
        "session.logout"                     => anybody()                 session_logout;
        "session.subscriptions"              => anybody()                 session_subscriptions;

        "order.place"                        => operation(User(Trade))    trading::post_order;
        "order.test"                         => operation(User(Trade))    trading::post_order_test;
        "order.cancel"                       => operation(User(Trade))    trading::delete_order;
        "order.cancelReplace"                => operation(User(Trade))    trading::post_cancel_replace;
        "order.amend.keepPriority"           => operation(User(Trade))    trading::put_amend_keep_priority;
        "openOrders.cancelAll"               => operation(User(Trade))    trading::delete_open_orders;
        "orderList.place"                    => operation(User(Trade))    trading::post_order_oco;
        "orderList.place.oco"                => operation(User(Trade))    trading::post_order_list_oco;
        "orderList.place.oto"                => operation(User(Trade))    trading::post_order_list_oto;
        "orderList.place.otoco"              => operation(User(Trade))    trading::post_order_list_otoco;
        "orderList.cancel"                   => operation(User(Trade))    trading::delete_order_list;

        "account.status"                     => operation(User(Read))     account::get_account;
        "account.commission"                 => operation(User(Read))     account::get_commission;
        "account.rateLimits.orders"          => operation(User(Read))     account::get_rate_limit_order;
        "myAllocations"                      => operation(User(Read))     account::get_my_allocations;
        "myFilters"                          => operation(User(Read))     account::get_my_filters;
        "order.status"                       => operation(User(Read))     account::get_order;
        "openOrders.status"                  => operation(User(Read))     account::get_open_orders;
        "allOrders"                          => operation(User(Read))     account::get_all_orders;
        "orderList.status"                   => operation(User(Read))     account::get_order_list;
        "openOrderLists.status"              => operation(User(Read))     account::get_open_order_list;
        "allOrderLists"                      => operation(User(Read))     account::get_all_order_list;
        "myTrades"                           => operation(User(Read))     account::get_my_trades;
        "myPreventedMatches"                 => operation(User(Read))     account::get_my_prevented_matches;
        "order.amendments"                   => operation(User(Read))     account::get_order_amendments;

        "userDataStream.start"               => operation(KeyAlone(Read)) stream::post_user_data_stream;
        "userDataStream.ping"                => operation(KeyAlone(Read)) stream::put_user_data_stream;
        "userDataStream.stop"                => operation(KeyAlone(Read)) stream::delete_user_data_stream;
        "userDataStream.subscribe"           => logged_on(Read)           user_data_stream_subscribe;
        "userDataStream.subscribe.signature" => user(Read)                user_data_stream_subscribe_signature;
        "userDataStream.unsubscribe"         => anybody()                 user_data_stream_unsubscribe;
    }
});

/// Every method of the WebSocket API with who may call it, in order of their names.
pub fn methods() -> Vec<(&'static str, MethodAccess)> {
    METHODS.iter().map(|(name, method)| (*name, method.access())).collect()
}

impl Method {
    fn new(name: &'static str, parameters: &'static [&'static str], cost: Cost, run: Run) -> Self {
        let counter =
            |result: &'static str| metrics::counter!("rialto_ws_requests_total", "method" => name, "result" => result);
        let (succeeded, refused, failed) = (counter("ok"), counter("refused"), counter("failed"));
        Self { parameters, cost, run, succeeded, refused, failed }
    }

    /// Counts a request that was answered.
    pub(super) fn count(&self, result: &Result<Done, Error>) {
        let counter = match result {
            Ok(_) => &self.succeeded,
            Err(error) if error.status().is_server_error() => &self.failed,
            Err(_) => &self.refused,
        };
        counter.increment(1);
    }

    /// By its name, with or without the version in front.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        METHODS.get(plain(name))
    }

    /// Whether a method changes for whom the requests behind it act.
    pub(super) fn changes_session(name: &str) -> bool {
        matches!(plain(name), "session.logon" | "session.logout")
    }

    const fn access(&self) -> MethodAccess {
        match &self.run {
            Run::Operation(Handler::Public(_)) | Run::Anybody(_) => MethodAccess::Public,
            Run::LogOn(_) => MethodAccess::LogOn,
            Run::LoggedOn(needed, _) => MethodAccess::LoggedOn(*needed),
            Run::Operation(Handler::KeyAlone(needed, _)) => MethodAccess::KeyAlone(*needed),
            Run::Operation(Handler::User(needed, _)) | Run::User(needed, _) => MethodAccess::User(*needed),
        }
    }
}

fn plain(name: &str) -> &str {
    name.strip_prefix("v3/").unwrap_or(name)
}
