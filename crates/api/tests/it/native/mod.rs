//! The native API: access levels, attacks, idempotency, and what each door says.

mod access;
mod attacks;
mod documents;
mod forward;
mod idempotency;
mod life;
mod world;
