use model::{MarketImage, MarketState, Price, Quantity, StateCause, Timestamp};

/// What a market lets happen at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Its state.
    pub state: MarketState,
    /// When an auction ends by itself; [`Timestamp::NEVER`] otherwise.
    pub until: Timestamp,
    /// What brought the state about; not known of a state that an image told.
    pub cause: Option<StateCause>,
    /// At which price an auction would trade how much; `None` before that is told, and without an auction.
    pub indicative: Option<Indicative>,
}

/// What an auction would trade if it ended now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indicative {
    /// The price; zero when nothing would trade.
    pub price: Price,
    /// How much would trade.
    pub volume: Quantity,
    /// What would be left over at that price: of buys when positive, of sells when negative.
    pub imbalance: Quantity,
    /// When it was told.
    pub time: Timestamp,
}

impl Status {
    /// As an image tells it.
    pub(crate) const fn of(image: &MarketImage) -> Self {
        Self { state: image.state, until: image.until, cause: None, indicative: None }
    }
}
