//! `rialto people`: the operator's tools for users. What administrators do, they do in the exchange; this makes the first one.

use std::sync::Arc;

use clap::{Args, Subcommand};
use identity::{Email, People as Users, Ports, Refusal};
use runtime::entropy::alphanumeric;

use crate::adapters::Elsewhere;
use crate::desk::{Desk, Place};

/// Characters of the passwords that are made here.
const PASSWORD_CHARS: usize = 20;

/// Looks after users
#[derive(Debug, Args)]
pub(crate) struct People {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Makes an active user with a password that is shown once; a running exchange opens its account within a minute
    Add {
        /// The address, which counts as verified
        email: String,
    },
    /// Makes a user the first superadmin, who gives all other roles in the exchange; refused if there is one
    Appoint {
        /// The user's address
        email: String,
    },
    /// Shows a user
    Show {
        /// The user's address
        email: String,
    },
}

/// Runs the tool. `false`: there is no such user, or there is one already.
pub(crate) fn run(people: &People) -> anyhow::Result<bool> {
    people.place.work(async |desk| act(desk, &people.action).await)
}

async fn act(desk: &Desk, action: &Action) -> anyhow::Result<bool> {
    let users = users(desk).await?;
    let (Action::Add { email } | Action::Appoint { email } | Action::Show { email }) = action;
    let email = Email::parse(email)?;
    let known = users.users.by_email(&email).await?;
    match (action, known) {
        (Action::Add { .. }, Some(_)) => println!("there is a user with this address"),
        (Action::Add { .. }, None) => {
            let password = alphanumeric(&*desk.random, PASSWORD_CHARS);
            let user = users.found(&email, &password, None, desk.now_us).await?;
            println!("uid={} account={} password={}", user.uid, user.account, password.expose());
            return Ok(true);
        }
        (_, None) => println!("there is no user with this address"),
        (Action::Appoint { .. }, Some(user)) => match users.roles.appoint_first(user.id, desk.now_us).await {
            Ok(()) => {
                println!("uid={} role=superadmin", user.uid);
                return Ok(true);
            }
            Err(identity::Error::Refused(Refusal::Forbidden)) => {
                println!("there is a superadmin, who gives all other roles in the exchange");
            }
            Err(error) => return Err(error.into()),
        },
        (Action::Show { .. }, Some(user)) => {
            let (state, role) = (user.state.name(), user.role.as_str());
            println!("uid={} account={} state={state} role={role} level={}", user.uid, user.account, user.level);
            return Ok(true);
        }
    }
    Ok(false)
}

async fn users(desk: &Desk) -> anyhow::Result<Users> {
    let outside = Arc::new(Elsewhere);
    let ports = Ports { notices: outside.clone(), accounts: outside.clone(), blocks: outside.clone(), texts: outside };
    let (settings, site) = (&desk.settings.identity, &desk.settings.site.name);
    let (db, sealing, random) = (desk.db.clone(), desk.sealing.clone(), desk.random.clone());
    Ok(Users::start(db, sealing, random, settings, site, ports, desk.now_us).await?)
}
