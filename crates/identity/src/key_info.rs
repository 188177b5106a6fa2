//! Keys in lists.

use ipnet::IpNet;

use crate::Error;
use crate::key_terms::{Permissions, addresses_from_text};
use crate::kind::KeyKind;
use crate::store::api_key::Model;
use crate::store::from_sql;

/// A key as its owner sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyInfo {
    /// The number of its row; newer keys have greater ones.
    pub id: i64,
    /// The public part.
    pub key: String,
    /// How it signs.
    pub kind: KeyKind,
    /// The owner's name for it.
    pub label: String,
    /// What it may be used for.
    pub permissions: Permissions,
    /// The addresses and networks that it may be used from; empty: from anywhere.
    pub addresses: Vec<IpNet>,
    /// When it was made, in microseconds since 1970.
    pub created_at_us: u64,
    /// From when on it is refused.
    pub expires_at_us: Option<u64>,
    /// When it was revoked.
    pub revoked_at_us: Option<u64>,
    /// When it was used last, to about a minute.
    pub last_used_us: Option<u64>,
}

pub(crate) fn info(row: Model) -> Result<ApiKeyInfo, Error> {
    let addresses = row.ip_allow_list.as_deref().map(addresses_from_text).transpose();
    let addresses = addresses.map_err(|error| Error::Unusable { id: row.id, reason: error.to_string() })?;
    let unknown =
        || Error::Unusable { id: row.id, reason: format!("this version does not know the kind {:?}", row.kind) };
    Ok(ApiKeyInfo {
        id: row.id,
        kind: KeyKind::from_name(&row.kind).ok_or_else(unknown)?,
        key: row.key,
        label: row.label,
        permissions: Permissions { read: row.may_read, trade: row.may_trade, withdraw: row.may_withdraw },
        addresses: addresses.unwrap_or_default(),
        created_at_us: from_sql(row.created_at_us),
        expires_at_us: row.expires_at_us.map(from_sql),
        revoked_at_us: row.revoked_at_us.map(from_sql),
        last_used_us: row.last_used_us.map(from_sql),
    })
}
