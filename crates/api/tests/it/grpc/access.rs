//! Every method, by enumeration: it is listed, and its access level holds.

use std::collections::BTreeMap;

use api::Permission;
use api::grpc::client::Credentials;
use api::grpc::method::{Access, Form, METHODS};
use api::grpc::proto;
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::{Code, Request};

use super::port::{Port, call, refusal};
use crate::door::{Door, NOW_US};

/// Paths of the methods of the contracts, with their forms.
fn described() -> BTreeMap<String, Form> {
    let sets = [
        proto::DESCRIPTORS,
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    ];
    let mut methods = BTreeMap::new();
    for file in sets.iter().flat_map(|set| FileDescriptorSet::decode(*set).unwrap().file) {
        for service in &file.service {
            for method in &service.method {
                let form = if method.server_streaming() { Form::Stream } else { Form::Unary };
                methods.insert(format!("/{}.{}/{}", file.package(), service.name(), method.name()), form);
            }
        }
    }
    methods
}

/// A method of the contract without an access level fails here, as does a level without a method.
#[test]
fn every_method_of_the_contract_has_an_access_level() {
    let listed: BTreeMap<String, Form> = METHODS.iter().map(|method| (method.path.to_owned(), method.form)).collect();
    assert_eq!(listed, described());
    assert_eq!(listed.len(), METHODS.len(), "a method is listed once");
    for method in METHODS.iter().filter(|method| method.path.contains(".Trading/")) {
        let reads = method.path.ends_with("/GetOrder") || method.path.ends_with("/ListOpenOrders");
        let needed = if reads { Permission::Read } else { Permission::Trade };
        assert_eq!(method.access, Access::User(needed), "{}", method.path);
    }
}

#[tokio::test]
async fn a_users_method_wants_a_key_and_a_public_one_does_not() {
    let door = Door::busy().await;
    let port = Port::open(&door.app);
    let channel = port.channel().await;
    for method in METHODS {
        let answered = call(&channel, method.path, Request::new(())).await;
        match method.access {
            Access::User(_) => {
                let want =
                    (Code::Unauthenticated, "INVALID_KEY_FORMAT".to_owned(), "API-key format invalid.".to_owned());
                assert_eq!(refusal(&answered.unwrap_err()), want, "{}", method.path);
            }
            Access::Public => {
                let code = answered.err().map(|status| status.code());
                assert!(
                    !matches!(code, Some(Code::Unauthenticated | Code::PermissionDenied)),
                    "{} {code:?}",
                    method.path
                );
            }
        }
    }
    let unknown = call(&channel, "/rialto.v1.Trading/Withdraw", Request::new(())).await.unwrap_err();
    assert_eq!(unknown.code(), Code::Unimplemented);
    assert_eq!(door.commands(), []);
    port.stop().await;
}

#[tokio::test]
async fn a_key_that_may_read_may_not_trade() {
    let door = Door::busy().await;
    let port = Port::open(&door.app);
    let channel = port.channel().await;
    let reader = Credentials::new(&door.reader.key, &door.reader.secret);
    for method in METHODS {
        let Access::User(needed) = method.access else { continue };
        let answered = call(&channel, method.path, reader.sign(method.path, (), NOW_US)).await;
        let is_refused = answered.err().is_some_and(|status| status.code() == Code::PermissionDenied);
        assert_eq!(is_refused, needed == Permission::Trade, "{}", method.path);
    }
    assert_eq!(door.commands(), []);
    port.stop().await;
}
