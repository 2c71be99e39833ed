//! Measures what users feel, and prints one JSON line a figure: `{"name", "ours", "baseline", "goal"}`.
//!
//! `bench NAME…` measures `carts`, `cold-start`, `customer-search`, `event-to-card`, `ingest`, `import`, `recommend`, `sync`,
//! `sync-million`; without a name, all of them. Nothing is asserted: a figure says as much about the machine as about us. Built for speed, or it says nothing at all.

mod carts;
mod cold_start;
mod customer_search;
mod event_to_card;
mod import;
mod ingest;
mod load;
mod recommend;
mod sync;

use anyhow::{Result, bail};
use cloud_functions::functions;
use cloud_functions::host::single;
use std::process::ExitCode;

const NAMES: [&str; 9] = [
    "carts",
    "cold-start",
    "customer-search",
    "event-to-card",
    "ingest",
    "import",
    "recommend",
    "sync",
    "sync-million",
];

fn main() -> Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // Servers that are measured are programs of their own: their processor time is theirs alone.
    match words.first().map(String::as_str) {
        Some(load::INGEST) => return Ok(single::main(&functions::ingest::FUNCTION)),
        Some(recommend::RECOMMEND) => return Ok(single::main(&functions::recommend::FUNCTION)),
        Some(recommend::HELLO) => return recommend::serve_hello().map(|()| ExitCode::SUCCESS),
        Some(load::BASELINE) => return load::serve_baseline().map(|()| ExitCode::SUCCESS),
        _ => {}
    }
    let runtime = tokio::runtime::Runtime::new()?;
    if let Some((word, arguments)) = words.split_first() {
        let done = match word.as_str() {
            sync::TABLET => Some(runtime.block_on(sync::measure_first(arguments))),
            sync::SERVE_PLAIN => Some(runtime.block_on(sync::serve_plain(arguments))),
            sync::PLAIN_FIRST => Some(runtime.block_on(sync::measure_plain_first(arguments))),
            _ => None,
        };
        if let Some(done) = done {
            return done.map(|()| ExitCode::SUCCESS);
        }
    }
    let names = if words.is_empty() {
        NAMES.map(str::to_owned).to_vec()
    } else {
        words
    };
    for name in names {
        runtime.block_on(measure(&name))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn measure(name: &str) -> Result<()> {
    match name {
        "carts" => carts::measure().await,
        "cold-start" => cold_start::measure().await,
        "customer-search" => customer_search::measure().await,
        "event-to-card" => event_to_card::measure().await,
        "ingest" => ingest::measure().await,
        "import" => import::measure().await,
        "recommend" => recommend::measure().await,
        "sync" => sync::measure().await,
        "sync-million" => sync::measure_million().await,
        _ => bail!("there is no measurement {name}, but: {}", NAMES.join(", ")),
    }
}
