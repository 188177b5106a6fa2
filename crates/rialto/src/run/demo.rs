//! `--demo`: markets to trade in, and two funded accounts with API keys.

use std::sync::Arc;

use api::ports::Exchange;
use coins::Coins;
use identity::{Email, People, Permissions, Refusal, User};
use model::{AccountId, Command, Envelope, Event, SourceId, SourceSeq, system};
use node::{Node, StartReport};
use runtime::entropy::{Random, alphanumeric};

use super::catalog;
use super::people::Ground;
use crate::adapters::Gifts;

/// The demo's accounts.
const ACCOUNTS: [(&str, AccountId); 2] = [("alice", AccountId(1_000)), ("bob", AccountId(1_001))];

/// A sub-account of alice, without money and without a key of its own.
const SUB_ACCOUNT: AccountId = AccountId(1_002);
/// What is told of the demo's assets.
const COINS: &str = include_str!("demo_coins.toml");

/// Who may do everything on a demo.
const ADMIN: &str = "admin@demo.example";
/// Characters of the passwords that a demo makes.
const PASSWORD_CHARS: usize = 20;

/// Label of the demo's API keys.
const LABEL: &str = "demo";

/// Lists the markets, opens and funds the accounts, makes their keys, and an administrator; what an earlier start did is not done
/// again.
pub(super) async fn prepare(node: &Node, ground: &Ground, people: &People) -> anyhow::Result<()> {
    let Ground { keys, random, .. } = ground;
    let now_us = ground.clock.now_us();
    let receipt = node.submit_together(commands()).await?;
    for (index, _) in receipt.batch.steps.iter().enumerate().skip(receipt.index).take(commands().len()) {
        for event in receipt.batch.events_of(index) {
            // A start on a store that was not made by --demo must not mix the two.
            anyhow::ensure!(
                !matches!(event, Event::Rejected { .. }),
                "the demo does not fit what this data folder holds ({event:?}); give --demo a folder of its own with --data"
            );
        }
    }
    Coins::new(ground.db.clone()).seed(&coins::parse_file(COINS)?, now_us).await?;
    for market in catalog::markets() {
        println!("demo market {}", market.symbol);
    }
    println!("demo sub-account {SUB_ACCOUNT} of alice");
    for (name, account) in ACCOUNTS {
        found(people, &format!("{name}@demo.example"), Some(account.0), &**random, now_us).await?;
        let owner = i64::from(account.0);
        let is_known = keys.list(owner).await?.iter().any(|key| key.label == LABEL);
        if is_known {
            println!("demo account {name}: its key was shown at the first start");
        } else {
            let made = keys.create(owner, LABEL, Permissions::READ_TRADE, now_us).await?;
            println!("demo account {name} key={} secret={}", made.key, made.secret.expose());
        }
    }
    let admin = found(people, ADMIN, None, &**random, now_us).await?;
    match people.roles.appoint_first(admin.id, now_us).await {
        // There is one already, of this start or of an operator's choice.
        Err(identity::Error::Refused(Refusal::Forbidden)) | Ok(()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What a new user finds in the account: as much as the demo's first two have.
pub(super) fn gifts(exchange: &Arc<dyn Exchange>, report: &StartReport) -> Gifts {
    let each = catalog::assets().into_iter().map(|(asset, amount)| (asset.id, amount)).collect();
    let used = report.sources.get(&SourceId::DEMO_GIFTS).copied().unwrap_or_default();
    Gifts::new(exchange.clone(), each, used)
}

/// Makes a user with a password that is shown once, unless there is one of this address.
async fn found(
    people: &People,
    email: &str,
    account: Option<u32>,
    random: &dyn Random,
    now_us: u64,
) -> anyhow::Result<User> {
    let email = Email::parse(email)?;
    if let Some(user) = people.users.by_email(&email).await? {
        return Ok(user);
    }
    let password = alphanumeric(random, PASSWORD_CHARS);
    let user = people.found(&email, &password, account, now_us).await?;
    println!("demo user {} uid={} password={}", email.as_str(), user.uid, password.expose());
    Ok(user)
}

/// All commands of the demo, numbered as one source: the engine ignores those that it has applied.
fn commands() -> Vec<Envelope> {
    let mut commands: Vec<Command> = catalog::assets().iter().map(|(asset, _)| Command::AddAsset(*asset)).collect();
    commands.extend(catalog::markets().into_iter().map(|market| Command::AddMarket(Box::new(market))));
    for (_, account) in ACCOUNTS {
        commands.push(Command::OpenAccount { account, parent: AccountId(0) });
        commands.extend(catalog::assets().into_iter().map(|(asset, amount)| Command::Transfer {
            from: system::CUSTODY,
            to: account,
            asset: asset.id,
            amount,
        }));
    }
    let [(_, alice), _] = ACCOUNTS;
    commands.push(Command::OpenAccount { account: SUB_ACCOUNT, parent: alice });
    let numbered = (1..).zip(commands);
    numbered
        .map(|(position, command)| Envelope { source: SourceId::BOOTSTRAP, source_seq: SourceSeq(position), command })
        .collect()
}
