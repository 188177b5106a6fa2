//! Every route of this crate, with the access level of each.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::binance::{account, futures, general, market, stream, trading, wallet, ws};
use crate::listings::{self, coingecko, coinmarketcap};
use crate::native;
use crate::operation::{Mounted, untaken};
use crate::{App, Error, KeyAlone, Operation, Permission, Public, User};
use crate::{openapi, operator, schedules};
use Permission::{Read, Trade};

macro_rules! operations {
    ($($method:ident $path:literal $access:expr => $tag:ident::$name:ident;)+) => {
        vec![$({
            use $tag::$name as operation;
            Operation::new(Method::$method, $path, $access, operation::PARAMETERS, operation::COST, operation::handle)
                .described(operation::DOCS, stringify!($tag))
        }),+]
    };
}

/// Every operation: method, path, who may call it, where it is written. What it costs stands there, too.
#[rustfmt::skip]
pub fn operations() -> Vec<Operation> {
    let mut all = operations! {
        GET    "/api/v3/ping"                  Public      => general::get_ping;
        GET    "/api/v3/time"                  Public      => general::get_time;
        GET    "/api/v3/exchangeInfo"          Public      => general::get_exchange_info;

        GET    "/api/v3/depth"                 Public      => market::get_depth;
        GET    "/api/v3/trades"                Public      => market::get_trades;
        GET    "/api/v3/historicalTrades"      Public      => market::get_historical_trades;
        GET    "/api/v3/historicalBlockTrades" Public      => market::get_historical_block_trades;
        GET    "/api/v3/aggTrades"             Public      => market::get_agg_trades;
        GET    "/api/v3/klines"                Public      => market::get_klines;
        GET    "/api/v3/uiKlines"              Public      => market::get_ui_klines;
        GET    "/api/v3/avgPrice"              Public      => market::get_avg_price;
        GET    "/api/v3/ticker"                Public      => market::get_ticker;
        GET    "/api/v3/ticker/tradingDay"     Public      => market::get_ticker_trading_day;
        GET    "/api/v3/ticker/24hr"           Public      => market::get_ticker_24hr;
        GET    "/api/v3/ticker/price"          Public      => market::get_ticker_price;
        GET    "/api/v3/ticker/bookTicker"     Public      => market::get_ticker_book;
        GET    "/api/v3/executionRules"        Public      => market::get_execution_rules;
        GET    "/api/v3/referencePrice"        Public      => market::get_reference_price;
        GET    "/api/v3/referencePrice/calculation" Public => market::get_reference_price_calculation;

        GET    "/api/v3/account"               User(Read)  => account::get_account;
        GET    "/api/v3/account/commission"    User(Read)  => account::get_commission;
        GET    "/api/v3/rateLimit/order"       User(Read)  => account::get_rate_limit_order;
        GET    "/api/v3/openOrders"            User(Read)  => account::get_open_orders;
        GET    "/api/v3/order"                 User(Read)  => account::get_order;
        GET    "/api/v3/allOrders"             User(Read)  => account::get_all_orders;
        GET    "/api/v3/myTrades"              User(Read)  => account::get_my_trades;
        GET    "/api/v3/orderList"             User(Read)  => account::get_order_list;
        GET    "/api/v3/openOrderList"         User(Read)  => account::get_open_order_list;
        GET    "/api/v3/allOrderList"          User(Read)  => account::get_all_order_list;
        GET    "/api/v3/order/amendments"      User(Read)  => account::get_order_amendments;
        GET    "/api/v3/myPreventedMatches"    User(Read)  => account::get_my_prevented_matches;
        GET    "/api/v3/myAllocations"         User(Read)  => account::get_my_allocations;
        GET    "/api/v3/myFilters"             User(Read)  => account::get_my_filters;

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
        POST   "/api/v3/order/oco"             User(Trade) => trading::post_order_oco;

        POST   "/api/v3/userDataStream"        KeyAlone(Read) => stream::post_user_data_stream;
        PUT    "/api/v3/userDataStream"        KeyAlone(Read) => stream::put_user_data_stream;
        DELETE "/api/v3/userDataStream"        KeyAlone(Read) => stream::delete_user_data_stream;
    };
    all.extend(beside_spot());
    all
}

