//! Every route of this crate, with the access level of each.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::binance::{account, futures, general, market, trading, wallet, ws};
use crate::listings::{self, coingecko, coinmarketcap};
use crate::operation::{Mounted, refuse};
use crate::operator;
use crate::schedules;
use crate::{App, Error, Operation, Permission, Public, User};
use Permission::{Read, Trade};

macro_rules! operations {
    ($($method:ident $path:literal $access:expr => $tag:ident::$name:ident;)+) => {
        vec![$(Operation::new(Method::$method, $path, $access, $tag::$name::PARAMETERS, $tag::$name::handle)),+]
    };
}

/// Every operation: method, path, who may call it, where it is written.
#[rustfmt::skip]
pub fn operations() -> Vec<Operation> {
    operations! {
        GET    "/api/v3/ping"                  Public      => general::get_ping;
        GET    "/api/v3/time"                  Public      => general::get_time;
        GET    "/api/v3/exchangeInfo"          Public      => general::get_exchange_info;

        GET    "/api/v3/depth"                 Public      => market::get_depth;
        GET    "/api/v3/trades"                Public      => market::get_trades;
        GET    "/api/v3/historicalTrades"      Public      => market::get_historical_trades;
        GET    "/api/v3/aggTrades"             Public      => market::get_agg_trades;
        GET    "/api/v3/klines"                Public      => market::get_klines;
        GET    "/api/v3/avgPrice"              Public      => market::get_avg_price;
        GET    "/api/v3/ticker/24hr"           Public      => market::get_ticker_24hr;
        GET    "/api/v3/ticker/price"          Public      => market::get_ticker_price;
        GET    "/api/v3/ticker/bookTicker"     Public      => market::get_ticker_book;

        GET    "/api/v3/account"               User(Read)  => account::get_account;
        GET    "/api/v3/openOrders"            User(Read)  => account::get_open_orders;
        GET    "/api/v3/order"                 User(Read)  => account::get_order;
        GET    "/api/v3/allOrders"             User(Read)  => account::get_all_orders;
        GET    "/api/v3/myTrades"              User(Read)  => account::get_my_trades;
        GET    "/api/v3/orderList"             User(Read)  => account::get_order_list;
        GET    "/api/v3/openOrderList"         User(Read)  => account::get_open_order_list;
        GET    "/api/v3/allOrderList"          User(Read)  => account::get_all_order_list;
        GET    "/api/v3/order/amendments"      User(Read)  => account::get_order_amendments;
        GET    "/api/v3/myPreventedMatches"    User(Read)  => account::get_my_prevented_matches;

        POST   "/api/v3/order"                 User(Trade) => trading::post_order;
        POST   "/api/v3/order/test"            User(Trade) => trading::post_order_test;
        POST   "/api/v3/order/cancelReplace"   User(Trade) => trading::post_cancel_replace;
        PUT    "/api/v3/order/amend/keepPriority" User(Trade) => trading::put_amend_keep_priority;
        DELETE "/api/v3/order"                 User(Trade) => trading::delete_order;
        DELETE "/api/v3/openOrders"            User(Trade) => trading::delete_open_orders;
        POST   "/api/v3/orderList/oco"         User(Trade) => trading::post_order_list_oco;
        POST   "/api/v3/orderList/oto"         User(Trade) => trading::post_order_list_oto;
        POST   "/api/v3/orderList/otoco"       User(Trade) => trading::post_order_list_otoco;
        DELETE "/api/v3/orderList"             User(Trade) => trading::delete_order_list;

        GET    "/sapi/v1/asset/tradeFee"       User(Read)  => wallet::get_trade_fee;
        GET    "/sapi/v1/margin/allPairs"      Public      => wallet::get_margin_pairs;
        GET    "/sapi/v1/margin/isolated/allPairs" Public  => wallet::get_margin_pairs;
        GET    "/fapi/v1/exchangeInfo"         Public      => futures::get_exchange_info;
        GET    "/dapi/v1/exchangeInfo"         Public      => futures::get_exchange_info;

        GET    "/listings/coins"               Public      => listings::get_coins;
        GET    "/listings/coingecko/pairs"     Public      => coingecko::get_pairs;
        GET    "/listings/coingecko/tickers"   Public      => coingecko::get_tickers;
        GET    "/listings/coingecko/orderbook" Public      => coingecko::get_orderbook;
        GET    "/listings/coingecko/historical_trades" Public => coingecko::get_historical_trades;
        GET    "/listings/coinmarketcap/summary" Public    => coinmarketcap::get_summary;
        GET    "/listings/coinmarketcap/assets" Public     => coinmarketcap::get_assets;
        GET    "/listings/coinmarketcap/ticker" Public     => coinmarketcap::get_ticker;
        GET    "/listings/coinmarketcap/orderbook/{market_pair}" Public => coinmarketcap::get_orderbook;
        GET    "/listings/coinmarketcap/trades/{market_pair}" Public => coinmarketcap::get_trades;

        GET    "/api/v2/public/markettime/{market}" Public => schedules::get_markettime;

        GET    "/healthz"                      Public      => operator::get_healthz;
        GET    "/readyz"                       Public      => operator::get_readyz;
        GET    "/metrics"                      Public      => operator::get_metrics;
    }
}

/// The routes over one state: every operation, and the WebSocket doors.
pub fn router(app: App) -> Router {
    let mut router: Router = Router::new();
    for operation in operations() {
        let filter = MethodFilter::try_from(operation.method.clone()).expect("operations use standard methods only");
        let path = operation.path;
        let mounted = Mounted::new(app.clone(), operation);
        let route: MethodRouter = on(filter, move |request: Request<Body>| mounted.clone().serve(request));
        router = router.route(path, route);
    }
    router
        .merge(ws::router(app))
        .fallback(|| async { refuse(&Error::UnknownPath) })
        .method_not_allowed_fallback(|| async { refuse(&Error::UnknownMethod) })
}
