use std::path::PathBuf;

use crate::{Error, Node};

/// Most bytes of one command in the journal, record header included.
pub(crate) const MOST_RECORD_BYTES: u64 = 512;
/// Most batches that may be kept for slow readers of the feed.
const MOST_FAN_OUT_BATCHES: u64 = 1 << 20;

/// Settings of a node.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder of the journal's segments and snapshots.
    pub directory: PathBuf,
    /// Settings of the journal. Segments of at least 264 KiB, so that a group of [`Node::MOST_TOGETHER`] always fits.
    pub journal: journal::Config,
    /// Most commands that wait for the engine; one more is answered [`crate::SubmitError::Busy`]. A group larger than this
    /// never gets in.
    pub queue_commands: usize,
    /// Most commands of one batch. A larger group that was submitted together stays whole. A batch ends earlier when it
    /// would outgrow the journal's smallest segment.
    pub batch_commands: usize,
    /// Batches that a reader of the feed may fall behind, rounded up to a power of two. So many are kept in memory while a
    /// reader does not read.
    pub fan_out_batches: usize,
    /// Commands between two snapshots; zero for none.
    pub snapshot_every_commands: u64,
    /// Snapshots that are kept.
    pub keep_snapshots: usize,
    /// Whether segments that no kept snapshot needs are kept all the same, as the book of record.
    pub retain_segments: bool,
}

impl Config {
    /// The defaults for a folder.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            journal: journal::Config::default(),
            queue_commands: 65_536,
            batch_commands: 4_096,
            fan_out_batches: 1_024,
            snapshot_every_commands: 1_000_000,
            keep_snapshots: 3,
            retain_segments: true,
        }
    }
    /// Refuses settings that cannot work.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let group = Node::MOST_TOGETHER as u64 * MOST_RECORD_BYTES;
        let settings = [
            ("queue_commands", self.queue_commands as u64, 1, u64::MAX / 4),
            ("batch_commands", self.batch_commands as u64, 1, u64::MAX / 4),
            ("fan_out_batches", self.fan_out_batches as u64, 1, MOST_FAN_OUT_BATCHES),
            ("journal.max_record_bytes", self.journal.max_record_bytes.into(), MOST_RECORD_BYTES, u64::from(u32::MAX)),
            ("journal.segment_bytes", self.journal.segment_bytes, group + (8 << 10), u64::MAX),
        ];
        for (name, found, least, most) in settings {
            if !(least..=most).contains(&found) {
                return Err(Error::Setting { name, found, least, most });
            }
        }
        Ok(())
    }

    /// Framed bytes above which a batch takes nothing more: then the largest group might not fit.
    pub(crate) fn full_batch_bytes(&self) -> u64 {
        self.journal.max_batch_bytes().saturating_sub(Node::MOST_TOGETHER as u64 * MOST_RECORD_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use model::{
        AccountId, Amount, Asset, AssetId, CancelReplace, ClientOrderId, Command, Envelope, Fees, Filters, Market,
        MarketId, OrderId, OrderType, Place, Price, Quantity, Range, ReplaceMode, SelfTrade, Side, Symbol, Target,
        TimeInForce, Timestamp, codec,
    };

    use super::*;

    #[test]
    fn the_largest_commands_stay_within_the_record_limit() {
        let id = ClientOrderId::new(&"x".repeat(ClientOrderId::MAX_LEN)).unwrap();
        let symbol = Symbol::new(&"X".repeat(Symbol::MAX_LEN)).unwrap();
        let place = Place {
            account: AccountId(u32::MAX),
            market: MarketId(u16::MAX),
            side: Side::Sell,
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Gtc,
            self_trade: SelfTrade::None,
            price: Price(i64::MAX),
            quantity: Quantity(i64::MAX),
            quote_quantity: Amount(i64::MAX),
            stop_price: Price(i64::MAX),
            trailing_delta: u16::MAX,
            iceberg: Quantity(i64::MAX),
            expire_at: Timestamp(u64::MAX),
            client_id: id,
        };
        let range = Range { min: 1, max: i64::MAX, step: 1 };
        let market = Market {
            id: MarketId(1),
            symbol,
            base: AssetId(1),
            quote: AssetId(2),
            price_decimals: 1,
            quantity_decimals: 1,
            filters: Filters {
                price: range,
                lot: range,
                market_lot: range,
                min_notional: Amount(1),
                max_notional: Amount(2),
                max_open_orders: 1,
                ..Filters::WIDE
            },
            fees: Some(Fees::default()),
            volatility: model::Volatility::OFF,
        };
        let target = Target::Both(OrderId(u64::MAX), id);
        let largest = [
            Command::CancelReplace(CancelReplace { mode: ReplaceMode::AllowFailure, target, cancel_id: id, place }),
            Command::AddMarket(Box::new(market)),
            Command::PlaceList(Box::new(model::PlaceList {
                kind: model::ListKind::Otoco,
                client_id: id,
                orders: [place; 3],
            })),
            Command::AddAsset(Asset { id: AssetId(1), symbol, scale: 1 }),
            Command::Cancel { account: AccountId(1), market: MarketId(1), target, client_id: id },
        ];
        let mut batch = journal::Batch::new();
        batch.push(1, |_| {});
        let empty = batch.len_bytes();
        for command in largest {
            batch.clear();
            batch.push(1, |out| codec::encode(out, Timestamp(u64::MAX), &Envelope::client(command.clone())));
            // 16 bytes are the record's header.
            assert!(batch.len_bytes() - empty + 16 <= MOST_RECORD_BYTES, "{command:?}");
        }
    }

    #[test]
    fn settings_that_cannot_work_are_refused_by_name() {
        let good = Config::new("unused");
        assert!(good.check().is_ok());
        let small = journal::Config { segment_bytes: 4096, ..journal::Config::default() };
        for (config, name) in [
            (Config { queue_commands: 0, ..good.clone() }, "queue_commands"),
            (Config { batch_commands: 0, ..good.clone() }, "batch_commands"),
            (Config { fan_out_batches: 0, ..good.clone() }, "fan_out_batches"),
            (Config { fan_out_batches: usize::MAX, ..good.clone() }, "fan_out_batches"),
            (Config { journal: small, ..good.clone() }, "journal.segment_bytes"),
        ] {
            let error = config.check().unwrap_err().to_string();
            assert!(error.starts_with(name), "{error}");
        }
    }
}
