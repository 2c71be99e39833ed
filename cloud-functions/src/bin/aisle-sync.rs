//! The function sync, alone.

fn main() -> std::process::ExitCode {
    cloud_functions::host::single::main("sync")
}
