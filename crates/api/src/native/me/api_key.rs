//! The user's API keys, and those of its sub-accounts.

use std::net::IpAddr;

use identity::ports::News;
use identity::{ApiKeyInfo, KeyChange, KeyTerms, Permissions, PublicKey};
use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::native::input::{Json, Nothing, Query};
use crate::native::output::{Created, Done, Ok200, Page};
use crate::native::page::{keyset, page};
use crate::native::shapes::{PageQuery, time};
use crate::native::{Call, Person, Problem, Verified};

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::native) enum May {
    /// Look at the account.
    Read,
    /// Place and cancel orders.
    Trade,
    /// Ask for withdrawals.
    Withdraw,
}

fn permissions(may: &[May]) -> Permissions {
    let has = |wanted| may.contains(&wanted);
    Permissions { read: has(May::Read), trade: has(May::Trade), withdraw: has(May::Withdraw) }
}

fn may(permissions: Permissions) -> Vec<May> {
    let all = [(May::Read, permissions.read), (May::Trade, permissions.trade), (May::Withdraw, permissions.withdraw)];
    all.into_iter().filter_map(|(may, has)| has.then_some(may)).collect()
}

/// A key as its owner sees it.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct KeyShape {
    /// The public part.
    key: String,
    /// `hmac`, `ed25519` or `rsa`.
    kind: String,
    /// The owner's name for it.
    label: String,
    /// What it may be used for.
    permissions: Vec<May>,
    /// The addresses and networks that it may be used from; empty: from anywhere.
    addresses: Vec<String>,
    /// When it was made.
    created_at: String,
    /// From when on it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
    /// When it was used last, to about a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
}

impl From<ApiKeyInfo> for KeyShape {
    fn from(info: ApiKeyInfo) -> Self {
        Self {
            key: info.key,
            kind: info.kind.name().to_owned(),
            label: info.label,
            permissions: may(info.permissions),
            addresses: info.addresses.iter().map(IpNet::to_string).collect(),
            created_at: time(info.created_at_us),
            expires_at: info.expires_at_us.map(time),
            revoked_at: info.revoked_at_us.map(time),
            last_used_at: info.last_used_us.map(time),
        }
    }
}

/// A key to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct CreateKey {
    /// The owner's name for it.
    #[schemars(length(min = 1, max = 100))]
    label: String,
    /// What it may be used for.
    permissions: Vec<May>,
    /// The addresses and networks that it may be used from; empty: from anywhere. A key that may withdraw must have some.
    #[serde(default)]
    addresses: Vec<String>,
    /// From when on it is refused (RFC 3339); for ever good if it is left out.
    #[serde(default)]
    expires_at: Option<String>,
    /// An Ed25519 or RSA public key as PEM. Without it, the key signs with HMAC and a secret.
    #[serde(default)]
    public_key: Option<String>,
    /// The uid of one of the user's sub-accounts that it acts for; for the user itself if it is left out.
    #[serde(default)]
    sub_account: Option<String>,
}

/// A key that was made.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct MadeKey {
    /// The public part, for `X-MBX-APIKEY`.
    key: String,
    /// The secret to sign with: shown now and never again. A key with a public key has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// Makes a key.
pub(in crate::native) async fn create(call: Call<Verified, Json<CreateKey>>) -> Result<Created<MadeKey>, Problem> {
    let Call { app, who: Verified(who), input: Json(sent), device, now_us, .. } = call;
    let permissions = permissions(&sent.permissions);
    if !(permissions.read || permissions.trade || permissions.withdraw) {
        return Err(Problem::bad_request("permissions_empty", "a key needs a permission: read, trade or withdraw"));
    }
    let addresses = addresses(&sent.addresses)?;
    if permissions.withdraw && addresses.is_empty() {
        let detail = "a key that may withdraw must be bound to addresses";
        return Err(Problem::bad_request("addresses_needed", detail));
    }
    let terms = KeyTerms { permissions, addresses, expires_at_us: moment(sent.expires_at.as_deref())? };
    let account = account_of(&app, &who, sent.sub_account.as_deref()).await?;
    let made = match sent.public_key {
        Some(pem) => {
            let public_key = PublicKey::from_pem(&pem)?;
            let key = app.keys.register(account, &sent.label, terms, &public_key, now_us).await?;
            MadeKey { key, secret: None }
        }
        None => {
            let created = app.keys.create(account, &sent.label, terms, now_us).await?;
            MadeKey { key: created.key, secret: Some(created.secret.expose().clone()) }
        }
    };
    let names: Vec<&str> = sent
        .permissions
        .iter()
        .map(|may| match may {
            May::Read => "read",
            May::Trade => "trade",
            May::Withdraw => "withdraw",
        })
        .collect();
    let news = News::ApiKeyMade { label: sent.label, permissions: names.join(", "), device };
    app.native.people.tell(&who.user, "api-key", "create", news, now_us).await?;
    Ok(Created(made))
}

