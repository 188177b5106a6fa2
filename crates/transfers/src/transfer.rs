/// A transfer that somebody asks for. Accounts and assets are those of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The master of both accounts, or one of the two.
    pub master: u32,
    /// Pays.
    pub from: u32,
    /// Receives.
    pub to: u32,
    /// Of what.
    pub asset: u16,
    /// How much, in ledger units of the asset.
    pub amount: i64,
    /// The client's own id, if it gave one.
    pub client_id: Option<String>,
}

/// What became of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Not known yet: its command is under way, or was when the program ended.
    Pending,
    /// The money moved.
    Done,
    /// The engine refused it; the number of its reason, zero when that is no longer known.
    Refused(u16),
}

impl Outcome {
    pub(crate) fn to_row(self) -> i64 {
        match self {
            Self::Pending => -2,
            Self::Done => -1,
            Self::Refused(reason) => reason.into(),
        }
    }

    pub(crate) fn from_row(row: i64) -> Option<Self> {
        match row {
            -2 => Some(Self::Pending),
            -1 => Some(Self::Done),
            reason => u16::try_from(reason).ok().map(Self::Refused),
        }
    }
}

/// A transfer that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its number, and the position of its command in its source.
    pub position: u64,
    /// What was asked for.
    pub request: Request,
    /// When, in microseconds since 1970.
    pub asked_at_us: u64,
    /// What became of it.
    pub outcome: Outcome,
}

/// Which transfers are wanted, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Out of this account.
    pub from: Option<u32>,
    /// Into this account.
    pub to: Option<u32>,
    /// Out of or into this account.
    pub either: Option<u32>,
    /// Of this asset.
    pub asset: Option<u16>,
    /// With this id of the client's.
    pub client_id: Option<String>,
    /// Asked for at this time or later, in microseconds since 1970.
    pub start_us: Option<u64>,
    /// Asked for at this time or earlier.
    pub end_us: Option<u64>,
    /// Only those that moved money.
    pub done_only: bool,
    /// Which page, from 0.
    pub page: u32,
    /// How many of a page, 1 to 500.
    pub limit: u32,
}
