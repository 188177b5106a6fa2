//! Labels: what is known of a user. Levels are made of them.

use sea_orm::ConnectionTrait;

use crate::base::Base;
use crate::store::{from_sql, label as store, user as user_store};
use crate::user::{MAX_LEVEL, UserId};
use crate::users::Users;
use crate::{Error, Refusal};

/// Labels that one user may have.
pub const MAX_LABELS: u64 = 100;
const MAX_KEY_BYTES: usize = 64;
const MAX_VALUE_CHARS: usize = 255;
/// Rules of all levels together.
const MAX_RULES: usize = 100;

/// Whose word a label is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelScope {
    /// The exchange's: the user sees it, levels count it.
    Private,
    /// The user's own: it counts for nothing.
    Public,
}

impl LabelScope {
    /// The name in the database and in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
        }
    }

    /// By its name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Private, Self::Public].into_iter().find(|scope| scope.name() == name)
    }
}

/// A label of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What it is about: `email`, `phone`, `document`, `otp`.
    pub key: String,
    /// What is known: `verified`.
    pub value: String,
    /// Whose word it is.
    pub scope: LabelScope,
    /// When it was set, in microseconds since 1970.
    pub changed_at_us: u64,
}

/// What a level asks for, beside all that the levels below it do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelRule {
    /// 1 to [`MAX_LEVEL`].
    pub level: u8,
    /// The key of a private label.
    pub key: String,
    /// The value that it must have.
    pub value: String,
}

/// The labels of all users.
#[derive(Debug, Clone)]
pub struct Labels {
    base: Base,
    users: Users,
}

impl Labels {
    pub(crate) fn new(base: Base, users: Users) -> Self {
        Self { base, users }
    }

    /// The user's labels, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, user: UserId) -> Result<Vec<Label>, Error> {
        let rows = store::of(self.base.db.read(), user, MAX_LABELS).await?;
        Ok(rows.into_iter().filter_map(label).collect())
    }

    /// Sets a label and, with it, the level that follows. It gives the level.
    ///
    /// # Errors
    /// [`Refusal::Label`], [`Refusal::TooManyLabels`], [`Refusal::NoSuchUser`], or the database's.
    pub async fn set(&self, user: UserId, scope: LabelScope, key: &str, value: &str, now_us: u64) -> Result<u8, Error> {
        let write = self.base.db.begin().await?;
        let level = set(&write, user, scope, (key, value), now_us).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        self.changed(user);
        Ok(level)
    }

    /// Removes a label and sets the level that follows. It gives the level; `None`: there is no such label.
    ///
    /// # Errors
    /// [`Refusal::NoSuchUser`], or the database's.
    pub async fn remove(&self, user: UserId, scope: LabelScope, key: &str, now_us: u64) -> Result<Option<u8>, Error> {
        let write = self.base.db.begin().await?;
        let removed = remove(&write, user, scope, key, now_us).await?;
        write.commit().await?;
        self.base.db.make_durable().await?;
        self.changed(user);
        Ok(removed)
    }

    /// Sets a private label in the caller's transaction; after the commit the caller calls [`changed`](Self::changed).
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub async fn set_in(
        &self,
        write: &impl ConnectionTrait,
        user: UserId,
        key: &str,
        value: &str,
        now_us: u64,
    ) -> Result<u8, Error> {
        set(write, user, LabelScope::Private, (key, value), now_us).await
    }

    /// Removes a private label in the caller's transaction; after the commit the caller calls [`changed`](Self::changed).
    ///
    /// # Errors
    /// As [`remove`](Self::remove).
    pub async fn remove_in(
        &self,
        write: &impl ConnectionTrait,
        user: UserId,
        key: &str,
        now_us: u64,
    ) -> Result<Option<u8>, Error> {
        remove(write, user, LabelScope::Private, key, now_us).await
    }

    /// Forgets what memory holds of a user whose level changed.
    pub fn changed(&self, user: UserId) {
        self.users.changed(user);
    }

    /// What levels ask for, the lowest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn rules(&self) -> Result<Vec<LevelRule>, Error> {
        rules(self.base.db.read()).await
    }

    /// Changes what levels ask for. Levels of users follow when one of their labels changes next.
    ///
    /// # Errors
    /// [`Refusal::Label`] for a rule that is none, or more than a hundred; or the database's.
    pub async fn set_rules(&self, rules: &[LevelRule]) -> Result<(), Error> {
        let valid =
            |rule: &LevelRule| (1..=MAX_LEVEL).contains(&rule.level) && is_key(&rule.key) && is_value(&rule.value);
        if rules.len() > MAX_RULES || !rules.iter().all(valid) {
            return Err(Refusal::Label.into());
        }
        let rules: Vec<_> = rules.iter().map(|rule| (rule.level, rule.key.as_str(), rule.value.as_str())).collect();
        let write = self.base.db.begin().await?;
        store::replace_rules(&write, &rules).await?;
        write.commit().await?;
        Ok(self.base.db.make_durable().await?)
    }
}

