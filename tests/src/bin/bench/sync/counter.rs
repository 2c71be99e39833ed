//! Counts the bytes of a connection: a forwarder on loopback that carries everything and looks at nothing.

use anyhow::Result;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Bytes in both directions, heads of HTTP and all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bytes {
    pub(super) up: u64,
    pub(super) down: u64,
}

impl Bytes {
    pub(super) const fn sum(self) -> u64 {
        self.up + self.down
    }
}

/// A forwarder. Dropped, it stops.
pub(super) struct Counter {
    url: String,
    up: Arc<AtomicU64>,
    down: Arc<AtomicU64>,
    serving: JoinHandle<()>,
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Counter {
    /// Forwards to `http://…`.
    pub(super) async fn to(url: &str) -> Result<Self> {
        let target = url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (up, down) = (Arc::<AtomicU64>::default(), Arc::<AtomicU64>::default());
        let counts = (up.clone(), down.clone());
        let serving = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(&target).await else {
                    continue;
                };
                // Small answers must not wait for each other.
                let _ = (client.set_nodelay(true), server.set_nodelay(true));
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(carry(from_client, to_server, counts.0.clone()));
                tokio::spawn(carry(from_server, to_client, counts.1.clone()));
            }
        });
        Ok(Self {
            url,
            up,
            down,
            serving,
        })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// What was carried since the last time that this was asked.
    pub(super) fn take(&self) -> Bytes {
        Bytes {
            up: self.up.swap(0, Ordering::Relaxed),
            down: self.down.swap(0, Ordering::Relaxed),
        }
    }
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    count: Arc<AtomicU64>,
) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let Some(bytes) = buffer.get(..read) else {
            return;
        };
        count.fetch_add(read as u64, Ordering::Relaxed);
        if to.write_all(bytes).await.is_err() {
            return;
        }
    }
    // The other end is closed: this one has nothing to say any more.
    let _ = to.shutdown().await;
}
