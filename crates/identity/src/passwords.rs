//! Passwords: how they are hashed, and which are taken.

mod breached;
mod hash;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use runtime::config;
use runtime::entropy::{Random, alphanumeric};
use runtime::secrets::Secret;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use crate::{Error, Refusal};
use breached::Breached;
use hash::Hasher;

/// The lengths of passwords, in characters.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=128;

/// What checking a password told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checked {
    Wrong,
    Right,
    /// Right, but hashed as is no longer usual: hash it again.
    Outdated,
}

/// Hashes and judges passwords: all work of that kind runs here, beside the tasks that serve, and bounded.
#[derive(Debug)]
pub struct Passwords {
    random: Arc<dyn Random>,
    hasher: Arc<Hasher>,
    breached: Option<Arc<Breached>>,
    min_score: u8,
    /// Those who compute or wait to.
    admitted: Arc<Semaphore>,
    /// Those who compute.
    running: Arc<Semaphore>,
    /// The hash that is checked where there is none, so that both take as long.
    nobody: String,
    hashes: AtomicU64,
}

impl Passwords {
    /// By the settings; opens the list of breached passwords, if there is one.
    ///
    /// # Errors
    /// [`Error::Settings`] for parameters that contradict each other, and a list that cannot be read or is none.
    pub fn new(settings: &config::Passwords, random: Arc<dyn Random>) -> Result<Self, Error> {
        let hasher = Hasher::new(settings)?;
        let breached = settings.breached_file.as_deref().map(Breached::open).transpose()?;
        let nobody = hasher.hash(alphanumeric(&*random, 32).expose(), &salt(&*random))?;
        Ok(Self {
            random,
            hasher: Arc::new(hasher),
            breached: breached.map(Arc::new),
            min_score: settings.min_score,
            admitted: Arc::new(Semaphore::new(settings.at_once + settings.waiting)),
            running: Arc::new(Semaphore::new(settings.at_once)),
            nobody,
            hashes: AtomicU64::new(0),
        })
    }

    /// How many hashes were computed: equal answers must cost equal work, which tests see here.
    pub fn hashes(&self) -> u64 {
        self.hashes.load(Ordering::Relaxed)
    }

    /// Judges a new password. `words` are the user's own, such as parts of the address, which make it easy to guess.
    ///
    /// # Errors
    /// [`Refusal::PasswordLength`], [`Refusal::PasswordWeak`], [`Refusal::PasswordBreached`], [`Refusal::Busy`]; or the list cannot be read.
    pub async fn judge(&self, password: &Secret<String>, words: &[&str]) -> Result<(), Error> {
        let password = normal(password)?;
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let (min_score, breached) = (self.min_score, self.breached.clone());
        let judged = self.beside(move || {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            if u8::from(zxcvbn::zxcvbn(password.expose(), &words).score()) < min_score {
                return Err(Error::Refused(Refusal::PasswordWeak));
            }
            match breached {
                Some(list) if list.contains(password.expose())? => Err(Error::Refused(Refusal::PasswordBreached)),
                _ => Ok(()),
            }
        });
        judged.await?
    }

    /// The hash to be stored, with its parameters and a new salt (PHC string format).
    ///
    /// # Errors
    /// [`Refusal::PasswordLength`], [`Refusal::Busy`].
    pub async fn hash(&self, password: &Secret<String>) -> Result<String, Error> {
        let password = normal(password)?;
        let (hasher, salt) = (self.hasher.clone(), salt(&*self.random));
        self.hashes.fetch_add(1, Ordering::Relaxed);
        self.beside(move || hasher.hash(password.expose(), &salt)).await?
    }

    /// Checks a password. Without a hash it takes as long, and is wrong.
    pub(crate) async fn check(&self, password: &Secret<String>, hash: Option<&str>) -> Result<Checked, Error> {
        let password = normal(password)?;
        let (hasher, known) = (self.hasher.clone(), hash.is_some());
        let hash = hash.unwrap_or(&self.nobody).to_owned();
        self.hashes.fetch_add(1, Ordering::Relaxed);
        let checked = self.beside(move || hasher.check(password.expose(), &hash)).await??;
        Ok(if known { checked } else { Checked::Wrong })
    }

    /// Runs work on a thread of its own. The permits go with it: who stops waiting for the answer does not make room for more.
    async fn beside<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let admitted = self.admitted.clone().try_acquire_owned().map_err(|_| Error::Refused(Refusal::Busy))?;
        let running = self.running.clone().acquire_owned().await.map_err(|_| Error::Refused(Refusal::Busy))?;
        let task = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((running, admitted));
            done
        });
        task.await.map_err(|error| Error::Internal(format!("hashing a password: {error}")))
    }
}

