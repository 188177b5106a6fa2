//! The user's sessions: on which devices it is signed in.

use schemars::JsonSchema;
use serde::Serialize;

use crate::native::input::Nothing;
use crate::native::output::{Done, Ok200};
use crate::native::shapes::SessionShape;
use crate::native::{Call, Person, Problem};

/// The live sessions.
pub(in crate::native) async fn list(call: Call<Person, Nothing>) -> Result<Ok200<Vec<SessionShape>>, Problem> {
    let sessions = call.people().sessions.list(call.who.user.id, call.now_us).await?;
    Ok(Ok200(sessions.into_iter().map(|session| SessionShape::new(session, &call.who.sid)).collect()))
}

/// Ends one of them.
pub(in crate::native) async fn end(call: Call<Person, Nothing>) -> Result<Done, Problem> {
    let ended = call.people().sessions.end(call.who.user.id, call.segment("sid"), call.now_us).await?;
    if ended { Ok(Done) } else { Err(Problem::not_found()) }
}

/// How many there were.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct Ended {
    /// Sessions that were ended.
    ended: usize,
}

/// Ends all but the one that asks.
pub(in crate::native) async fn end_others(call: Call<Person, Nothing>) -> Result<Ok200<Ended>, Problem> {
    let ended = call.people().sessions.end_all(call.who.user.id, Some(&call.who.sid), call.now_us).await?;
    Ok(Ok200(Ended { ended }))
}
