//! Every method of the gRPC door, with the access level and the cost of each. What is not listed is not served.

use crate::{Cost, Permission};
use Access::{Public, User};
use Form::{Stream, Unary};
use Permission::{Read, Trade};

/// Who may call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody: nothing is checked.
    Public,
    /// Whoever signs with an API key of this permission.
    User(Permission),
}

/// What a method answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One message.
    Unary,
    /// Messages until one of the two ends it.
    Stream,
}

/// A method as it is called.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// Path of its HTTP/2 request.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What it answers with.
    pub form: Form,
    /// What a call costs, in the weight and orders of the other doors.
    pub cost: Cost,
}

/// So many orders, and one of weight when it fails.
const fn orders(number: u8) -> Cost {
    Cost::change(1, number)
}

const fn weight(weight: u32) -> Cost {
    Cost::weight(weight)
}

macro_rules! methods {
    ($($path:literal $access:expr, $form:expr, $cost:expr;)+) => {
        &[$(Method { path: $path, access: $access, form: $form, cost: $cost }),+]
    };
}

/// Every method: path, who may call it, form, cost. A list counts as three orders, whatever its kind.
#[rustfmt::skip]
pub const METHODS: &[Method] = methods! {
    "/rialto.v1.Trading/PlaceOrder"         User(Trade), Unary, orders(1);
    "/rialto.v1.Trading/PlaceOrderList"     User(Trade), Unary, orders(3);
    "/rialto.v1.Trading/CancelOrder"        User(Trade), Unary, orders(0);
    "/rialto.v1.Trading/CancelOrderList"    User(Trade), Unary, orders(0);
    "/rialto.v1.Trading/CancelReplace"      User(Trade), Unary, orders(1);
    "/rialto.v1.Trading/AmendOrder"         User(Trade), Unary, weight(4);
    "/rialto.v1.Trading/ModifyOrder"        User(Trade), Unary, orders(1);
    "/rialto.v1.Trading/CancelAll"          User(Trade), Unary, orders(0);
    "/rialto.v1.Trading/SetCountdown"       User(Trade), Unary, weight(1);
    "/rialto.v1.Trading/GetOrder"           User(Read),  Unary, weight(4);
    "/rialto.v1.Trading/ListOpenOrders"     User(Read),  Unary, weight(6);

    "/rialto.v1.Market/GetExchangeInfo"     Public,      Unary, weight(20);
    "/rialto.v1.Market/GetDepth"            Public,      Unary, weight(5);
    "/rialto.v1.Market/StreamDepth"         Public,      Stream, weight(2);
    "/rialto.v1.Market/StreamTrades"        Public,      Stream, weight(2);
    "/rialto.v1.Market/StreamTickers"       Public,      Stream, weight(2);
    "/rialto.v1.Market/StreamCandles"       Public,      Stream, weight(2);

    "/rialto.v1.Account/GetBalances"        User(Read),  Unary, weight(20);
    "/rialto.v1.Account/ListTrades"         User(Read),  Unary, weight(20);
    "/rialto.v1.Account/StreamAccount"      User(Read),  Stream, weight(2);

    "/grpc.health.v1.Health/Check"          Public,      Unary, Cost::FREE;
    "/grpc.health.v1.Health/Watch"          Public,      Stream, Cost::FREE;
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"      Public, Stream, weight(1);
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo" Public, Stream, weight(1);
};
