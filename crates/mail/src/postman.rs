//! Writes letters out and hands them over.

use runtime::config::Mail;

use crate::message::Sender;
use crate::{Carrier, Error, Letter, Mailbox, SendError, Smtp, Templates};

/// The sender in a development mailbox when the settings name none.
const DEVELOPMENT_FROM: &str = "no-reply@rialto.invalid";

/// What became of a letter that was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Its `Message-ID`, with the angle brackets.
    pub message_id: String,
    /// What the server said, or where it lies.
    pub answer: String,
}

/// Delivers letters, one at a time each. Share it in an `Arc`.
#[derive(Debug)]
pub struct Postman {
    templates: Templates,
    sender: Sender,
    carrier: Carrier,
}

impl Postman {
    /// By the mail server of the settings; nothing is opened yet.
    ///
    /// # Errors
    /// [`Error::Settings`] without server or sender, and for what cannot be used; [`Error::Template`] for an operator's template.
    pub fn smtp(settings: &Mail) -> Result<Self, Error> {
        let from = settings.from.as_deref().ok_or_else(|| Error::Settings("mail.from is not set".to_owned()))?;
        let sender = Sender::new(from, settings.reply_to.as_deref())?;
        let smtp = Smtp::new(settings, sender.from.email.domain())?;
        Ok(Self { templates: templates(settings)?, sender, carrier: Carrier::Smtp(Box::new(smtp)) })
    }

    /// Into the mailbox of a development server.
    ///
    /// # Errors
    /// As for [`smtp`](Self::smtp), without the server.
    pub fn development(settings: &Mail, mailbox: Mailbox) -> Result<Self, Error> {
        let from = settings.from.as_deref().unwrap_or(DEVELOPMENT_FROM);
        let sender = Sender::new(from, settings.reply_to.as_deref())?;
        Ok(Self { templates: templates(settings)?, sender, carrier: Carrier::Mailbox(mailbox) })
    }

    /// The mailbox of a development server, when letters go there.
    pub fn mailbox(&self) -> Option<&Mailbox> {
        match &self.carrier {
            Carrier::Smtp(_) => None,
            Carrier::Mailbox(mailbox) => Some(mailbox),
        }
    }

    /// Writes a letter out and hands it over. Delivered again, after an error that left it open whether the server took it, it is
    /// the same message with the same `Message-ID`.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn deliver(&self, letter: &Letter) -> Result<Delivered, SendError> {
        let rendered = self.templates.render(letter)?;
        let message_id = self.sender.message_id(letter);
        let answer = match &self.carrier {
            Carrier::Smtp(smtp) => smtp.send(&self.sender.message(letter, rendered)?).await?,
            Carrier::Mailbox(mailbox) => {
                mailbox.store(letter, &rendered).await?;
                "in the development mailbox".to_owned()
            }
        };
        Ok(Delivered { message_id, answer })
    }
}

fn templates(settings: &Mail) -> Result<Templates, Error> {
    match &settings.templates_dir {
        Some(folder) => Templates::with_folder(&settings.site_name, folder),
        None => Ok(Templates::embedded(&settings.site_name)),
    }
}
