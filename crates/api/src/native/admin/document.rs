//! KYC documents that wait to be reviewed.

use identity::{DocumentState, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::native::input::{Json, Nothing, Query};
use crate::native::me::document::DocumentShape;
use crate::native::output::{Content200, File, Ok200, Page};
use crate::native::page::{keyset, page};
use crate::native::shapes::{PageQuery, number};
use crate::native::{Call, Officer, Problem};

/// Which documents.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct Documents {
    /// Only those in this state: `pending`, `approved`, `rejected` or `expired`.
    state: Option<String>,
    /// What the part before gave as `next`.
    cursor: Option<String>,
    /// How many rows at most: 1 to 100; 50 if it is left out.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
}

/// A document with what its owner said of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct DocumentDetail {
    /// Whose it is.
    uid: String,
    /// Its number, such as that of a passport.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// The country that issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    /// What the owner sees.
    document: DocumentShape,
}

/// Documents, the newest first.
pub(in crate::native) async fn list(
    call: Call<Officer, Query<Documents>>,
) -> Result<Ok200<Page<DocumentDetail>>, Problem> {
    let Query(sent) = &call.input;
    let wrong = || Problem::bad_request("state_invalid", "state is pending, approved, rejected or expired");
    let state = sent.state.as_deref().map(|state| DocumentState::from_name(state).ok_or_else(wrong)).transpose()?;
    let part = keyset(&PageQuery { cursor: sent.cursor.clone(), limit: sent.limit })?;
    let rows = call.app.native.documents.page(state, &part).await?;
    let mut owners = std::collections::HashMap::new();
    for document in &rows.items {
        let owner = call.people().users.by_id(identity::UserId(document.user_id)).await?;
        owners.insert(document.user_id, owner.map_or_else(String::new, |user| user.uid.to_string()));
    }
    Ok(Ok200(page(rows, |document| DocumentDetail {
        uid: owners.get(&document.user_id).cloned().unwrap_or_default(),
        number: document.number.clone(),
        country: document.country.clone(),
        document: document.into(),
    })))
}

/// The file of a document.
pub(in crate::native) async fn content(call: Call<Officer, Nothing>) -> Result<Content200<File>, Problem> {
    let id = number(call.segment("id"))?;
    let opened = call.app.native.documents.open(id).await?;
    let bytes = opened.bytes.expose().clone();
    Ok(Content200 { bytes, media_type: Some(opened.media_type.name()), kind: File })
}

/// What a reviewer decides.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct Review {
    /// Whether it is right.
    approve: bool,
    /// Why not; the owner is told.
    #[serde(default)]
    reason: Option<String>,
}

/// Judges a document that waits. An approved one gives its owner the label, and the level that follows.
pub(in crate::native) async fn review(call: Call<Officer, Json<Review>>) -> Result<Ok200<DocumentShape>, Problem> {
    let id = number(call.segment("id"))?;
    let Call { app, who, input: Json(sent), now_us, .. } = call;
    let verdict = match (sent.approve, sent.reason.as_deref()) {
        (true, _) => Verdict::Approve,
        (false, reason) => Verdict::Reject { reason: reason.unwrap_or_default() },
    };
    let native = &app.native;
    let document = native.people.review_document(&native.documents, id, who.0.user.id, verdict, now_us).await?;
    Ok(Ok200(document.into()))
}
