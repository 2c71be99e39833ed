//! How long the programs take from exec to serving, on data that is there.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::Figure;
use crate::progress::now;
use crate::supervise::Children;
use crate::{paths, process};

const STARTS: usize = 10;
const READY_WITHIN: Duration = Duration::from_secs(180);

/// The median of some starts of the cloud, with the demo store made before.
pub(super) fn measure() -> Result<Vec<Figure>> {
    let data = paths::target().join("bench/start-up");
    let _ = std::fs::remove_dir_all(&data);
    let first = start(&data)?;
    let mut later = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        later.push(start(&data)?);
    }
    later.sort();
    let median = later.get(STARTS / 2).context("nothing was measured")?;
    Ok(vec![Figure {
        name: "start-up, cloud".to_owned(),
        ours: format!("{} ms p50", median.as_millis()),
        baseline: format!("{} ms first, making the demo store", first.as_millis()),
        goal: String::new(),
    }])
}

fn start(data: &Path) -> Result<Duration> {
    let mut children = Children::new()?;
    let started_at = now();
    let log = data.join("cloud.log");
    children.start_ready("aisle-cloud", &cloud(data), &log, READY_WITHIN)?;
    Ok(started_at.elapsed())
}

fn cloud(data: &Path) -> Command {
    let mut cloud = process::command(paths::binary("release", "aisle-cloud"));
    cloud.arg("serve").arg("--data").arg(data);
    cloud.args(["--listen", "127.0.0.1:0", "--demo", "--web"]);
    cloud.arg(paths::ui().join("shop"));
    cloud
}
