//! The letters that there are, and what each needs to be told.

use crate::Locale;

/// How the value of a variable is read and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One line of text, at most [`Field::MAX_TEXT`] characters.
    Text,
    /// The same, or nothing: it may be empty or not given.
    Optional,
    /// An address of the exchange's own site: `https://…` or `http://…`, at most [`Field::MAX_LINK`] bytes of ASCII.
    Link,
    /// A whole number.
    Number,
    /// A moment in microseconds since 1970, shown in UTC in the form of the language.
    Time,
}

/// A variable of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in the template.
    pub name: &'static str,
    /// How it is read.
    pub kind: Kind,
}

impl Field {
    /// Most characters of a text.
    pub const MAX_TEXT: usize = 500;
    /// Most bytes of a link.
    pub const MAX_LINK: usize = 2_000;
}

/// A part of a letter; each is a file of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The subject, one line.
    Subject,
    /// The letter as plain text.
    Text,
    /// The letter as HTML.
    Html,
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 3] = [Self::Subject, Self::Text, Self::Html];

    /// The ending of its file's name.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Text => "txt",
            Self::Html => "html",
        }
    }

    /// Most bytes that it may have in a letter.
    pub const fn limit(self) -> usize {
        match self {
            Self::Subject => 200,
            Self::Text => 32 << 10,
            Self::Html => 64 << 10,
        }
    }
}

macro_rules! source {
    ($name:literal, $file:literal) => {
        include_str!(concat!("../templates/", $name, "/", $file))
    };
}

/// Makes the list of templates; that a file is missing is found by the compiler.
macro_rules! templates {
    ($($(#[$doc:meta])* $variant:ident = $name:literal { $($field:ident: $kind:ident),* $(,)? })+) => {
        /// A letter that this program writes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Template {
            $($(#[$doc])* $variant,)+
        }

        impl Template {
            /// Every template.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name, which is also that of its folder.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Its variables. A letter gives all of them, but for optional ones, and no others.
            pub const fn fields(self) -> &'static [Field] {
                match self {
                    $(Self::$variant => &[$(Field { name: stringify!($field), kind: Kind::$kind }),*]),+
                }
            }

            /// The text of one of its files.
            pub(crate) const fn source(self, locale: Locale, part: Part) -> &'static str {
                match self {
                    $(Self::$variant => match (locale, part) {
                        (Locale::En, Part::Subject) => source!($name, "en.subject"),
                        (Locale::En, Part::Text) => source!($name, "en.txt"),
                        (Locale::En, Part::Html) => source!($name, "en.html"),
                        (Locale::De, Part::Subject) => source!($name, "de.subject"),
                        (Locale::De, Part::Text) => source!($name, "de.txt"),
                        (Locale::De, Part::Html) => source!($name, "de.html"),
                    }),+
                }
            }
        }
    };
}

templates! {
    /// Asks a new user to confirm that the address is theirs.
    VerifyEmail = "verify-email" { link: Link, valid_minutes: Number }
    /// Tells the owner of an address that somebody tried to sign up with it: the sign-up itself answers as if it were new. The link
    /// leads to where a new password is asked for.
    AlreadyRegistered = "already-registered" { link: Link }
    /// The way to a new password.
    ResetPassword = "reset-password" { link: Link, valid_minutes: Number }
    /// The password is another one now.
    PasswordChanged = "password-changed" { when_us: Time, device: Optional, ip: Text }
    /// A sign-in from a device that was not seen before.
    NewDevice = "new-device" { when_us: Time, device: Optional, ip: Text, country: Optional }
    /// Codes of an authenticator app are asked for from now on.
    TotpOn = "totp-on" { when_us: Time }
    /// They are no longer.
    TotpOff = "totp-off" { when_us: Time }
    /// New recovery codes; the old ones are void.
    RecoveryCodes = "recovery-codes" { when_us: Time }
    /// A recovery code stood in for the authenticator app.
    RecoveryCodeUsed = "recovery-code-used" { when_us: Time, left: Number }
    /// Nobody can sign in for a while.
    Locked = "locked" { until_us: Time }
    /// The token of a session was used twice, so the session was ended.
    SessionStolen = "session-stolen" { when_us: Time }
    /// The exchange froze the account.
    Frozen = "frozen" { when_us: Time }
    /// It is no longer frozen.
    Unfrozen = "unfrozen" { when_us: Time }
    /// The last letter.
    Deleted = "deleted" { when_us: Time }
    /// A code that was sent to a phone; only the mailbox of a development server gets it as a letter.
    PhoneCode = "phone-code" { phone: Text, code: Text }
    /// A new API key.
    ApiKeyMade = "api-key-made" { label: Text, permissions: Text, when_us: Time, ip: Text }
    /// An API key that is none any more.
    ApiKeyRevoked = "api-key-revoked" { label: Text, when_us: Time, ip: Text }
    /// A new passkey.
    PasskeyAdded = "passkey-added" { label: Text, when_us: Time, ip: Text }
    /// A document was checked and is good.
    DocumentApproved = "document-approved" { document: Text }
    /// A document was checked and is not.
    DocumentRejected = "document-rejected" { document: Text, reason: Text }
}

impl Template {
    /// The template with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|template| template.name() == name)
    }
}
