//! By what way letters go.

use crate::{Mailbox, Smtp};

/// The way that letters go.
#[derive(Debug)]
pub enum Carrier {
    /// By a mail server.
    Smtp(Box<Smtp>),
    /// Nowhere: into the mailbox of a development server, for everybody to read.
    Mailbox(Mailbox),
}
