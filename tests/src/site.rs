//! A web site of somebody else, on an origin of its own.

use anyhow::Result;
use axum::Router;
use std::path::Path;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_http::services::ServeDir;

/// Static files on loopback. Dropped, it stops.
#[derive(Debug)]
pub struct Site {
    url: String,
    serving: JoinHandle<()>,
}

impl Site {
    /// Serves `root` under `/`, and each other folder under its path.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(root: &Path, others: &[(&str, &Path)]) -> Result<Self> {
        let mut router = Router::new();
        for (path, folder) in others {
            router = router.nest_service(path, ServeDir::new(folder));
        }
        let router = router.fallback_service(ServeDir::new(root));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let serving = tokio::spawn(async move {
            // It ends with the test.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, serving })
    }

    /// Its address on the web.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
