//! The function analytics, alone.

fn main() -> std::process::ExitCode {
    cloud_functions::host::single::main("analytics")
}