/// Whether the user has verified the address.
pub(crate) async fn is_verified(read: &impl ConnectionTrait, user: UserId) -> Result<bool, Error> {
    let labels = store::of(read, user, MAX_LABELS).await?;
    let verified =
        |label: &Label| label.scope == LabelScope::Private && label.key == "email" && label.value == "verified";
    Ok(labels.into_iter().filter_map(label).any(|label| verified(&label)))
}

async fn set(
    write: &impl ConnectionTrait,
    user: UserId,
    scope: LabelScope,
    (key, value): (&str, &str),
    now_us: u64,
) -> Result<u8, Error> {
    if !is_key(key) || !is_value(value) {
        return Err(Refusal::Label.into());
    }
    // The user's row first: who sets two labels at once would else compute two levels from one each.
    user_store::lock(write, user).await?.ok_or(Refusal::NoSuchUser)?;
    store::set(write, user, scope.name(), (key, value), now_us).await?;
    if store::count(write, user).await? > MAX_LABELS {
        return Err(Refusal::TooManyLabels.into());
    }
    follow(write, user, now_us).await
}

async fn remove(
    write: &impl ConnectionTrait,
    user: UserId,
    scope: LabelScope,
    key: &str,
    now_us: u64,
) -> Result<Option<u8>, Error> {
    user_store::lock(write, user).await?.ok_or(Refusal::NoSuchUser)?;
    if !store::delete(write, user, scope.name(), key).await? {
        return Ok(None);
    }
    follow(write, user, now_us).await.map(Some)
}

/// Sets the level that the labels give.
async fn follow(write: &impl ConnectionTrait, user: UserId, now_us: u64) -> Result<u8, Error> {
    let labels = store::of(write, user, MAX_LABELS).await?;
    let labels: Vec<Label> = labels.into_iter().filter_map(label).collect();
    let level = level(&rules(write).await?, &labels);
    user_store::set_level(write, user, level, now_us).await?;
    Ok(level)
}

/// The highest level such that its rules and those of all levels below it are met. A level without rules is not reached.
fn level(rules: &[LevelRule], labels: &[Label]) -> u8 {
    let met = |rule: &LevelRule| {
        let same = |label: &Label| label.key == rule.key && label.value == rule.value;
        labels.iter().any(|label| label.scope == LabelScope::Private && same(label))
    };
    let reached = |level: &u8| {
        let mut of_level = rules.iter().filter(|rule| rule.level == *level).peekable();
        of_level.peek().is_some() && of_level.all(met)
    };
    (1..=MAX_LEVEL).take_while(reached).last().unwrap_or(0)
}

async fn rules(read: &impl ConnectionTrait) -> Result<Vec<LevelRule>, Error> {
    let rows = store::rules(read, MAX_RULES as u64).await?;
    let rule = |row: store::Rule| {
        u8::try_from(row.level).ok().map(|level| LevelRule { level, key: row.key, value: row.value })
    };
    Ok(rows.into_iter().filter_map(rule).collect())
}

/// A label of a scope that this version does not know counts for nothing.
fn label(row: store::Model) -> Option<Label> {
    let scope = LabelScope::from_name(&row.scope)?;
    Some(Label { key: row.key, value: row.value, scope, changed_at_us: from_sql(row.changed_at_us) })
}

fn is_key(key: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    (1..=MAX_KEY_BYTES).contains(&key.len()) && key.bytes().all(letter)
}

fn is_value(value: &str) -> bool {
    (1..=MAX_VALUE_CHARS).contains(&value.chars().count()) && !value.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(level: u8, key: &str) -> LevelRule {
        LevelRule { level, key: key.into(), value: "verified".into() }
    }

    fn known(key: &str, scope: LabelScope) -> Label {
        Label { key: key.into(), value: "verified".into(), scope, changed_at_us: 0 }
    }

    #[test]
    fn a_level_needs_all_below_it() {
        let rules = [rule(1, "email"), rule(2, "phone"), rule(2, "otp"), rule(3, "document")];
        let label = |key| known(key, LabelScope::Private);
        for (labels, expected) in [
            (vec![], 0),
            (vec![label("email")], 1),
            (vec![label("phone"), label("otp"), label("document")], 0),
            (vec![label("email"), label("phone")], 1),
            (vec![label("email"), label("phone"), label("otp")], 2),
            (vec![label("email"), label("phone"), label("otp"), label("document")], 3),
            (vec![label("email"), known("phone", LabelScope::Public), label("otp")], 1),
            (vec![known("email", LabelScope::Public)], 0),
        ] {
            assert_eq!(level(&rules, &labels), expected, "{labels:?}");
        }
        assert_eq!(level(&[rule(2, "email")], &[label("email")]), 0, "level 1 has no rules");
        let other = Label { value: "rejected".into(), ..label("email") };
        assert_eq!(level(&rules, &[other]), 0);
    }
}
