//! The function dead-letters, alone.

fn main() -> std::process::ExitCode {
    cloud_functions::host::single::main("dead-letters")
}