/// The password in Unicode's normal form KC, so that all keyboards write the same one (NIST SP 800-63B, 3.1.1.2).
fn normal(password: &Secret<String>) -> Result<Secret<String>, Refusal> {
    // A character has four bytes at most; longer texts are not even looked at.
    if password.expose().len() > 4 * *PASSWORD_CHARS.end() {
        return Err(Refusal::PasswordLength);
    }
    let normal = Secret::new(password.expose().nfkc().collect::<String>());
    if PASSWORD_CHARS.contains(&normal.expose().chars().count()) { Ok(normal) } else { Err(Refusal::PasswordLength) }
}

fn salt(random: &dyn Random) -> [u8; 16] {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    salt
}

#[cfg(test)]
mod tests {
    use runtime::entropy::SystemRandom;

    use super::*;

    fn settings() -> config::Passwords {
        config::Passwords { memory_kib: 8_192, passes: 1, ..config::Settings::defaults().identity.passwords }
    }

    fn passwords(settings: &config::Passwords) -> Passwords {
        Passwords::new(settings, Arc::new(SystemRandom::new())).unwrap()
    }

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> Refusal {
        match result.unwrap_err() {
            Error::Refused(refusal) => refusal,
            other => panic!("{other}"),
        }
    }

    #[tokio::test]
    async fn a_password_is_right_with_its_own_hash_only() {
        let passwords = passwords(&settings());
        let hash = passwords.hash(&secret("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8192,t=1,p=1$"), "{hash}");
        assert_eq!(passwords.check(&secret("correct horse"), Some(&hash)).await.unwrap(), Checked::Right);
        assert_eq!(passwords.check(&secret("correct hors3"), Some(&hash)).await.unwrap(), Checked::Wrong);
        assert_eq!(passwords.check(&secret("correct horse"), None).await.unwrap(), Checked::Wrong);
        assert_ne!(hash, passwords.hash(&secret("correct horse")).await.unwrap(), "each has its own salt");
        assert_eq!(passwords.hashes(), 5);
    }

    #[tokio::test]
    async fn the_same_letters_of_two_keyboards_are_one_password() {
        let passwords = passwords(&settings());
        let hash = passwords.hash(&secret("pässword ﬁve")).await.unwrap();
        assert_eq!(passwords.check(&secret("pa\u{308}ssword five"), Some(&hash)).await.unwrap(), Checked::Right);
    }

    #[tokio::test]
    async fn a_hash_of_other_parameters_is_outdated() {
        let old = passwords(&config::Passwords { passes: 2, ..settings() });
        let hash = old.hash(&secret("correct horse")).await.unwrap();
        let passwords = passwords(&settings());
        assert_eq!(passwords.check(&secret("correct horse"), Some(&hash)).await.unwrap(), Checked::Outdated);
        assert_eq!(passwords.check(&secret("correct hors3"), Some(&hash)).await.unwrap(), Checked::Wrong);
    }

    #[tokio::test]
    async fn lengths_and_strength_are_judged() {
        let passwords = passwords(&settings());
        for (password, expected) in [
            ("seven77", Refusal::PasswordLength),
            (&"x".repeat(129), Refusal::PasswordLength),
            (&"€".repeat(10_000), Refusal::PasswordLength),
            ("password1", Refusal::PasswordWeak),
            ("qwertyuiop", Refusal::PasswordWeak),
            // The user's own words.
            ("jabberwocky1871", Refusal::PasswordWeak),
        ] {
            assert_eq!(
                refusal(passwords.judge(&secret(password), &["jabberwocky", "1871"]).await),
                expected,
                "{password}"
            );
        }
        passwords.judge(&secret("seven tall giraffes hum"), &["alice"]).await.unwrap();
        passwords.judge(&secret(&"sieben-Giraffen/summen!".repeat(5)), &[]).await.unwrap();
        assert_eq!(passwords.hashes(), 0, "judging does not hash");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn more_than_may_wait_are_refused_by_name() {
        let passwords = Arc::new(passwords(&config::Passwords { at_once: 1, waiting: 1, ..settings() }));
        // Both places are taken by work that waits for this test.
        let (release, held) = std::sync::mpsc::channel::<()>();
        let mut tasks = tokio::task::JoinSet::new();
        let first = passwords.clone();
        tasks.spawn(async move { first.beside(move || held.recv().is_ok()).await.unwrap() });
        let second = passwords.clone();
        tasks.spawn(async move { second.beside(|| true).await.unwrap() });
        while passwords.admitted.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(refusal(passwords.hash(&secret("correct horse")).await), Refusal::Busy);
        release.send(()).unwrap();
        assert_eq!(tasks.join_all().await, [true, true]);
        passwords.hash(&secret("correct horse")).await.unwrap();
    }
}
