//! One document: its kind, its states, and what its owner says of it.

use jiff::civil::Date;

use super::DocumentError;
use super::content::MediaType;

/// Characters of a number.
const MAX_NUMBER_CHARS: usize = 64;
/// Characters of a file's name that are kept.
const MAX_NAME_CHARS: usize = 100;
/// Characters of a reason.
const MAX_REASON_CHARS: usize = 500;

/// What a document shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// A passport.
    Passport,
    /// An identity card.
    IdCard,
    /// A driving licence.
    DrivingLicence,
    /// A bill or a statement with name and address.
    ProofOfAddress,
    /// The user's face, with or without a document.
    Selfie,
}

impl DocumentKind {
    const ALL: [Self; 5] = [Self::Passport, Self::IdCard, Self::DrivingLicence, Self::ProofOfAddress, Self::Selfie];

    /// The name in the database and to clients.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passport => "passport",
            Self::IdCard => "id_card",
            Self::DrivingLicence => "driving_licence",
            Self::ProofOfAddress => "proof_of_address",
            Self::Selfie => "selfie",
        }
    }

    /// By its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it has a number and an issuing country.
    const fn is_numbered(self) -> bool {
        matches!(self, Self::Passport | Self::IdCard | Self::DrivingLicence)
    }
}

/// Where a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentState {
    /// It waits for a reviewer.
    Pending,
    /// A reviewer found it right.
    Approved,
    /// A reviewer found it wrong, and said why.
    Rejected,
    /// It was right, and its time is over.
    Expired,
}

impl DocumentState {
    const ALL: [Self; 4] = [Self::Pending, Self::Approved, Self::Rejected, Self::Expired];

    /// The name in the database and to clients.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
        }
    }

    /// By its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What a user hands in.
#[derive(Debug, Clone)]
pub struct NewDocument<'a> {
    /// What it shows.
    pub kind: DocumentKind,
    /// Its number; passports, cards and licences have one.
    pub number: Option<&'a str>,
    /// The country that issued it, two capital letters (ISO 3166-1).
    pub country: Option<&'a str>,
    /// The last day on which it is valid.
    pub expires_on: Option<Date>,
    /// The name of the file at the client's: shown, and used for nothing.
    pub file_name: &'a str,
}

impl NewDocument<'_> {
    /// Checks the fields; `today` is a date of UTC.
    pub(super) fn check(&self, today: Date) -> Result<(), DocumentError> {
        let number = self.number.map(str::trim);
        if self.kind.is_numbered() && (number.is_none() || self.country.is_none()) {
            return Err(DocumentError::Field("this document needs its number and the country that issued it"));
        }
        let wrong = |number: &str| {
            number.is_empty() || number.chars().count() > MAX_NUMBER_CHARS || number.contains(char::is_control)
        };
        if number.is_some_and(wrong) {
            return Err(DocumentError::Field("a number has 1 to 64 characters"));
        }
        let no_country = |text: &str| text.len() != 2 || !text.bytes().all(|byte| byte.is_ascii_uppercase());
        if self.country.is_some_and(no_country) {
            return Err(DocumentError::Field("a country has two capital letters (ISO 3166-1)"));
        }
        if self.expires_on.is_some_and(|day| day < today) {
            return Err(DocumentError::Field("this document has expired"));
        }
        Ok(())
    }

    /// The client's name of the file, made fit to be shown: its last part, without control characters, and bounded. No path is made of it.
    pub(super) fn label(&self) -> String {
        let last = self.file_name.rsplit(['/', '\\']).next().unwrap_or_default();
        let hidden = |letter: &char| !letter.is_control() && !('\u{202a}'..='\u{202e}').contains(letter);
        last.chars().filter(hidden).take(MAX_NAME_CHARS).collect()
    }
}

/// What a reviewer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// It is right.
    Approve,
    /// It is wrong; the owner is told why.
    Reject {
        /// Why: 1 to 500 characters.
        reason: &'a str,
    },
}

impl Verdict<'_> {
    pub(super) fn state(&self) -> DocumentState {
        match self {
            Self::Approve => DocumentState::Approved,
            Self::Reject { .. } => DocumentState::Rejected,
        }
    }

    pub(super) fn reason(&self) -> Result<Option<&str>, DocumentError> {
        let Self::Reject { reason } = self else { return Ok(None) };
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > MAX_REASON_CHARS {
            return Err(DocumentError::Field("a reason has 1 to 500 characters"));
        }
        Ok(Some(reason))
    }
}

/// A document as its owner and reviewers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The number of its row.
    pub id: i64,
    /// The owner's row.
    pub user_id: i64,
    /// What it shows.
    pub kind: DocumentKind,
    /// Its number.
    pub number: Option<String>,
    /// The country that issued it.
    pub country: Option<String>,
    /// The last day on which it is valid.
    pub expires_on: Option<Date>,
    /// The name of the file at the client's.
    pub file_name: String,
    /// What the file is.
    pub media_type: MediaType,
    /// Its size.
    pub bytes: u64,
    /// Where it stands.
    pub state: DocumentState,
    /// When it came, in microseconds since 1970.
    pub uploaded_at_us: u64,
    /// Who judged it: a user's row.
    pub reviewer_id: Option<i64>,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// When it was judged.
    pub reviewed_at_us: Option<u64>,
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{DocumentKind, NewDocument};

    fn new(file_name: &str) -> NewDocument<'_> {
        NewDocument {
            kind: DocumentKind::Passport,
            number: Some("X1"),
            country: Some("DE"),
            expires_on: Some(date(2030, 1, 1)),
            file_name,
        }
    }

    #[test]
    fn names_of_files_are_labels() {
        for (name, label) in [
            ("passport.jpg", "passport.jpg"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Documents\\me.png", "me.png"),
            ("a\0b\n\u{202e}gpj.exe", "abgpj.exe"),
            ("..", ".."),
            ("", ""),
        ] {
            assert_eq!(new(name).label(), label, "{name:?}");
        }
        assert_eq!(new(&"ä".repeat(1_000)).label().chars().count(), 100);
    }

    #[test]
    fn fields_are_checked() {
        let today = date(2029, 12, 31);
        new("x").check(today).unwrap();
        new("x").check(date(2030, 1, 1)).unwrap();
        let long = "1".repeat(65);
        for wrong in [
            NewDocument { number: None, ..new("x") },
            NewDocument { country: None, ..new("x") },
            NewDocument { number: Some(" "), ..new("x") },
            NewDocument { number: Some(&long), ..new("x") },
            NewDocument { number: Some("a\u{7}"), ..new("x") },
            NewDocument { country: Some("de"), ..new("x") },
            NewDocument { country: Some("DEU"), ..new("x") },
            NewDocument { expires_on: Some(date(2029, 12, 30)), ..new("x") },
        ] {
            assert!(wrong.check(today).is_err(), "{wrong:?}");
        }
        let selfie =
            NewDocument { kind: DocumentKind::Selfie, number: None, country: None, expires_on: None, ..new("x") };
        selfie.check(today).unwrap();
    }
}
