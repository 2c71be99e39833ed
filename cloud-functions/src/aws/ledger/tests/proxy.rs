//! A wire that loses answers: requests arrive, and the connection ends before anything comes back.

use crate::aws::config;
use aws_types::SdkConfig;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Stands before a fake.
pub(super) struct Proxy {
    address: SocketAddr,
    faults: Arc<Faults>,
}

#[derive(Default)]
struct Faults {
    next: AtomicBool,
    all: AtomicBool,
    lost: AtomicU32,
}

impl Proxy {
    pub(super) async fn before(config: &SdkConfig) -> Self {
        let upstream = config.endpoint_url().unwrap();
        let upstream = upstream.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let faults = Arc::new(Faults::default());
        let shared = Arc::clone(&faults);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&upstream).await.unwrap();
                tokio::spawn(carry(client, server, Arc::clone(&shared)));
            }
        });
        Self { address, faults }
    }

    pub(super) fn config(&self) -> SdkConfig {
        let endpoint = format!("http://{}", self.address);
        let value = |name: &str| match name {
            "AWS_ENDPOINT_URL" => Some(endpoint.clone()),
            "AWS_REGION" => Some("eu-central-1".to_owned()),
            "AWS_SESSION_TOKEN" => None,
            _ => Some("test".to_owned()),
        };
        config::load(&value).unwrap()
    }

    pub(super) fn lose_the_next_answer(&self) {
        self.faults.next.store(true, Ordering::SeqCst);
    }

    pub(super) fn lose_all_answers(&self) {
        self.faults.all.store(true, Ordering::SeqCst);
    }

    /// How many were lost.
    pub(super) fn lost(&self) -> u32 {
        self.faults.lost.load(Ordering::SeqCst)
    }
}

/// Carries bytes both ways. An answer that is to be lost was made: its first bytes came out of the server.
async fn carry(mut client: TcpStream, mut server: TcpStream, faults: Arc<Faults>) {
    let (mut there, mut back) = ([0; 16_384], [0; 16_384]);
    loop {
        tokio::select! {
            read = client.read(&mut there) => {
                let Ok(length @ 1..) = read else { return };
                let Some(bytes) = there.get(..length) else { return };
                if server.write_all(bytes).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut back) => {
                let Ok(length @ 1..) = read else { return };
                let once = faults.next.swap(false, Ordering::SeqCst);
                if once || faults.all.load(Ordering::SeqCst) {
                    faults.lost.fetch_add(1, Ordering::SeqCst);
                    return;
                }
                let Some(bytes) = back.get(..length) else { return };
                if client.write_all(bytes).await.is_err() {
                    return;
                }
            }
        }
    }
}
