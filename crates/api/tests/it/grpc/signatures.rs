//! Key, time and signature of a call.

use api::grpc::payload;
use api::grpc::proto::account_client::AccountClient;
use api::grpc::proto::trading_client::TradingClient;
use api::grpc::proto::{CancelAllRequest, GetBalancesRequest, GetDepthRequest};
use prost::Message;
use tonic::metadata::AsciiMetadataValue;
use tonic::{Code, Request, Status};

use super::port::{Port, call, refusal, signed, trader};
use crate::door::{ACCOUNT, Door, NOW_US};

const PATH: &str = "/rialto.v1.Account/GetBalances";
const NOW_MS: u64 = NOW_US / 1_000;

/// Metadata by name; a name without a value is left out.
async fn send(port: &Port, message: GetBalancesRequest, metadata: &[(&'static str, &str)]) -> Result<usize, Status> {
    let mut request = Request::new(message);
    for (name, value) in metadata {
        request.metadata_mut().insert(*name, AsciiMetadataValue::try_from(*value).unwrap());
    }
    let answered = AccountClient::new(port.channel().await).get_balances(request).await?;
    Ok(answered.into_inner().balances.len())
}

/// The documented text, written out by hand.
#[tokio::test]
async fn the_documented_signature_is_taken() {
    let door = Door::busy().await;
    let port = Port::open(&door.app);
    let message = GetBalancesRequest { include_zero: true };
    assert_eq!(message.encode_to_vec(), [8, 1]);
    // The SHA-256 of these two bytes.
    let hash = "fb8da7eb5b1b399e7321179dac9e9f65773d7331e1e30554e3911e4325e1ef19";
    for time in [NOW_MS.to_string(), NOW_US.to_string()] {
        let signature = door.trader.sign(&format!("{time}\n{PATH}\n{hash}"));
        let metadata = [("x-api-key", door.trader.key.as_str()), ("x-timestamp", &time), ("x-signature", &signature)];
        assert_eq!(send(&port, message, &metadata).await.unwrap(), 3);
    }
    port.stop().await;
}

#[tokio::test]
async fn what_is_absent_or_wrong_is_refused() {
    let door = Door::busy().await;
    let port = Port::open(&door.app);
    let message = GetBalancesRequest { include_zero: true };
    let bytes = message.encode_to_vec();
    let key = door.trader.key.as_str();
    let time = NOW_MS.to_string();
    let right = door.trader.sign(&payload(&time, PATH, &bytes, None));
    let wrong = |payload: String| door.trader.sign(&payload);
    let cases = [
        (vec![], Code::Unauthenticated, "INVALID_KEY_FORMAT"),
        (vec![("x-api-key", "short".into())], Code::Unauthenticated, "INVALID_KEY_FORMAT"),
        (vec![("x-api-key", key.into())], Code::InvalidArgument, "MANDATORY"),
        (vec![("x-api-key", key.into()), ("x-signature", right.clone())], Code::InvalidArgument, "MANDATORY"),
        (vec![("x-api-key", key.into()), ("x-timestamp", time.clone())], Code::InvalidArgument, "MANDATORY"),
        (all(key, "soon", &right), Code::InvalidArgument, "ILLEGAL_CHARACTERS"),
        (all(&"a".repeat(64), &time, &right), Code::PermissionDenied, "INVALID_KEY"),
        (all(key, &time, "00"), Code::Unauthenticated, "INVALID_SIGNATURE"),
        (all(key, &(NOW_MS + 1).to_string(), &right), Code::Unauthenticated, "INVALID_SIGNATURE"),
        (all(key, &time, &wrong(payload(&time, PATH, &[], None))), Code::Unauthenticated, "INVALID_SIGNATURE"),
        (
            all(key, &time, &wrong(payload(&time, "/rialto.v1.Account/ListTrades", &bytes, None))),
            Code::Unauthenticated,
            "INVALID_SIGNATURE",
        ),
        (
            all(key, &time, &crate::door::hmac("other", &payload(&time, PATH, &bytes, None))),
            Code::Unauthenticated,
            "INVALID_SIGNATURE",
        ),
    ];
    for (metadata, code, reason) in cases {
        let metadata: Vec<(&'static str, &str)> =
            metadata.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let status = send(&port, message, &metadata).await.unwrap_err();
        let told = refusal(&status);
        assert_eq!((told.0, told.1.as_str()), (code, reason), "{metadata:?}: {status}");
        assert!(!told.2.is_empty());
    }
    port.stop().await;
}

fn all(key: &str, time: &str, signature: &str) -> Vec<(&'static str, String)> {
    vec![("x-api-key", key.to_owned()), ("x-timestamp", time.to_owned()), ("x-signature", signature.to_owned())]
}

#[tokio::test]
async fn the_time_must_lie_in_the_window_and_the_window_is_signed() {
    let door = Door::busy().await;
    let port = Port::open(&door.app);
    let message = GetBalancesRequest::default();
    let bytes = message.encode_to_vec();
    for (sent, window, sign_window, want) in [
        (NOW_MS - 4_999, None, true, Ok(())),
        (NOW_MS - 5_001, None, true, Err((Code::Unauthenticated, "TOO_OLD"))),
        (NOW_MS + 1_001, None, true, Err((Code::Unauthenticated, "TOO_NEW"))),
        (NOW_MS - 50_000, Some("60000"), true, Ok(())),
        (NOW_MS - 50_000, Some("60000"), false, Err((Code::Unauthenticated, "INVALID_SIGNATURE"))),
        (NOW_MS - 50_000, Some("60001"), true, Err((Code::InvalidArgument, "INVALID_WINDOW"))),
        (NOW_MS, Some("long"), true, Err((Code::InvalidArgument, "ILLEGAL_CHARACTERS"))),
    ] {
        let time = sent.to_string();
        let signature = door.trader.sign(&payload(&time, PATH, &bytes, window.filter(|_| sign_window)));
        let mut metadata =
            vec![("x-api-key", door.trader.key.as_str()), ("x-timestamp", &time), ("x-signature", &signature)];
        metadata.extend(window.map(|window| ("x-recv-window", window)));
        let told = match send(&port, message, &metadata).await {
            Ok(_) => Ok(()),
            Err(status) => Err((status.code(), refusal(&status).1)),
        };
        assert_eq!(told, want.map_err(|(code, reason)| (code, reason.to_owned())), "{sent} {window:?}");
    }
    port.stop().await;
}

/// Whoever is on the way cannot change a message, not even to one of another kind of the same bytes.
#[tokio::test]
async fn a_message_cannot_be_changed_on_the_way() {
    let door = Door::busy().await;
    let port = Port::open(&door.app);
    let path = "/rialto.v1.Trading/CancelAll";
    let mut request = trader(&door).sign(path, CancelAllRequest { symbol: "BTCUSDT".to_owned() }, NOW_US);
    request.get_mut().symbol = "ETHBTC".to_owned();
    let status = TradingClient::new(port.channel().await).cancel_all(request).await.unwrap_err();
    assert_eq!(refusal(&status).1, "INVALID_SIGNATURE");
    assert_eq!(door.commands(), []);
    port.stop().await;
}

#[tokio::test]
async fn a_message_has_a_limit_in_size() {
    let door = Door::busy().await;
    let port = Port::open_with(&door.app, |grpc| grpc.max_message_bytes = 1_024);
    let mut client = TradingClient::new(port.channel().await);
    let path = "/rialto.v1.Trading/CancelAll";
    let long = |length| CancelAllRequest { symbol: "A".repeat(length) };
    let status = client.cancel_all(signed(&door, path, long(1_025))).await.unwrap_err();
    assert_eq!(refusal(&status).1, "BODY_TOO_LARGE");
    assert_eq!(status.code(), Code::ResourceExhausted);
    let status = client.cancel_all(signed(&door, path, long(1_000))).await.unwrap_err();
    assert_eq!(refusal(&status).1, "ILLEGAL_CHARACTERS");
    port.stop().await;
}

/// A message of another shape is the client's fault, signed or not.
#[tokio::test]
async fn a_message_of_another_method_is_refused() {
    let door = Door::busy().await;
    let port = Port::open_with(&door.app, |grpc| grpc.max_message_bytes = 1_024);
    let channel = port.channel().await;
    // Its first field is a flag, where the methods want a text.
    let other = GetBalancesRequest { include_zero: true };
    let want =
        (Code::InvalidArgument, "INVALID_REQUEST".to_owned(), "The message is not one of this method.".to_owned());
    let path = "/rialto.v1.Market/GetDepth";
    assert_eq!(refusal(&call(&channel, path, Request::new(other)).await.unwrap_err()), want);
    let path = "/rialto.v1.Trading/CancelAll";
    assert_eq!(refusal(&call(&channel, path, signed(&door, path, other)).await.unwrap_err()), want);
    let long = GetDepthRequest { symbol: "A".repeat(1_025), levels: 0 };
    let status = call(&channel, "/rialto.v1.Market/GetDepth", Request::new(long)).await.unwrap_err();
    assert_eq!((status.code(), refusal(&status).1.as_str()), (Code::ResourceExhausted, "BODY_TOO_LARGE"));
    assert_eq!(door.commands(), []);
    port.stop().await;
}

#[tokio::test]
async fn a_key_works_from_its_addresses_alone() {
    let door = Door::busy().await;
    let port = Port::open(&door.app);
    let channel = port.channel().await;
    let account = i64::from(ACCOUNT.0);
    for (addresses, is_allowed) in [(["10.0.0.1"], false), (["127.0.0.1"], true)] {
        let addresses = addresses.map(|address| address.parse().unwrap());
        assert!(door.app.keys.set_ip_allow_list(account, &door.trader.key, &addresses).await.unwrap());
        let answered = call(&channel, PATH, signed(&door, PATH, GetBalancesRequest::default())).await;
        let told = answered.err().map(|status| refusal(&status).1);
        assert_eq!(told, (!is_allowed).then(|| "INVALID_KEY".to_owned()), "{addresses:?}");
    }
    port.stop().await;
}
