//! Closing the user for ever.

use axum::http::StatusCode;
use model::AccountId;

use crate::native::auth::sign_up::Hidden;
use crate::native::input::Json;
use crate::native::output::{Done, WithHeaders};
use crate::native::{Call, Person, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

/// The password, and a code where there is an authenticator: a session that was left open is not enough.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct CloseUser {
    /// The password; left out by who has none.
    #[serde(default)]
    password: Option<Hidden>,
    /// A code of the authenticator, for who has one.
    #[serde(default)]
    otp: Option<String>,
}

/// Closes the user and its sub-accounts for ever, if they own nothing any more.
pub(in crate::native) async fn delete(call: Call<Person, Json<CloseUser>>) -> Result<WithHeaders<Done>, Problem> {
    let Call { app, who, input: Json(sent), device, cookies, now_us, .. } = call;
    let people = &app.native.people;
    let password = sent.password.map(Hidden::into_secret);
    people.prove_again(&who.user, &who.sid, password.as_ref(), sent.otp.as_deref(), now_us).await?;
    app.caught_up().await?;
    let mut accounts = vec![who.user.account];
    accounts.extend(people.sub_accounts.list(&who.user).await?.iter().map(|part| part.account));
    for account in accounts {
        let balances = app.live.balances(AccountId(account));
        if balances.iter().any(|balance| balance.available.is_positive() || balance.held.is_positive()) {
            let detail = "there is still something in your accounts: withdraw it or move it first";
            return Err(Problem::refused(StatusCode::CONFLICT, "balance_left", detail));
        }
    }
    people.deletions.delete(&who.user, &device, now_us).await?;
    Ok(WithHeaders(Done, cookies.clear()))
}
