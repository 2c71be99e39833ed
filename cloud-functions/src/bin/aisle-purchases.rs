//! The function purchases, alone.

fn main() -> std::process::ExitCode {
    cloud_functions::host::single::main("purchases")
}
