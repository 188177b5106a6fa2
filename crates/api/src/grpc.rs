//! The gRPC door: order entry, market data and user events over HTTP/2, on a port of its own.
//!
//! The contract is `proto/rialto/v1`; messages, servers and clients are generated from it when the crate is built. A call goes
//! `server` (connection, limits) → `door` (method, access level, signature, deadline) → `trading`, `market` or `account` (one method
//! a file) → `App`, like an operation of the other doors. `status` alone turns causes into gRPC's codes.
//!
//! | limit | setting | what happens beyond it |
//! | --- | --- | --- |
//! | open connections | `grpc.max_connections` | further ones wait in the listener's queue |
//! | time until the first byte of a connection | 75 s | the connection is closed |
//! | time without a call on an open connection | 5 to 10 min | the connection is closed in good order |
//! | weight of an address, orders of an account | `limits` | `RESOURCE_EXHAUSTED`, with the time to wait |
//! | calls of one connection at the same time | `grpc.max_streams` | they wait at the client |
//! | size of a message from the client | `grpc.max_message_bytes` | `RESOURCE_EXHAUSTED` |
//! | size of the metadata of a call | 16 KiB | the call is reset |
//! | time for a call, or until its stream begins | `http.request_timeout_ms`, or its own deadline | `DEADLINE_EXCEEDED` |
//! | messages that wait for a slow reader | `grpc.stream_buffer_messages` | `RESOURCE_EXHAUSTED` |
//! | time in which a client answers no ping | `grpc.keepalive_timeout_ms` | the connection is closed |

mod account;
mod body;
pub mod client;
mod door;
mod feed;
mod health;
mod market;
pub mod method;
mod server;
mod shape;
mod signature;
mod status;
mod trading;
mod value;

use std::future::Future;
use std::sync::Arc;

use tonic::{Request, Response, Status};

pub use server::serve;
pub use signature::payload;

use crate::usage::Tally;
use crate::{App, Caller, Error};

/// Messages, servers and clients of `proto/rialto/v1`, as the build script made them; the comments are those of the files.
#[allow(
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::unwrap_used,
    clippy::panic,
    reason = "generated"
)]
#[rustfmt::skip]
pub mod proto {
    tonic::include_proto!("rialto.v1");

    /// The files themselves, as reflection tells of them.
    pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
}

/// Runs the handler of a user's method for the caller that the door has checked. Without one, nothing runs.
async fn of_user<Q, R, F>(
    app: &App,
    request: Request<Q>,
    handle: impl FnOnce(App, Caller, Q) -> F,
) -> Result<Response<R>, Status>
where
    F: Future<Output = Result<R, Error>>,
{
    let caller = request.extensions().get::<Caller>().copied();
    let caller = caller.ok_or_else(|| status::of(&Error::Internal("a user's method has no caller".to_owned())))?;
    let tally = tally(&request);
    answer(handle(app.clone(), caller, request.into_inner()).await, tally).await
}

/// Runs the handler of a method that anybody may call.
async fn of_anybody<Q, R, F>(
    app: &App,
    request: Request<Q>,
    handle: impl FnOnce(App, Q) -> F,
) -> Result<Response<R>, Status>
where
    F: Future<Output = Result<R, Error>>,
{
    let tally = tally(&request);
    answer(handle(app.clone(), request.into_inner()).await, tally).await
}

fn tally<Q>(request: &Request<Q>) -> Option<Arc<Tally>> {
    request.extensions().get::<Arc<Tally>>().cloned()
}

async fn answer<R>(result: Result<R, Error>, tally: Option<Arc<Tally>>) -> Result<Response<R>, Status> {
    match result {
        Ok(message) => Ok(Response::new(message)),
        Err(error) => {
            if let Some(tally) = tally {
                tally.failed(&error).await;
            }
            Err(status::of(&error))
        }
    }
}
