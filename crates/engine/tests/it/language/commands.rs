//! Words to commands.

use model::{
    AccountId, Amend, Amount, Asset, CancelReplace, Command, Envelope, Fees, HoldId, Market, MarketId, MarketState,
    PercentPrice, Price, Quantity, Range, ReplaceMode, SourceId, SourceSeq, Symbol, Target, TierId, Timestamp,
    Volatility,
};

use super::orders::{place, place_list};
use super::{account, asset, client_id, list_target, market, named_market, number, option, target, time};
use crate::exchange::{ACCOUNTS, PRICE_DECIMALS, QUANTITY_DECIMALS, open_market};

/// The command of a line.
pub(crate) fn command(words: &[&str]) -> Command {
    let amount = |at: usize| Amount(number(words[at], asset(words[at + 1]).1));
    let hold = |text: &str| HoldId(text.trim_start_matches('H').parse().expect("a hold id"));
    match words[0] {
        "tick" => Command::Tick,
        "transfer" => Command::Transfer {
            from: account(words[1]),
            to: account(words[2]),
            asset: asset(words[4]).0,
            amount: amount(3),
        },
        "hold" => Command::Hold { account: account(words[1]), asset: asset(words[3]).0, amount: amount(2) },
        "capture" => Command::Capture { hold: hold(words[1]), to: account(words[2]), amount: amount(3) },
        "release" => Command::Release { hold: hold(words[1]) },
        "open" => Command::OpenAccount {
            account: account_or_id(words[1]),
            parent: words.get(3).map_or(AccountId(0), |parent| account_or_id(parent)),
        },
        "add-asset" => Command::AddAsset(Asset {
            id: model::AssetId(words[1].parse().expect("an asset id")),
            symbol: Symbol::new(words[2]).expect("a symbol"),
            scale: words[3].parse().expect("a scale"),
        }),
        "add-market" => Command::AddMarket(Box::new(listed_market(words))),
        "set" => Command::SetMarket(Box::new(changed_market(words))),
        "state" => Command::SetMarketState {
            market: market(words[1]).id,
            state: market_state(words[2]),
            until: option(words, "until=").map_or(Timestamp::NEVER, time),
        },
        "tier" => Command::SetTier { account: account(words[1]), tier: TierId(words[2].parse().expect("a tier")) },
        "fees" => Command::SetFees {
            tier: option(words, "tier=").map(|tier| TierId(tier.parse().expect("a tier"))),
            market: words.contains(&"on").then(|| named_market(words).id),
            fees: fees(words[1]),
        },
        "cancel-market" => Command::CancelMarket { market: market(words[1]).id },
        owner => command_of(owner, &words[1..]),
    }
}

fn account_or_id(text: &str) -> AccountId {
    let named = ACCOUNTS.iter().find(|(known, _)| *known == text).map(|(_, id)| *id);
    named.unwrap_or_else(|| AccountId(text.parse().expect("an account id")))
}

/// `1000/2500` is maker and taker in parts per million.
fn fees(text: &str) -> Option<Fees> {
    let ppm = |text: &str| text.parse().expect("parts per million");
    text.split_once('/').map(|(maker, taker)| Fees { maker_ppm: ppm(maker), taker_ppm: ppm(taker) })
}

fn market_state(text: &str) -> MarketState {
    match text {
        "trading" => MarketState::Trading,
        "halt" => MarketState::Halt,
        "cancel-only" => MarketState::CancelOnly,
        "post-only" => MarketState::PostOnly,
        "auction" => MarketState::Auction,
        other => panic!("no state {other}"),
    }
}

fn listed_market(words: &[&str]) -> Market {
    let id = words[1].parse().expect("a market id");
    let mut market = open_market(id, words[2], asset(words[3]).0, asset(words[4]).0);
    if words.contains(&"free-lots") {
        market.filters.lot.step = 0;
    }
    changed(market, words)
}

/// A market as it was listed at first, with what the words say.
fn changed_market(words: &[&str]) -> Market {
    changed(market(words[1]), words)
}

