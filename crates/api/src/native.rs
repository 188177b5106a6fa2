//! The native API below `/api/v2`: people, their access and their proofs, and what the operator does with them.
//!
//! | module | holds |
//! | --- | --- |
//! | [`level`] | the access levels and how each is checked |
//! | `operation` | the way from a request to its answer: body, weight, level, idempotency, input, handler, output |
//! | [`input`], [`output`] | what handlers take and give; the API reference is made from the same types |
//! | [`problem`] | refusals (RFC 9457) |
//! | [`cookies`], `csrf`, `cors` | sessions of browsers |
//! | `auth`, `me`, `admin`, `internal` | the operations, one resource a file |
//! | `links`, `mailbox` | pages: where links of letters lead to, and letters of a development server |

mod admin;
mod auth;
mod caller;
pub mod cookies;
mod cors;
mod csrf;
mod forward;
pub mod input;
mod internal;
pub mod level;
mod links;
mod list;
mod mailbox;
mod me;
mod operation;
pub mod output;
mod page;
mod parts;
pub mod problem;
mod refusals;
mod shapes;
#[cfg(feature = "testing")]
pub mod testing;

pub use auth::oidc::OIDC_CALLBACK;
pub use caller::{Actor, Call, Officer, Person, Service, Verified};
pub use list::operations;
pub use operation::Operation;
pub use parts::Parts;
pub use problem::Problem;

pub(crate) use cors::layer as cors;
pub(crate) use operation::Mounted;
