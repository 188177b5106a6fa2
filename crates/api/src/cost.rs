//! What a request costs, as each operation declares it beside its parameters.

use crate::binance::Params;

/// What a request to an operation costs: weight, which its address has a limited amount of, and orders, of which its account may
/// place a limited number. The figures are those of the Binance Spot API.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    weight: Weight,
    orders: u8,
}

#[derive(Debug, Clone, Copy)]
enum Weight {
    /// Not counted, and answered to those that are refused or banned, too.
    Free,
    /// Always the same.
    Fixed(u32),
    /// As the parameters say; they may be wrong in any way.
    Of(fn(&Params) -> u32),
    /// Nothing when the request succeeds.
    OnFailure(u32),
}

impl Cost {
    /// Nothing, whoever asks: the operator's own operations.
    pub const FREE: Self = Self { weight: Weight::Free, orders: 0 };

    /// Always this weight.
    pub const fn weight(weight: u32) -> Self {
        Self { weight: Weight::Fixed(weight), orders: 0 }
    }

    /// A weight that depends on the parameters.
    pub const fn of(weight: fn(&Params) -> u32) -> Self {
        Self { weight: Weight::Of(weight), orders: 0 }
    }

    /// A change of orders: weighs nothing when it succeeds, and places this many orders.
    pub const fn change(weight: u32, orders: u8) -> Self {
        Self { weight: Weight::OnFailure(weight), orders }
    }

    /// The weight that is counted before the request is worked on; `None` when it is not even looked at who asks. Parameters that
    /// cannot be read weigh as little as any.
    pub fn before(&self, params: Option<&Params>) -> Option<u32> {
        match (self.weight, params) {
            (Weight::Free, _) => None,
            (Weight::Fixed(weight), _) => Some(weight),
            (Weight::Of(weight), Some(params)) => Some(weight(params)),
            (Weight::Of(_), None) => Some(1),
            (Weight::OnFailure(_), _) => Some(0),
        }
    }

    /// The weight that is counted when the request failed.
    pub const fn after_failure(&self) -> u32 {
        match self.weight {
            Weight::OnFailure(weight) => weight,
            _ => 0,
        }
    }

    /// How many orders it places.
    pub const fn orders(&self) -> u64 {
        self.orders as u64
    }
}