/// What does not belong to the Spot API: the wallet, what there is no trading of, and the operator's own.
#[rustfmt::skip]
fn beside_spot() -> Vec<Operation> {
    operations! {
        GET    "/sapi/v1/system/status"        Public      => wallet::get_system_status;
        GET    "/sapi/v1/account/status"       User(Read)  => wallet::get_account_status;
        GET    "/sapi/v1/capital/config/getall" User(Read) => wallet::get_all_coins;
        GET    "/sapi/v1/capital/deposit/hisrec" User(Read) => wallet::get_deposits;
        GET    "/sapi/v1/capital/deposit/address" User(Read) => wallet::get_deposit_address;
        GET    "/sapi/v1/capital/withdraw/history" User(Read) => wallet::get_withdrawals;
        POST   "/sapi/v1/capital/withdraw/apply" User(Trade) => wallet::post_withdraw;
        GET    "/sapi/v1/asset/transfer"       User(Read)  => wallet::get_transfers;
        POST   "/sapi/v1/asset/transfer"       User(Trade) => wallet::post_transfer;
        GET    "/sapi/v1/sub-account/list"     User(Read)  => wallet::get_sub_accounts;
        GET    "/sapi/v4/sub-account/assets"   User(Read)  => wallet::get_sub_account_assets;
        GET    "/sapi/v1/sub-account/universalTransfer" User(Read) => wallet::get_universal_transfers;
        POST   "/sapi/v1/sub-account/universalTransfer" User(Trade) => wallet::post_universal_transfer;
        POST   "/sapi/v1/sub-account/transfer/subToMaster" User(Trade) => wallet::post_sub_to_master;
        POST   "/sapi/v1/sub-account/transfer/subToSub" User(Trade) => wallet::post_sub_to_sub;
        GET    "/sapi/v1/sub-account/transfer/subUserHistory" User(Read) => wallet::get_sub_user_history;
        GET    "/sapi/v1/convert/exchangeInfo" Public      => wallet::get_convert_pairs;
        GET    "/sapi/v1/convert/tradeFlow"    User(Read)  => wallet::get_convert_trades;
        POST   "/sapi/v1/convert/getQuote"     User(Trade) => wallet::post_convert_quote;
        POST   "/sapi/v1/convert/acceptQuote"  User(Trade) => wallet::post_convert_accept;
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
        GET    "/openapi.json"                 Public      => openapi::get_openapi;
        GET    "/swagger"                      Public      => openapi::get_swagger;
        GET    "/scalar"                       Public      => openapi::get_scalar;
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
    let mut native: Router = Router::new();
    let mut paths = Vec::new();
    for operation in native::operations() {
        let filter = MethodFilter::try_from(operation.method.clone()).expect("operations use standard methods only");
        let path = operation.path;
        let mounted = native::Mounted::new(app.clone(), operation);
        let route: MethodRouter = on(filter, move |request: Request<Body>| mounted.clone().serve(request));
        native = native.route(path, route);
        if !paths.contains(&path) {
            paths.push(path);
            // What a browser asks before a page of another site may ask; the layer below answers it.
            native = native.route(path, on(MethodFilter::OPTIONS, || async { axum::http::StatusCode::NO_CONTENT }));
        }
    }
    router
        .merge(native.layer(native::cors(&app.native.cors_origins)))
        .merge(ws::router(app.clone()))
        .fallback({
            let app = app.clone();
            move |request: Request<Body>| untaken(app.clone(), request, Error::UnknownPath)
        })
        .method_not_allowed_fallback(move |request: Request<Body>| untaken(app.clone(), request, Error::UnknownMethod))
}