/// The keys of the user itself, revoked and expired ones too, the newest first.
pub(in crate::native) async fn list(call: Call<Person, Query<PageQuery>>) -> Result<Ok200<Page<KeyShape>>, Problem> {
    let rows = call.app.keys.page(i64::from(call.who.user.account), &keyset(&call.input.0)?).await?;
    Ok(Ok200(page(rows, KeyShape::from)))
}

/// What is changed of a key; what is left out stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct ChangeKey {
    /// The owner's name for it.
    #[serde(default)]
    label: Option<String>,
    /// The addresses and networks that it may be used from; an empty list frees it.
    #[serde(default)]
    addresses: Option<Vec<String>>,
    /// From when on it is refused (RFC 3339).
    #[serde(default)]
    expires_at: Option<String>,
}

/// Changes a key of the user itself. Its permissions stay: for others, make another key.
pub(in crate::native) async fn change(call: Call<Verified, Json<ChangeKey>>) -> Result<Done, Problem> {
    let account = i64::from(call.who.0.user.account);
    let sent = &call.input.0;
    let addresses = sent.addresses.as_deref().map(addresses).transpose()?;
    if addresses.as_ref().is_some_and(Vec::is_empty) {
        let keys = call.app.keys.list(account).await?;
        if keys.iter().any(|key| key.key == call.segment("key") && key.permissions.withdraw) {
            let detail = "a key that may withdraw must be bound to addresses";
            return Err(Problem::bad_request("addresses_needed", detail));
        }
    }
    let change = KeyChange {
        label: sent.label.clone(),
        permissions: None,
        addresses,
        expires_at_us: moment(sent.expires_at.as_deref())?.map(Some),
    };
    let changed = call.app.keys.edit(account, call.segment("key"), &change, call.now_us).await?;
    if changed { Ok(Done) } else { Err(Problem::not_found()) }
}

/// Revokes a key of the user, or of one of its sub-accounts, for ever.
pub(in crate::native) async fn revoke(call: Call<Person, Nothing>) -> Result<Done, Problem> {
    let people = call.people();
    let user = &call.who.user;
    let mut accounts = vec![user.account];
    accounts.extend(people.sub_accounts.list(user).await?.iter().map(|part| part.account));
    for account in accounts {
        if call.app.keys.revoke(i64::from(account), call.segment("key"), call.now_us).await? {
            let news = News::ApiKeyRevoked { key: call.segment("key").to_owned(), device: call.device.clone() };
            people.tell(user, "api-key", "revoke", news, call.now_us).await?;
            return Ok(Done);
        }
    }
    Err(Problem::not_found())
}

/// The account that a key shall act for: the user's, or that of one of its parts.
async fn account_of(app: &crate::App, who: &Person, part: Option<&str>) -> Result<i64, Problem> {
    let Some(uid) = part else { return Ok(i64::from(who.user.account)) };
    let parts = app.native.people.sub_accounts.list(&who.user).await?;
    let part = parts.iter().find(|part| part.uid.as_str() == uid).ok_or_else(Problem::not_found)?;
    Ok(i64::from(part.account))
}

/// Addresses and networks as they were written.
pub(in crate::native) fn addresses(texts: &[String]) -> Result<Vec<IpNet>, Problem> {
    let wrong =
        || Problem::bad_request("address_invalid", "an address is such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32");
    let read = |text: &String| text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    texts.iter().take(identity::MAX_ADDRESSES + 1).map(read).collect::<Result<_, _>>().map_err(|_| wrong())
}

fn moment(text: Option<&str>) -> Result<Option<u64>, Problem> {
    let wrong = || Problem::bad_request("time_invalid", "a time is such as 2030-01-31T12:00:00Z");
    let read = |text: &str| {
        let time = text.parse::<jiff::Timestamp>().map_err(|_| wrong())?;
        u64::try_from(time.as_microsecond()).map_err(|_| wrong())
    };
    text.map(read).transpose()
}
