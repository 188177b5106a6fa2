//! Counting what requests use up, and telling their senders. REST and the WebSocket API share it.

use std::fmt::Write;
use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use limits::{Orders, Rules, Span, TooManyOrders, Verdict};
use model::{AccountId, Timestamp};
use parking_lot::Mutex;

use crate::binance::Params;
use crate::cost::Cost;
use crate::{App, Error};

const WEIGHT: HeaderName = HeaderName::from_static("x-mbx-used-weight");
const WEIGHT_1M: HeaderName = HeaderName::from_static("x-mbx-used-weight-1m");
const ORDERS_10S: HeaderName = HeaderName::from_static("x-mbx-order-count-10s");
const ORDERS_1D: HeaderName = HeaderName::from_static("x-mbx-order-count-1d");

/// More than somebody may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMuch {
    /// Of what.
    pub what: What,
    /// When it was asked for.
    pub now: Timestamp,
    /// When it may be asked for again.
    pub until: Timestamp,
}

/// What somebody used too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Weight: the limit of a minute.
    Weight(u64),
    /// Weight, after many refusals: the address is banned.
    Banned,
    /// Orders: the limit of a span.
    Orders(u64, Span),
}

impl std::fmt::Display for TooMuch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.what {
            What::Weight(limit) => write!(
                f,
                "Too much request weight used; current limit is {limit} request weight per 1 MINUTE. Please use WebSocket \
                 Streams for live updates to avoid polling the API."
            ),
            What::Banned => write!(
                f,
                "Way too much request weight used; IP banned until {}. Please use WebSocket Streams for live updates to avoid bans.",
                self.until.millis()
            ),
            What::Orders(limit, Span::TenSeconds) => {
                write!(f, "Too many new orders; current limit is {limit} orders per 10 SECOND.")
            }
            What::Orders(limit, Span::Day) => {
                write!(f, "Too many new orders; current limit is {limit} orders per DAY.")
            }
        }
    }
}

impl TooMuch {
    /// The stable number.
    pub const fn code(&self) -> i32 {
        match self.what {
            What::Weight(_) | What::Banned => -1003,
            What::Orders(..) => -1015,
        }
    }

