//! The image that views load, compared in full with what the events said.

use model::{
    AccountImage, Amount, BalanceImage, CountdownImage, FeesImage, Image, ListImage, MarketImage, OpenOrder,
    PreventedId, Side, Timestamp, TradeId, Wait,
};

use super::state::{Order, Stand};
use super::verdict::{Checked, Discrepancy, Rule, ensure};
use super::{Auditor, amount, price, quantity};

impl Auditor {
    /// Compares the engine's image with the model, field by field.
    pub fn compare(&self, image: &Image) -> Result<(), Discrepancy> {
        self.compare_all(image).map_err(|(rule, detail)| Discrepancy { sequence: self.sequence, rule, detail })
    }

    fn compare_all(&self, image: &Image) -> Checked {
        let own = self.image();
        ensure!(
            (image.sequence, image.time) == (own.sequence, own.time),
            Rule::Image,
            "it stands at {} and {}, not at {} and {}",
            image.sequence,
            image.time,
            own.sequence,
            own.time
        );
        same("assets", &own.assets, &image.assets)?;
        same("markets", &own.markets, &image.markets)?;
        same("accounts", &own.accounts, &image.accounts)?;
        same("fees", &own.fees, &image.fees)?;
        same("balances", &own.balances, &image.balances)?;
        same("orders", &own.orders, &image.orders)?;
        same("lists", &own.lists, &image.lists)?;
        same("countdowns", &own.countdowns, &image.countdowns)
    }

    fn image(&self) -> Image {
        let mut markets = Vec::new();
        let mut orders = Vec::new();
        for venue in self.venues.values() {
            markets.push(MarketImage {
                market: venue.market,
                last_trade: TradeId(venue.last_trade),
                last_price: price(venue.last_price),
                last_prevented: PreventedId(venue.last_prevented),
                state: venue.state,
                until: venue.until,
            });
            let id = venue.market.id;
            orders.extend(self.queue(id, Side::Buy).iter().chain(&self.queue(id, Side::Sell)).map(open_order));
            let waits = |order: &&Order| order.market == id && order.stand != Stand::Book;
            orders.extend(self.orders.values().filter(waits).map(open_order));
        }
        let balances = self.balances.iter().filter(|(_, balance)| (balance.available, balance.held) != (0, 0));
        let balances = balances.map(|(&(account, asset), balance)| {
            let (available, held) = (amount(balance.available), amount(balance.held));
            BalanceImage { account, asset, available, held }
        });
        let accounts = self.accounts.iter().map(|(id, account)| AccountImage {
            account: *id,
            parent: account.parent,
            tier: account.tier,
        });
        let lists = self.lists.values().map(|list| ListImage {
            list: list.id,
            account: list.account,
            market: list.market,
            kind: list.kind,
            orders: list.orders,
            client_id: list.client_id,
        });
        let countdowns = self.countdowns.iter().map(|(&(account, market), deadline)| {
            let deadline = Timestamp(*deadline);
            CountdownImage { account, market, deadline }
        });
        Image {
            sequence: self.sequence,
            time: self.time,
            assets: self.assets.values().copied().collect(),
            markets,
            accounts: accounts.collect(),
            fees: self.schedule.iter().map(|(&(tier, market), &fees)| FeesImage { tier, market, fees }).collect(),
            balances: balances.collect(),
            orders,
            lists: lists.collect(),
            countdowns: countdowns.collect(),
        }
    }
}

fn open_order(order: &Order) -> OpenOrder {
    OpenOrder {
        order: order.id,
        account: order.account,
        market: order.market,
        side: order.side,
        order_type: order.order_type,
        time_in_force: order.time_in_force,
        self_trade: order.self_trade,
        price: price(order.price),
        quantity: quantity(order.quantity),
        remaining: quantity(order.remaining),
        visible: quantity(order.shown),
        prevented: quantity(order.prevented),
        stop_price: price(order.stop_price),
        trailing_delta: order.trailing_delta,
        iceberg: quantity(order.iceberg),
        expire_at: order.expire_at,
        list: order.list,
        wait: match order.stand {
            Stand::Coming | Stand::Book => Wait::Nothing,
            Stand::Stop => Wait::Stop,
            Stand::Trailing => Wait::Trailing,
            Stand::Pending => Wait::List,
            Stand::Queued => Wait::Market,
        },
        tracked: price(if order.stand == Stand::Trailing { order.tracked } else { 0 }),
        held: amount(order.held),
        // The engine stops counting at the greatest number that fits.
        filled_quote: Amount(i64::try_from(order.filled_quote).unwrap_or(i64::MAX)),
        client_id: order.client_id,
        placed: order.placed,
        updated: order.updated,
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, own: &[T], found: &[T]) -> Checked {
    ensure!(own.len() == found.len(), Rule::Image, "{} {what} instead of {}", found.len(), own.len());
    for (own, found) in own.iter().zip(found) {
        ensure!(own == found, Rule::Image, "in its {what}: expected {own:?}, found {found:?}");
    }
    Ok(())
}
