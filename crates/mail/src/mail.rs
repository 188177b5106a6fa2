//! Letters on their way through a queue: into it, and out of it to the postman.

use std::fmt;
use std::sync::Arc;

use runtime::clock::Clock;
use runtime::entropy::Random;
use runtime::secrets::SealingKey;
use serde_json::Value;

use crate::{Data, Delivered, Error, Letter, Locale, Mailbox, Postman, SealedLetter, SendError, Template};

/// The queue that letters wait in: they share its limits and its pause.
pub const QUEUE: &str = "mail";
/// The kind of job that sends a letter.
pub const KIND: &str = "mail.letter";

/// Most bytes of a payload; the largest letter needs less.
const MAX_PAYLOAD: usize = 64 << 10;

/// What became of a letter out of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It is delivered: the job is done.
    Done(Delivered),
    /// Not yet, for this reason: the job is tried again.
    Later(String),
    /// Never, for this reason: the job is a dead letter.
    Never(String),
}

/// Letters by a queue. Share it in an `Arc`.
///
/// The queue is another's: [`seal`](Self::seal) makes the payload of a job, to be written in the transaction that gives reason to
/// the letter, and [`send`](Self::send) takes it from there.
pub struct Mail {
    postman: Option<Postman>,
    sealing: SealingKey,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("postman", &self.postman).finish_non_exhaustive()
    }
}

impl Mail {
    /// Letters that `postman` delivers and `sealing` keeps secret while they wait. Without a postman they only wait.
    pub fn new(postman: Option<Postman>, sealing: SealingKey, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { postman, sealing, clock, random }
    }

    /// Whether there is a postman.
    pub fn delivers(&self) -> bool {
        self.postman.is_some()
    }

    /// The payload of a job that sends a letter.
    ///
    /// # Errors
    /// Those of [`Letter::new`], so that a job that could never be done is not begun.
    pub fn seal(&self, to: &str, template: Template, locale: Locale, data: Data) -> Result<Value, Error> {
        let letter = Letter::new(&*self.random, self.clock.now_us(), to, template, locale, data)?;
        let sealed = SealedLetter::seal(&letter, &self.sealing, &*self.random);
        Ok(serde_json::to_value(sealed).expect("texts and a number are always JSON"))
    }

    /// Sends the letter of a payload. Done again, it is the same message once more.
    pub async fn send(&self, payload: &str) -> Sent {
        let letter = match self.open(payload) {
            Ok(letter) => letter,
            Err(error) => return Sent::Never(error.to_string()),
        };
        let Some(postman) = &self.postman else { return Sent::Later("there is no mail server".to_owned()) };
        match postman.deliver(&letter).await {
            Ok(delivered) => Sent::Done(delivered),
            Err(SendError::Transient(why)) => Sent::Later(why),
            Err(SendError::Final(why)) => Sent::Never(why),
        }
    }

    /// The mailbox of a development server, where letters lie; nothing when they really leave.
    pub fn mailbox(&self) -> Option<&Mailbox> {
        self.postman.as_ref()?.mailbox()
    }

    fn open(&self, payload: &str) -> Result<Letter, Error> {
        if payload.len() > MAX_PAYLOAD {
            return Err(Error::Unreadable("it is too large"));
        }
        // What the parser says may repeat the payload.
        let sealed: SealedLetter = serde_json::from_str(payload).map_err(|_| Error::Unreadable("it is no letter"))?;
        sealed.open(&self.sealing)
    }
}