fn changed(mut market: Market, words: &[&str]) -> Market {
    let count = |text: &str| text.parse().expect("a number");
    let pair = |text: &str| {
        let (one, other) = text.split_once('/').expect("two numbers");
        [one, other].map(|text| u32::try_from(number(text, 6)).expect("no negative bound"))
    };
    for word in words {
        let Some((name, value)) = word.split_once('=') else { continue };
        let filters = &mut market.filters;
        match name {
            "orders" => filters.max_open_orders = count(value),
            "algo" => filters.max_algo_orders = count(value),
            "parts" => filters.iceberg_parts = count(value),
            "position" => filters.max_position = Amount(number(value, 3)),
            // A range begins with its step.
            "tick" => filters.price = Range { min: number(value, 2), step: number(value, 2), ..filters.price },
            "lot" => filters.lot = Range { min: number(value, 1), step: number(value, 1), ..filters.lot },
            "market-lot" => {
                filters.market_lot = Range { min: number(value, 1), step: number(value, 1), ..filters.market_lot };
            }
            "least" => filters.min_notional = Amount(number(value, 6)),
            "most" => filters.max_notional = Amount(number(value, 6)),
            // Highest and lowest limit, as multiples of the last price.
            "bid" => [filters.percent_price.bid_up_ppm, filters.percent_price.bid_down_ppm] = pair(value),
            "ask" => [filters.percent_price.ask_up_ppm, filters.percent_price.ask_down_ppm] = pair(value),
            "percent" => {
                let [up, down] = pair(value);
                filters.percent_price =
                    PercentPrice { bid_up_ppm: up, bid_down_ppm: down, ask_up_ppm: up, ask_down_ppm: down };
            }
            "trail" => {
                let (least, most) = value.split_once('/').expect("two numbers");
                filters.trailing_delta = [least, most].map(|text| text.parse().expect("a trailing delta"));
            }
            "fees" => market.fees = fees(value),
            "volatility" => market.volatility = volatility(value),
            "id" => market.id = MarketId(value.parse().expect("a market id")),
            "symbol" => market.symbol = Symbol::new(value).expect("a symbol"),
            "base" => market.base = asset(value).0,
            "quote" => market.quote = asset(value).0,
            "price-decimals" => market.price_decimals = value.parse().expect("decimals"),
            "quantity-decimals" => market.quantity_decimals = value.parse().expect("decimals"),
            other => panic!("a market has no {other}"),
        }
    }
    market
}

/// `0.1/1000/500`: largest move, window and auction in milliseconds; `off`.
fn volatility(text: &str) -> Volatility {
    let mut parts = text.split('/');
    let mut next = |decimals| parts.next().map_or(0, |text| number(text, decimals).try_into().expect("not below zero"));
    if text == "off" {
        return Volatility::OFF;
    }
    Volatility { move_ppm: next(6), window_ms: next(0), auction_ms: next(0) }
}

fn command_of(owner: &str, words: &[&str]) -> Command {
    let market = named_market(words).id;
    let account = account(owner);
    let id = client_id(option(words, "id="));
    let request = client_id(option(words, "as="));
    match words[0] {
        "buy" | "sell" => Command::Place(place(owner, words)),
        "oco" | "oto" | "otoco" => Command::PlaceList(Box::new(place_list(owner, words))),
        "cancel" => Command::Cancel { account, market, target: target(words[1]), client_id: request },
        "cancel-list" => Command::CancelList { account, market, target: list_target(words[1]), client_id: request },
        "cancel-all" => Command::CancelAll { account, market: words.get(1).map(|name| self::market(name).id) },
        "countdown" => {
            let market = words.contains(&"on").then_some(market);
            Command::SetCountdown { account, market, timeout_us: time(words[1]).0 }
        }
        "amend" => {
            let quantity = Quantity(number(words[2], QUANTITY_DECIMALS));
            Command::Amend(Amend { account, market, target: target(words[1]), quantity, client_id: id })
        }
        "modify" => {
            let Target::Order(order) = target(words[1]) else { panic!("modify takes an order id") };
            let price = Price(number(words[4], PRICE_DECIMALS));
            Command::Modify { account, market, order, price, quantity: Quantity(number(words[2], QUANTITY_DECIMALS)) }
        }
        "replace" => {
            let allow = words[2] == "or-not";
            Command::CancelReplace(CancelReplace {
                mode: if allow { ReplaceMode::AllowFailure } else { ReplaceMode::StopOnFailure },
                target: target(words[1]),
                cancel_id: request,
                place: place(owner, &words[2 + usize::from(allow)..]),
            })
        }
        other => panic!("no command {other}"),
    }
}

/// A command with the source that `[source/position]` or `[-]` names.
pub(crate) fn sourced(tag: &str, command: Command) -> Envelope {
    let tag = tag.trim_matches(['[', ']']);
    match tag.split_once('/') {
        None => Envelope::client(command),
        Some((source, position)) => Envelope {
            source: SourceId(source.parse().expect("a source")),
            source_seq: SourceSeq(position.parse().expect("a position")),
            command,
        },
    }
}
