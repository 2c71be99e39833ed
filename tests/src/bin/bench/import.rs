//! The import of half a million order lines.

use aisle_tests::figure::{now, print, processor_seconds};
use aisle_tests::paths;
use anyhow::{Result, bail};
use flate2::read::GzDecoder;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

pub(crate) async fn measure() -> Result<()> {
    let Some(orders) = paths::data("online_retail/orders.csv.gz") else {
        return Ok(());
    };
    let (before, start) = (processor_seconds(std::process::id())?, now());
    let rows = read_alone(&orders)?;
    let baseline = format!(
        "{:.2} s to read the rows alone ({:.2} s of processor)",
        start.elapsed().as_secs_f64(),
        processor_seconds(std::process::id())? - before
    );
    let folder = tempfile::tempdir()?;
    let mut import = Command::new(paths::program("aisle-cloud")?);
    import
        .args(["import", "--data"])
        .arg(folder.path())
        .arg(&orders);
    let start = now();
    let output = import.stderr(Stdio::inherit()).output()?;
    let took = start.elapsed();
    if !output.status.success() {
        bail!("the import failed");
    }
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{}", said.lines().next().unwrap_or_default());
    print(
        &format!("import of online_retail, {rows} rows"),
        &format!("{:.2} s", took.as_secs_f64()),
        &baseline,
        "< 10 s",
    );
    Ok(())
}

/// Inflates the file and splits it into fields; how many rows there are.
fn read_alone(file: &Path) -> Result<u64> {
    let mut rows = 0;
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(file)?));
    let mut row = csv::ByteRecord::new();
    while reader.read_byte_record(&mut row)? {
        rows += 1;
    }
    Ok(rows)
}
