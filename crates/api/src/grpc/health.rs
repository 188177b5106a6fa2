//! The standard health service: SERVING when `/readyz` says ready and the program is not stopping.

use std::time::Duration;

use tokio::time::{self, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse, health_server};

use super::feed::{Messages, messages};
use super::proto::account_server::SERVICE_NAME as ACCOUNT;
use super::proto::market_server::SERVICE_NAME as MARKET;
use super::proto::trading_server::SERVICE_NAME as TRADING;
use crate::App;

/// How often a watched state is looked at.
const PACE: Duration = Duration::from_secs(5);

/// The service over the state.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) app: App,
    pub(super) stop: CancellationToken,
}

impl Service {
    async fn status(&self) -> ServingStatus {
        if !self.stop.is_cancelled() && self.app.health.report().await.ready {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        }
    }
}

/// Whether it is one of ours; the empty name is that of the whole server.
fn is_known(service: &str) -> bool {
    ["", TRADING, MARKET, ACCOUNT].contains(&service)
}

fn response(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}

#[tonic::async_trait]
impl health_server::Health for Service {
    type WatchStream = Messages<HealthCheckResponse>;

    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        if !is_known(&request.get_ref().service) {
            return Err(Status::not_found("The server has no service of this name."));
        }
        Ok(Response::new(response(self.status().await)))
    }

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let mut ticks = time::interval(PACE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let known = is_known(&request.get_ref().service);
        let watch = Watch { service: self.clone(), known, ticks, told: None };
        Ok(Response::new(messages(watch, Watch::next)))
    }
}

/// What a call of `Watch` is at.
struct Watch {
    service: Service,
    known: bool,
    ticks: time::Interval,
    told: Option<ServingStatus>,
}

impl Watch {
    async fn next(mut self) -> Result<(HealthCheckResponse, Self), Status> {
        loop {
            self.ticks.tick().await;
            // An unknown service is no error here: the protocol lets it appear later.
            let status = if self.known { self.service.status().await } else { ServingStatus::ServiceUnknown };
            if self.told != Some(status) {
                self.told = Some(status);
                return Ok((response(status), self));
            }
        }
    }
}
