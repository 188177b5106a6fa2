//! What operators do: assets, markets, accounts, states, fees; and countdowns, which only time makes interesting.

use model::{
    AccountId, Amount, Command, Fees, Market, MarketId, MarketState, PercentPrice, Range, TierId, Timestamp,
    Volatility, system,
};

use super::{Workload, scene};

impl Workload {
    pub(super) fn admin(&mut self) -> Command {
        match self.random.below(3) {
            0 => Command::AddAsset(scene::some_asset(&mut self.random)),
            1 => Command::AddMarket(Box::new(scene::some_market(&mut self.random))),
            _ => {
                let account = AccountId(u32::try_from(self.random.below(12)).unwrap_or(0) + 998);
                let parent = match self.random.below(3) {
                    0 => AccountId(0),
                    1 => self.account(),
                    _ => AccountId(1_000),
                };
                if account >= system::FIRST_USER && !self.accounts.contains(&account) {
                    self.accounts.push(account);
                }
                Command::OpenAccount { account, parent }
            }
        }
    }

    /// Most often a market that does not trade goes back to it.
    pub(super) fn set_state(&mut self) -> Command {
        let idle = self.states.iter().find(|(_, state)| **state != MarketState::Trading).map(|(market, _)| *market);
        if let Some(market) = idle
            && self.random.chance(600)
        {
            let state = if self.random.chance(850) { MarketState::Trading } else { MarketState::PostOnly };
            return Command::SetMarketState { market, state, until: Timestamp::NEVER };
        }
        let states = [
            (100, MarketState::Trading),
            (120, MarketState::Halt),
            (80, MarketState::CancelOnly),
            (200, MarketState::PostOnly),
            (500, MarketState::Auction),
        ];
        let state = self.random.weighted(&states, MarketState::Auction);
        let until = match self.random.below(20) {
            0 => Timestamp(self.now.saturating_sub(self.random.below(10))),
            1 => self.soon(),
            2..12 if state == MarketState::Auction => self.soon(),
            _ => Timestamp::NEVER,
        };
        Command::SetMarketState { market: self.market(), state, until }
    }

    /// Other filters, fees or limits for a market, or what must not change.
    pub(super) fn set_market(&mut self) -> Command {
        let known = scene::markets();
        let mut market = self.random.pick(&known).copied().unwrap_or(known[0]);
        match self.random.below(14) {
            0 => market.id = MarketId(77),
            1 => market.price_decimals = 1,
            2 => market.base = known[0].quote,
            3 => market.symbol = known[1].symbol,
            4 => scene::spoil(&mut market, 5 + self.random.below(15)),
            _ => self.adjust(&mut market),
        }
        Command::SetMarket(Box::new(market))
    }

    fn adjust(&mut self, market: &mut Market) {
        let filters = &mut market.filters;
        match self.random.below(11) {
            0 => filters.price.step = 1,
            1 => filters.lot.min = 20,
            2 => filters.max_open_orders = 10,
            3 => filters.max_algo_orders = 2,
            4 => filters.iceberg_parts = 0,
            5 => {
                filters.percent_price = PercentPrice {
                    bid_up_ppm: 1_050_000,
                    bid_down_ppm: 0,
                    ask_up_ppm: 5_000_000,
                    ask_down_ppm: 995_000,
                }
            }
            6 => market.fees = self.fees(),
            // Orders that are open may be off the new tick, or no whole lots.
            9 => filters.price = Range { min: 10, max: 1_000_000, step: 10 },
            10 => (filters.lot.min, filters.lot.step) = (20, 20),
            7 => market.volatility = Volatility { move_ppm: 1_500, window_ms: 100, auction_ms: 30 },
            _ => market.volatility = Volatility::OFF,
        }
    }

    fn fees(&mut self) -> Option<Fees> {
        let all = [
            None,
            Some(Fees { maker_ppm: 0, taker_ppm: 0 }),
            Some(Fees { maker_ppm: -250, taker_ppm: 333 }),
            Some(Fees { maker_ppm: 700, taker_ppm: -123 }),
            Some(Fees { maker_ppm: 1_001, taker_ppm: 2_002 }),
            Some(Fees { maker_ppm: -100_000, taker_ppm: 100_000 }),
            Some(Fees { maker_ppm: -2, taker_ppm: 1 }),
            Some(Fees { maker_ppm: 100_001, taker_ppm: 0 }),
        ];
        self.random.pick(&all).copied().flatten()
    }

    fn tier(&mut self) -> TierId {
        self.random.pick(&scene::TIERS).copied().unwrap_or_default()
    }

    pub(super) fn set_fees(&mut self) -> Command {
        let tier = self.random.chance(600).then(|| self.tier());
        let market = self.random.chance(600).then(|| self.market());
        Command::SetFees { tier, market, fees: self.fees() }
    }

    pub(super) fn set_tier(&mut self) -> Command {
        Command::SetTier { account: self.account(), tier: self.tier() }
    }

    pub(super) fn set_countdown(&mut self) -> Command {
        let timeout_us = match self.random.below(10) {
            0 => 0,
            1 => Command::MAX_COUNTDOWN_US + self.random.below(2),
            _ => self.random.below(400_000),
        };
        let market = self.random.chance(600).then(|| self.market());
        Command::SetCountdown { account: self.account(), market, timeout_us }
    }

    pub(super) fn transfer(&mut self) -> Command {
        let from = if self.random.chance(500) { system::CUSTODY } else { self.payer() };
        let to = if self.random.chance(40) { from } else { self.payer() };
        let asset = self.asset();
        // Some go to the end of what fits.
        let amount = if asset == scene::FINE && self.random.chance(700) {
            Amount(self.random.between(1, 2_500_000_000_000_000_000))
        } else {
            self.amount()
        };
        Command::Transfer { from, to, asset, amount }
    }
}
