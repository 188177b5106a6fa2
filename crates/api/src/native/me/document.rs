//! The user's KYC documents.

use identity::{Document, DocumentKind, NewDocument};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::native::input::{Nothing, WithQuery};
use crate::native::output::{Created, Done, Ok200};
use crate::native::shapes::{number, time};
use crate::native::{Call, Person, Problem};

/// A document as its owner sees it.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct DocumentShape {
    /// Its number.
    pub(in crate::native) id: i64,
    /// What it shows.
    kind: String,
    /// `pending`, `approved`, `rejected` or `expired`.
    state: String,
    /// What the file is, by its bytes.
    media_type: String,
    /// What the owner calls the file.
    file_name: String,
    /// The last day on which it is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_on: Option<String>,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// When it was handed in.
    created_at: String,
}

impl From<Document> for DocumentShape {
    fn from(document: Document) -> Self {
        Self {
            id: document.id,
            kind: document.kind.name().to_owned(),
            state: document.state.name().to_owned(),
            media_type: document.media_type.name().to_owned(),
            file_name: document.file_name,
            expires_on: document.expires_on.map(|day| day.to_string()),
            reason: document.reason,
            created_at: time(document.uploaded_at_us),
        }
    }
}

/// What is said of a file that is handed in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct Upload {
    /// `passport`, `id_card`, `driving_licence`, `proof_of_address` or `selfie`.
    kind: String,
    /// Its number; passports, cards and licences have one.
    #[serde(default)]
    number: Option<String>,
    /// The country that issued it, two capital letters.
    #[serde(default)]
    country: Option<String>,
    /// The last day on which it is valid, such as `2030-01-31`.
    #[serde(default)]
    expires_on: Option<String>,
    /// What the owner calls the file.
    #[serde(default)]
    file_name: Option<String>,
}

/// Hands in a file: a JPEG, PNG or PDF as the body, with what is said of it in the query.
pub(in crate::native) async fn upload(
    call: Call<Person, WithQuery<Upload>>,
) -> Result<Created<DocumentShape>, Problem> {
    let Call { app, who, input: WithQuery(said, file), now_us, .. } = call;
    let wrong = |detail| Problem::bad_request("document_field_invalid", detail);
    let kind = DocumentKind::from_name(&said.kind)
        .ok_or_else(|| wrong("kind is passport, id_card, driving_licence, proof_of_address or selfie"))?;
    let expires_on = said.expires_on.as_deref().map(str::parse).transpose();
    let new = NewDocument {
        kind,
        number: said.number.as_deref(),
        country: said.country.as_deref(),
        expires_on: expires_on.map_err(|_| wrong("expires_on is a day such as 2030-01-31"))?,
        file_name: said.file_name.as_deref().unwrap_or_default(),
    };
    let document = app.native.documents.upload(who.user.id.0, new, file.bytes.to_vec(), now_us).await?;
    Ok(Created(document.into()))
}

/// The documents, the newest first.
pub(in crate::native) async fn list(call: Call<Person, Nothing>) -> Result<Ok200<Vec<DocumentShape>>, Problem> {
    let documents = call.app.native.documents.list(call.who.user.id.0).await?;
    Ok(Ok200(documents.into_iter().map(DocumentShape::from).collect()))
}

/// Deletes one that was not approved.
pub(in crate::native) async fn delete(call: Call<Person, Nothing>) -> Result<Done, Problem> {
    let id = number(call.segment("id"))?;
    call.app.native.documents.delete(call.who.user.id.0, id).await?;
    Ok(Done)
}
