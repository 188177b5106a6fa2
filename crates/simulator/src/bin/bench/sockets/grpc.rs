//! Orders over gRPC: callers that each have one call outstanding, over a few connections.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use api::grpc::client::Credentials;
use api::grpc::proto::trading_client::TradingClient;
use api::grpc::proto::{CancelOrderRequest, NewOrder, OrderType, PlaceOrderRequest, Side, TimeInForce};
use runtime::clock::{Clock as _, SystemClock};
use runtime::cpu;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

use crate::rest::load::{Count, Measured, PATIENCE};
use crate::rest::orders::{Mix, Step};
use crate::rest::server::Server;

/// Callers that share one connection, as the calls of one trading program do; the server lets through 100 at a time.
const CALLERS_PER_CONNECTION: usize = 32;

/// A run.
pub(super) struct Plan {
    pub(super) callers: usize,
    pub(super) threads: u32,
    pub(super) warm_up: Duration,
    pub(super) time: Duration,
}

/// One caller.
struct Caller {
    trading: TradingClient<Channel>,
    credentials: Arc<Credentials>,
    clock: SystemClock,
    mix: Mix,
    /// Of all callers together.
    count: Arc<Mutex<Count>>,
}

impl Plan {
    /// How many connections that many callers share.
    pub(super) const fn connections(callers: usize) -> usize {
        callers.div_ceil(CALLERS_PER_CONNECTION)
    }

    /// Connects and keeps every caller busy.
    pub(super) fn run(&self, server: &Server) -> anyhow::Result<Measured> {
        // One thread needs no runtime that can have several, which would cost more.
        let runtime = if self.threads == 1 {
            tokio::runtime::Builder::new_current_thread().enable_all().build()?
        } else {
            let threads = usize::try_from(self.threads)?;
            tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?
        };
        let begin = Instant::now() + self.warm_up;
        let count = Arc::new(Mutex::new(Count::new()));
        let (done, server_cpu, own_cpu) = std::thread::scope(|scope| {
            let running = scope.spawn(|| runtime.block_on(self.work(server, begin, &count)));
            std::thread::sleep(begin.saturating_duration_since(Instant::now()));
            let (server_before, own_before) = (server.cpu_time(), cpu::process_time());
            std::thread::sleep((begin + self.time).saturating_duration_since(Instant::now()));
            let server_cpu = server.cpu_time().saturating_sub(server_before);
            let own_cpu = cpu::process_time().saturating_sub(own_before);
            let done = running.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a caller panicked")));
            (done, server_cpu, own_cpu)
        });
        done?;
        let mut count = std::mem::replace(&mut *lock(&count), Count::new());
        count.cpu = own_cpu;
        Ok(Measured { history_lag: server.history_lag()?, ..Measured::of(vec![count], self.time, server_cpu)? })
    }

    async fn work(&self, server: &Server, begin: Instant, count: &Arc<Mutex<Count>>) -> anyhow::Result<()> {
        let address = server.grpc.context("the exchange does not say where gRPC is")?;
        let endpoint = Endpoint::from_shared(format!("http://{address}"))?.timeout(PATIENCE).tcp_nodelay(true);
        let mut channels = Vec::new();
        for _ in 0..Self::connections(self.callers) {
            channels.push(TradingClient::new(endpoint.connect().await.context("cannot connect to gRPC")?));
        }
        let traders: Vec<Arc<Credentials>> =
            server.traders()?.iter().map(|trader| Arc::new(Credentials::new(&trader.key, &trader.secret))).collect();
        let end = begin + self.time;
        let mut running = Vec::new();
        for (number, (trading, credentials)) in
            channels.iter().cycle().zip(traders.iter().cycle()).take(self.callers).enumerate()
        {
            let (trading, credentials) = (trading.clone(), Arc::clone(credentials));
            let (clock, mix, count) = (SystemClock::new(), Mix::new(number), Arc::clone(count));
            let caller = Caller { trading, credentials, clock, mix, count };
            running.push(tokio::spawn(caller.run(begin, end)));
        }
        for caller in running {
            caller.await?;
        }
        Ok(())
    }
}

impl Caller {
    /// Calls until the end, one call after another.
    async fn run(mut self, begin: Instant, end: Instant) {
        loop {
            let step = self.mix.next();
            let sent = Instant::now();
            let answer = self.call(&step).await;
            let now = Instant::now();
            if now >= end {
                return;
            }
            if now >= begin {
                let mut count = lock(&self.count);
                count.answered(step.places() && answer.is_ok(), sent, now);
                if let Err(status) = answer {
                    count.fault(status.code(), || status.message().to_owned());
                }
            }
        }
    }

    async fn call(&mut self, step: &Step) -> Result<(), Status> {
        let (symbol, client_order_id) = (step.symbol().to_owned(), step.client_order_id());
        if !step.places() {
            let request = CancelOrderRequest { symbol, client_order_id, ..CancelOrderRequest::default() };
            let request = self.credentials.sign("/rialto.v1.Trading/CancelOrder", request, self.clock.now_us());
            return self.trading.cancel_order(request).await.map(drop);
        }
        let order = NewOrder {
            side: if step.sells() { Side::Sell } else { Side::Buy }.into(),
            r#type: OrderType::Limit.into(),
            time_in_force: TimeInForce::Gtc.into(),
            quantity: step.quantity().to_owned(),
            price: step.price(),
            client_order_id,
            ..NewOrder::default()
        };
        let request = PlaceOrderRequest { symbol, order: Some(order) };
        let request = self.credentials.sign("/rialto.v1.Trading/PlaceOrder", request, self.clock.now_us());
        self.trading.place_order(request).await.map(drop)
    }
}

fn lock(count: &Mutex<Count>) -> std::sync::MutexGuard<'_, Count> {
    count.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::Plan;

    #[test]
    fn callers_share_connections() {
        assert_eq!([1, 32, 33, 256].map(Plan::connections), [1, 1, 2, 8]);
    }
}