    /// The HTTP status: that of a ban is 418.
    pub const fn status(&self) -> StatusCode {
        match self.what {
            What::Banned => StatusCode::IM_A_TEAPOT,
            What::Weight(_) | What::Orders(..) => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    /// Whole seconds to wait.
    pub const fn retry_after_s(&self) -> u64 {
        self.until.0.saturating_sub(self.now.0).div_ceil(1_000_000)
    }

    /// What the WebSocket API tells beside code and sentence.
    pub fn data(&self) -> String {
        format!("{{\"serverTime\":{},\"retryAfter\":{}}}", self.now.millis(), self.until.millis())
    }
}

/// What one request uses up, from its arrival to its answer.
pub(crate) struct Tally {
    app: App,
    address: Option<IpAddr>,
    cost: Cost,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// What its address has used in this minute.
    weight: Option<u64>,
    /// The account whose orders were counted, and how many it has placed.
    orders: Option<(AccountId, Orders)>,
}

impl Tally {
    /// A request of an address, if that is known: else no weight is counted.
    pub(crate) fn new(app: App, address: Option<IpAddr>, cost: Cost) -> Self {
        Self { app, address, cost, state: Mutex::default() }
    }

    /// Counts the request's weight.
    ///
    /// # Errors
    /// [`Error::TooMuch`] when its address has used up the minute or is banned.
    pub(crate) async fn admit(&self, params: Option<&Params>) -> Result<(), Error> {
        let (Some(weight), Some(address)) = (self.cost.before(params), self.address) else { return Ok(()) };
        let now = self.app.now();
        let admission = self.app.limits.admit(address, weight, now.0).await;
        self.state.lock().weight = Some(admission.used);
        let (what, until_us) = match admission.verdict {
            Verdict::Admitted => return Ok(()),
            Verdict::Refused { until_us } => (What::Weight(self.app.limits.rules().weight_per_minute), until_us),
            Verdict::Banned { until_us } => (What::Banned, until_us),
        };
        Err(Error::TooMuch(TooMuch { what, now, until: Timestamp(until_us) }))
    }

    /// Counts the orders that the request shall place for its account.
    ///
    /// # Errors
    /// [`Error::TooMuch`] when it may not place so many.
    pub(crate) async fn take_orders(&self, account: AccountId) -> Result<(), Error> {
        let orders = self.cost.orders();
        if orders == 0 {
            return Ok(());
        }
        let now = self.app.now();
        match self.app.limits.take_orders(account.0, orders, now.0).await {
            Ok(placed) => {
                self.state.lock().orders = Some((account, placed));
                Ok(())
            }
            Err(TooManyOrders { span, limit, until_us }) => {
                let what = What::Orders(limit, span);
                Err(Error::TooMuch(TooMuch { what, now, until: Timestamp(until_us) }))
            }
        }
    }

    /// Settles a request that failed: counts the weight that only failures have, and gives back the orders when none was placed.
    pub(crate) async fn failed(&self, error: &Error) {
        let now = self.app.now().0;
        let weight = self.cost.after_failure();
        if let (1.., Some(address), false) = (weight, self.address, matches!(error, Error::TooMuch(_))) {
            let used = self.app.limits.charge(address, weight, now).await;
            self.state.lock().weight = Some(used);
        }
        let taken = self.state.lock().orders;
        if let Some((account, _)) = taken
            && placed_nothing(error)
        {
            self.app.limits.give_back_orders(account.0, self.cost.orders(), now).await;
            self.state.lock().orders = None;
        }
    }

    /// Tells the sender in the headers of the answer.
    pub(crate) fn write_headers(&self, headers: &mut HeaderMap) {
        let rules = self.app.limits.rules();
        let State { weight, orders } = *self.state.lock();
        if let (Some(used), true) = (weight, rules.limits_weight()) {
            let used = HeaderValue::from(used);
            headers.insert(WEIGHT, used.clone());
            headers.insert(WEIGHT_1M, used);
        }
        if let Some((_, placed)) = orders {
            if rules.orders_per_ten_seconds > 0 {
                headers.insert(ORDERS_10S, HeaderValue::from(placed.ten_seconds));
            }
            if rules.orders_per_day > 0 {
                headers.insert(ORDERS_1D, HeaderValue::from(placed.day));
            }
        }
    }

    /// The same as JSON, as the WebSocket API tells it: `[{"rateLimitType":…,"count":…},…]`.
    pub(crate) fn to_json(&self) -> String {
        let State { weight, orders } = *self.state.lock();
        rate_limits_json(self.app.limits.rules(), orders.map(|(_, placed)| placed), weight)
    }
}

/// Whether the failure says that no order was placed. Of a cancel-replace the new order counts although it was not placed, and of a
/// request without a known outcome it may have been.
const fn placed_nothing(error: &Error) -> bool {
    !matches!(
        error,
        Error::Timeout | Error::Stopped | Error::Internal(_) | Error::ReplaceFailed(_) | Error::ReplacePartlyFailed(_)
    )
}

/// The limits of orders, with what is used of each when that is told: `(interval, number, limit, count)`.
pub(crate) fn order_limits(rules: &Rules, placed: Orders) -> impl Iterator<Item = (&'static str, u8, u64, u64)> {
    let spans = [
        ("SECOND", 10, rules.orders_per_ten_seconds, placed.ten_seconds),
        ("DAY", 1, rules.orders_per_day, placed.day),
    ];
    spans.into_iter().filter(|(_, _, limit, _)| *limit > 0)
}

/// What is used of the limits, as a JSON array; those that are not told are left out, and so are limits that are none.
pub(crate) fn rate_limits_json(rules: &Rules, orders: Option<Orders>, weight: Option<u64>) -> String {
    let mut out = String::from("[");
    let mut add = |kind: &str, interval: &str, number: u8, limit: u64, count: u64| {
        let comma = if out.len() > 1 { "," } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "{comma}{{\"rateLimitType\":\"{kind}\",\"interval\":\"{interval}\",\"intervalNum\":{number},\"limit\":{limit},\"count\":{count}}}"
        );
    };
    for (interval, number, limit, count) in orders.into_iter().flat_map(|placed| order_limits(rules, placed)) {
        add("ORDERS", interval, number, limit, count);
    }
    if let (Some(used), true) = (weight, rules.limits_weight()) {
        add("REQUEST_WEIGHT", "MINUTE", 1, rules.weight_per_minute, used);
    }
    out.push(']');
    out
}

#[cfg(test)]
mod tests {
    use super::{TooMuch, What, rate_limits_json};
    use expect_test::expect;
    use limits::{Orders, Rules, Span};
    use model::Timestamp;

    const RULES: Rules = Rules {
        weight_per_minute: 6_000,
        orders_per_ten_seconds: 100,
        orders_per_day: 200_000,
        refusals_before_ban: 10,
        max_counted: 1_000,
    };

    #[test]
    fn refusals_have_the_words_that_clients_know() {
        let now = Timestamp(1_659_142_907_531_000);
        let mut table = String::new();
        for what in
            [What::Weight(6_000), What::Banned, What::Orders(100, Span::TenSeconds), What::Orders(200_000, Span::Day)]
        {
            let refusal = TooMuch { what, now, until: Timestamp(now.0 + 1_500_000) };
            let (code, status, wait) = (refusal.code(), refusal.status().as_u16(), refusal.retry_after_s());
            table.push_str(&format!("{status} {code} {wait} {refusal}\n"));
        }
        expect![[r#"
            429 -1003 2 Too much request weight used; current limit is 6000 request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.
            418 -1003 2 Way too much request weight used; IP banned until 1659142909031. Please use WebSocket Streams for live updates to avoid bans.
            429 -1015 2 Too many new orders; current limit is 100 orders per 10 SECOND.
            429 -1015 2 Too many new orders; current limit is 200000 orders per DAY.
        "#]]
        .assert_eq(&table);
        let refusal = TooMuch { what: What::Banned, now, until: Timestamp(now.0 + 1_000) };
        expect![[r#"{"serverTime":1659142907531,"retryAfter":1659142907532}"#]].assert_eq(&refusal.data());
    }

    #[test]
    fn limits_are_told_as_the_websocket_api_does() {
        let orders = Orders { ten_seconds: 12, day: 4_043 };
        expect![[r#"[{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":100,"count":12},{"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":200000,"count":4043},{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000,"count":321}]"#]]
            .assert_eq(&rate_limits_json(&RULES, Some(orders), Some(321)));
        assert_eq!(rate_limits_json(&RULES, None, None), "[]");
        assert_eq!(rate_limits_json(&Rules { weight_per_minute: 0, ..RULES }, None, Some(1)), "[]");
    }
}
