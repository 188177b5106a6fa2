use model::{AccountId, Amount, AssetId, MarketId, Sequence, SourceId, SourceSeq, Timestamp};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{History, MOST};
use crate::{
    Balance, Error, LedgerKind,
    posting::transfer_reference,
    store::{
        self,
        entity::{balance, ledger_entry},
        unsigned,
    },
};

/// Which ledger entries of an account are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerQuery {
    /// Of this asset only.
    pub asset: Option<AssetId>,
    /// Older than this one, told by sequence and number of the entry: the last one of the page before.
    pub before: Option<(Sequence, u32)>,
    /// How many, 1 to 1,000.
    pub limit: u32,
}

/// One change of one balance. The entries of one command sum to zero for each asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The command.
    pub sequence: Sequence,
    /// Number of the entry among those of the command, from 0.
    pub entry: u32,
    /// Which event of the command it comes from, from 0.
    pub event: u32,
    /// Time of the command.
    pub time: Timestamp,
    /// Whose.
    pub account: AccountId,
    /// Of what.
    pub asset: AssetId,
    /// Change of what is available.
    pub available: Amount,
    /// Change of what is held.
    pub held: Amount,
    /// Why.
    pub kind: LedgerKind,
    /// The order, trade or hold; of a transfer which command of its source it was.
    pub reference: u64,
    /// Market of the order or trade.
    pub market: Option<MarketId>,
}

impl History {
    /// The account's ledger entries, newest first.
    ///
    /// # Errors
    /// What the database said.
    pub async fn ledger(&self, account: AccountId, query: &LedgerQuery) -> Result<Vec<LedgerEntry>, Error> {
        of_account(account, query).all(self.db.read()).await?.iter().map(ledger_entry_of).collect()
    }

    /// Whether a source's command moved an asset out of or into the account by a transfer.
    ///
    /// # Errors
    /// What the database said.
    pub async fn has_transferred(
        &self,
        account: AccountId,
        asset: AssetId,
        source: SourceId,
        source_seq: SourceSeq,
    ) -> Result<bool, Error> {
        use ledger_entry::Column;
        let found = ledger_entry::Entity::find()
            .filter(Column::AccountId.eq(i64::from(account.0)))
            .filter(Column::AssetId.eq(i64::from(asset.0)))
            .filter(Column::Kind.eq(i64::from(LedgerKind::Transfer.code())))
            .filter(Column::Reference.eq(transfer_reference(source, source_seq).cast_signed()))
            .one(self.db.read())
            .await?;
        Ok(found.is_some())
    }

    /// The account's balances, by asset id.
    ///
    /// # Errors
    /// What the database said.
    pub async fn balances(&self, account: AccountId) -> Result<Vec<Balance>, Error> {
        let rows = balance::Entity::find()
            .filter(balance::Column::AccountId.eq(i64::from(account.0)))
            .order_by_asc(balance::Column::AssetId)
            .all(self.db.read())
            .await?;
        let balance = |row: &balance::Model| {
            let corrupt = Error::Corrupt { table: store::BALANCES.name, what: "no asset" };
            let asset = AssetId(u16::try_from(row.asset_id).map_err(|_| corrupt)?);
            Ok(Balance { asset, available: Amount(row.available), held: Amount(row.held) })
        };
        rows.iter().map(balance).collect()
    }
}

/// A page of an account's entries.
pub(super) fn of_account(account: AccountId, query: &LedgerQuery) -> Select<ledger_entry::Entity> {
    use ledger_entry::Column;
    let mut select = ledger_entry::Entity::find()
        .filter(Column::AccountId.eq(i64::from(account.0)))
        .order_by_desc(Column::Sequence)
        .order_by_desc(Column::Entry)
        .limit(u64::from(query.limit.clamp(1, MOST)));
    if let Some(asset) = query.asset {
        select = select.filter(Column::AssetId.eq(i64::from(asset.0)));
    }
    if let Some((sequence, entry)) = query.before {
        let sequence = sequence.0.cast_signed();
        let same = Condition::all().add(Column::Sequence.eq(sequence)).add(Column::Entry.lt(i64::from(entry)));
        // The first bound lets the index be read from the right place.
        select = select
            .filter(Column::Sequence.lte(sequence))
            .filter(Condition::any().add(Column::Sequence.lt(sequence)).add(same));
    }
    select
}

fn ledger_entry_of(row: &ledger_entry::Model) -> Result<LedgerEntry, Error> {
    const fn corrupt(what: &'static str) -> Error {
        Error::Corrupt { table: store::LEDGER_ENTRIES.name, what }
    }
    let kind = i16::try_from(row.kind).ok().and_then(LedgerKind::from_code).ok_or(corrupt("no kind"))?;
    let market = row.market_id.map(|market| u16::try_from(market).map(MarketId)).transpose();
    Ok(LedgerEntry {
        sequence: Sequence(unsigned(row.sequence)),
        entry: u32::try_from(row.entry).map_err(|_| corrupt("no entry number"))?,
        event: u32::try_from(row.event).map_err(|_| corrupt("no event number"))?,
        time: Timestamp(unsigned(row.time)),
        account: AccountId(u32::try_from(row.account_id).map_err(|_| corrupt("no account"))?),
        asset: AssetId(u16::try_from(row.asset_id).map_err(|_| corrupt("no asset"))?),
        available: Amount(row.available),
        held: Amount(row.held),
        kind,
        reference: unsigned(row.reference),
        market: market.map_err(|_| corrupt("no market"))?,
    })
}
