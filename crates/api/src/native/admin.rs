//! What administrators do. Each operation needs a role that has the permission for it, by its method and path.

pub(super) mod document;
pub(super) mod job;
pub(super) mod job_page;
pub(super) mod role;
pub(super) mod service_key;
pub(super) mod user;

use identity::{Uid, User};

use super::{Call, Officer, Problem};

impl<I> Call<Officer, I> {
    /// The user that the path names.
    async fn user(&self) -> Result<User, Problem> {
        let uid = Uid::parse(self.segment("uid")).ok_or(identity::Refusal::NoSuchUser)?;
        Ok(self.people().users.by_uid(&uid).await?.ok_or(identity::Refusal::NoSuchUser)?)
    }
}
