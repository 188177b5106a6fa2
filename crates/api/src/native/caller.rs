//! Who asks, as far as an access level knows it.

use identity::{Device, User};
use model::AccountId;

/// A user in person: an access token, as a bearer or in a cookie, whose session lives.
#[derive(Debug, Clone)]
pub struct Person {
    /// The user as it is now.
    pub user: User,
    /// The session.
    pub sid: String,
    /// How the user proved who he is.
    pub amr: Vec<String>,
}

/// A user in person, or a program with one of the account's API keys.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Whose affairs it is about.
    pub account: AccountId,
    /// The user; none where an operator made the key for an account that nobody signed up for.
    pub user: Option<User>,
    /// The session, if it is the user in person.
    pub sid: Option<String>,
}

/// A user in person who has just shown a code of the authenticator.
#[derive(Debug, Clone)]
pub struct Verified(pub Person);

/// A user in person whose role may do this operation.
#[derive(Debug, Clone)]
pub struct Officer(pub Person);

/// A program of the exchange, or of a friend, by a service key with the scope of the operation.
#[derive(Debug, Clone)]
pub struct Service {
    /// The public part of the key.
    pub key: String,
}

/// One request to one operation.
#[derive(Debug)]
pub struct Call<W, I> {
    /// The program.
    pub app: crate::App,
    /// Who asks.
    pub who: W,
    /// What was sent.
    pub input: I,
    /// From where, and with what.
    pub device: Device,
    /// Values of the path, in its order.
    pub path: Vec<(String, String)>,
    /// The cookies that the browser sent.
    pub cookies: super::cookies::Cookies,
    /// When it came, in microseconds since 1970.
    pub now_us: u64,
}

impl<W, I> Call<W, I> {
    /// The value of the path with this name; empty if the operation's path has none, which no operation of ours asks for.
    pub fn segment(&self, name: &str) -> &str {
        self.path.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Everything about people.
    pub fn people(&self) -> &identity::People {
        &self.app.native.people
    }
}
