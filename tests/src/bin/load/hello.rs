//! The least that a server can do: it reads what it is sent and says hello.

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use serde_json::json;

/// This program as that server.
pub(crate) const HELLO: &str = "serve-hello";

/// Serves until it is killed, and says where.
pub(crate) async fn serve() -> Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    println!("{}", json!({"ready": true, "addr": addr.to_string()}));
    let hello = |_: Bytes| async { "hello, world" };
    Ok(axum::serve(listener, Router::new().fallback(hello)).await?)
}
