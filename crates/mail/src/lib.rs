#![doc = include_str!("../README.md")]

mod carrier;
mod data;
mod error;
mod letter;
mod locale;
mod mail;
mod mailbox;
mod message;
mod migrations;
mod page;
mod postman;
mod sample;
mod sealed;
mod smtp;
mod store;
mod template;
mod templates;

pub use carrier::Carrier;
pub use data::Data;
pub use error::{Error, SendError};
pub use letter::Letter;
pub use locale::Locale;
pub use mail::{KIND, Mail, QUEUE, Sent};
pub use mailbox::{Entry, Mailbox, Stored};
pub use migrations::migrations;
pub use page::{letter_page, list_page};
pub use postman::{Delivered, Postman};
pub use sample::sample;
pub use sealed::SealedLetter;
pub use smtp::Smtp;
pub use template::{Field, Kind, Part, Template};
pub use templates::{Rendered, Templates};
