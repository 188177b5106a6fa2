/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client's id was used for another transfer.
    #[error("the transfer id was used for another transfer")]
    ClientIdTaken,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// A row says something that no transfer can be.
    #[error("transfer {0} cannot be read")]
    Corrupt(i64),
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Database(error.into())
    }
}
