//! The mailbox of a development server (`--demo`): letters that went nowhere, for everybody to read.

use super::input::Nothing;
use super::output::{Content200, Html};
use super::shapes::number;
use super::{Call, Problem};

/// Where the pages are.
const BASE: &str = "/dev/mail";

/// The letters, the newest first.
pub(super) async fn list(call: Call<(), Nothing>) -> Result<Content200<Html>, Problem> {
    let mailbox = call.app.native.mailbox.as_ref().ok_or_else(Problem::not_found)?;
    let letters = mailbox.list(None).await?;
    Ok(Content200::page(mail::list_page(BASE, &letters)))
}

/// One letter.
pub(super) async fn get(call: Call<(), Nothing>) -> Result<Content200<Html>, Problem> {
    let mailbox = call.app.native.mailbox.as_ref().ok_or_else(Problem::not_found)?;
    let letter = mailbox.get(number(call.segment("id"))?).await?.ok_or_else(Problem::not_found)?;
    Ok(Content200::page(mail::letter_page(BASE, &letter)))
}

impl From<mail::Error> for Problem {
    fn from(error: mail::Error) -> Self {
        Self::internal(error)
    }
}
