//! The function ingest, alone.

fn main() -> std::process::ExitCode {
    cloud_functions::host::single::main("ingest")
}
