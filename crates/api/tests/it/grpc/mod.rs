//! The gRPC door over real sockets, with clients made from the same contract.

mod access;
mod account;
mod lifecycle;
mod limits;
mod market;
mod port;
mod signatures;
mod trading;
