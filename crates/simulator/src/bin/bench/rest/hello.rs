//! The bare server.

use std::io::Write as _;

use axum::Router;
use axum::routing::get;
use axum::serve::ListenerExt as _;

/// Prints where it listens, and says hello until it is killed.
pub(crate) fn serve() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("listening on http://{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        let router: Router = Router::new().route("/", get(|| async { "Hello, World!" }));
        // As the exchange does it: answers are small, and waiting to fill a packet only adds latency.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, router).await?;
        Ok(())
    })
}
