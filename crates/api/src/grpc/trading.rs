//! Order entry: the methods of `rialto.v1.Trading`, one a file.

mod amend_order;
mod cancel_all;
mod cancel_order;
mod cancel_order_list;
mod cancel_replace;
mod get_order;
mod list_open_orders;
mod modify_order;
mod new_order;
mod place_order;
mod place_order_list;
mod set_countdown;

use tonic::{Request, Response, Status};

use super::{of_user, proto};
use crate::App;

/// The service over the state.
pub(super) struct Service(pub(super) App);

macro_rules! methods {
    ($($name:ident: $request:ident => $response:ident;)+) => {
        #[tonic::async_trait]
        impl proto::trading_server::Trading for Service {
            $(async fn $name(
                &self,
                request: Request<proto::$request>,
            ) -> Result<Response<proto::$response>, Status> {
                of_user(&self.0, request, $name::handle).await
            })+
        }
    };
}

methods! {
    place_order: PlaceOrderRequest => PlaceOrderResponse;
    place_order_list: PlaceOrderListRequest => PlaceOrderListResponse;
    cancel_order: CancelOrderRequest => CancelOrderResponse;
    cancel_order_list: CancelOrderListRequest => CancelOrderListResponse;
    cancel_replace: CancelReplaceRequest => CancelReplaceResponse;
    amend_order: AmendOrderRequest => AmendOrderResponse;
    modify_order: ModifyOrderRequest => ModifyOrderResponse;
    cancel_all: CancelAllRequest => CancelAllResponse;
    set_countdown: SetCountdownRequest => SetCountdownResponse;
    get_order: GetOrderRequest => GetOrderResponse;
    list_open_orders: ListOpenOrdersRequest => ListOpenOrdersResponse;
}
