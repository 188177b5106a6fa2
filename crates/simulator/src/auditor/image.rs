//! The image that views load, compared in full with what the events said.

use model::{Amount, BalanceImage, Image, MarketImage, OpenOrder, Price, Quantity, Side, TimeInForce, TradeId};

use super::{Auditor, Checked, Discrepancy, Order, Rule, amount, ensure};

impl Auditor {
    /// Compares the engine's image with the model, field by field.
    pub fn compare(&self, image: &Image) -> Result<(), Discrepancy> {
        self.compare_all(image).map_err(|(rule, detail)| Discrepancy { sequence: self.sequence, rule, detail })
    }

    fn compare_all(&self, image: &Image) -> Checked {
        let own = self.image()?;
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
        same("balances", &own.balances, &image.balances)?;
        same("orders", &own.orders, &image.orders)
    }

    fn image(&self) -> Checked<Image> {
        let mut markets = Vec::new();
        let mut orders = Vec::new();
        for venue in self.venues.values() {
            markets.push(MarketImage {
                market: venue.market,
                last_trade: TradeId(venue.last_trade),
                last_price: Price(amount(venue.last_price)?.0),
            });
            for side in [Side::Buy, Side::Sell] {
                for order in venue.queue(side).filter_map(|id| self.orders.get(&id)) {
                    orders.push(open_order(order)?);
                }
            }
        }
        let mut balances = Vec::new();
        for (&(account, asset), balance) in &self.balances {
            if (balance.available, balance.held) != (0, 0) {
                let (available, held) = (amount(balance.available)?, amount(balance.held)?);
                balances.push(BalanceImage { account, asset, available, held });
            }
        }
        Ok(Image {
            sequence: self.sequence,
            time: self.time,
            assets: self.assets.values().copied().collect(),
            markets,
            accounts: self.accounts.iter().copied().collect(),
            balances,
            orders,
        })
    }
}

fn open_order(order: &Order) -> Checked<OpenOrder> {
    Ok(OpenOrder {
        order: order.id,
        account: order.account,
        market: order.market,
        side: order.side,
        order_type: order.order_type,
        time_in_force: TimeInForce::Gtc,
        self_trade: order.self_trade,
        price: Price(amount(order.price)?.0),
        quantity: Quantity(amount(order.quantity)?.0),
        remaining: Quantity(amount(order.remaining)?.0),
        // The engine stops counting at the greatest number that fits.
        filled_quote: Amount(i64::try_from(order.filled_quote).unwrap_or(i64::MAX)),
        client_id: order.client_id,
        placed: order.placed,
        updated: order.updated,
    })
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, own: &[T], found: &[T]) -> Checked {
    ensure!(own.len() == found.len(), Rule::Image, "{} {what} instead of {}", found.len(), own.len());
    for (own, found) in own.iter().zip(found) {
        ensure!(own == found, Rule::Image, "in its {what}: expected {own:?}, found {found:?}");
    }
    Ok(())
}
