//! Every method of the gRPC door, with the access level of each. What is not listed is not served.

use crate::Permission;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method {
    /// Path of its HTTP/2 request.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What it answers with.
    pub form: Form,
}

macro_rules! methods {
    ($($path:literal $access:expr, $form:expr;)+) => {
        &[$(Method { path: $path, access: $access, form: $form }),+]
    };
}

/// Every method: path, who may call it, form.
#[rustfmt::skip]
pub const METHODS: &[Method] = methods! {
    "/rialto.v1.Trading/PlaceOrder"         User(Trade), Unary;
    "/rialto.v1.Trading/PlaceOrderList"     User(Trade), Unary;
    "/rialto.v1.Trading/CancelOrder"        User(Trade), Unary;
    "/rialto.v1.Trading/CancelOrderList"    User(Trade), Unary;
    "/rialto.v1.Trading/CancelReplace"      User(Trade), Unary;
    "/rialto.v1.Trading/AmendOrder"         User(Trade), Unary;
    "/rialto.v1.Trading/ModifyOrder"        User(Trade), Unary;
    "/rialto.v1.Trading/CancelAll"          User(Trade), Unary;
    "/rialto.v1.Trading/SetCountdown"       User(Trade), Unary;
    "/rialto.v1.Trading/GetOrder"           User(Read),  Unary;
    "/rialto.v1.Trading/ListOpenOrders"     User(Read),  Unary;

    "/rialto.v1.Market/GetExchangeInfo"     Public,      Unary;
    "/rialto.v1.Market/GetDepth"            Public,      Unary;
    "/rialto.v1.Market/StreamDepth"         Public,      Stream;
    "/rialto.v1.Market/StreamTrades"        Public,      Stream;
    "/rialto.v1.Market/StreamTickers"       Public,      Stream;
    "/rialto.v1.Market/StreamCandles"       Public,      Stream;

    "/rialto.v1.Account/GetBalances"        User(Read),  Unary;
    "/rialto.v1.Account/ListTrades"         User(Read),  Unary;
    "/rialto.v1.Account/StreamAccount"      User(Read),  Stream;

    "/grpc.health.v1.Health/Check"          Public,      Unary;
    "/grpc.health.v1.Health/Watch"          Public,      Stream;
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"      Public, Stream;
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo" Public, Stream;
};
