//! `Market.GetExchangeInfo`: assets, markets and their rules.

use marketdata::MarketView;
use model::{Filters, MarketState, Range};

use crate::grpc::shape::number;
use crate::grpc::{proto, value};
use crate::{App, Error};

/// Factors are in parts per million.
const PPM_DECIMALS: u8 = 6;

/// Answers with all assets, and all markets or those that were named.
///
/// # Errors
/// Those of the markets, [`Error::Behind`].
pub(super) async fn handle(
    app: App,
    request: proto::GetExchangeInfoRequest,
) -> Result<proto::GetExchangeInfoResponse, Error> {
    app.caught_up().await?;
    let views = value::markets(&app, &request.symbols)?;
    let asset =
        |asset: model::Asset| proto::Asset { symbol: asset.symbol.as_str().to_owned(), decimals: asset.scale.into() };
    Ok(proto::GetExchangeInfoResponse {
        time_us: app.now().0,
        assets: app.market_data.assets().into_iter().map(asset).collect(),
        markets: views.iter().map(|view| market(view)).collect(),
    })
}

fn market(view: &MarketView) -> proto::MarketInfo {
    let status = view.status();
    let state = match status.state {
        MarketState::Trading => proto::MarketState::Trading,
        MarketState::Halt => proto::MarketState::Halt,
        MarketState::CancelOnly => proto::MarketState::CancelOnly,
        MarketState::PostOnly => proto::MarketState::PostOnly,
        MarketState::Auction => proto::MarketState::Auction,
    };
    proto::MarketInfo {
        symbol: view.symbol().to_owned(),
        base: view.base.symbol.as_str().to_owned(),
        quote: view.quote.symbol.as_str().to_owned(),
        price_decimals: view.market.price_decimals.into(),
        quantity_decimals: view.market.quantity_decimals.into(),
        state: state.into(),
        state_until_us: status.until.0,
        filters: Some(filters(&view.market.filters, view)),
    }
}

fn filters(filters: &Filters, view: &MarketView) -> proto::Filters {
    let bounds = |range: Range, decimals| proto::Bounds {
        min: number(range.min, decimals),
        max: number(range.max, decimals),
        step: number(range.step, decimals),
    };
    let factor = |ppm: u32| number(ppm.into(), PPM_DECIMALS);
    let (prices, quantities) = (view.market.price_decimals, view.market.quantity_decimals);
    let percent = filters.percent_price;
    let percent_price = percent.is_on().then(|| proto::PercentPrice {
        bid_up: factor(percent.bid_up_ppm),
        bid_down: factor(percent.bid_down_ppm),
        ask_up: factor(percent.ask_up_ppm),
        ask_down: factor(percent.ask_down_ppm),
    });
    let has_position = filters.max_position.is_positive();
    proto::Filters {
        price: Some(bounds(filters.price, prices)),
        quantity: Some(bounds(filters.lot, quantities)),
        market_quantity: Some(bounds(filters.market_lot, quantities)),
        min_notional: number(filters.min_notional.0, view.quote.scale),
        max_notional: number(filters.max_notional.0, view.quote.scale),
        max_open_orders: filters.max_open_orders,
        max_contingent_orders: filters.max_algo_orders,
        max_iceberg_parts: filters.iceberg_parts,
        max_position: if has_position { number(filters.max_position.0, view.base.scale) } else { String::new() },
        percent_price,
        min_trailing_delta: filters.trailing_delta[0].into(),
        max_trailing_delta: filters.trailing_delta[1].into(),
    }
}
