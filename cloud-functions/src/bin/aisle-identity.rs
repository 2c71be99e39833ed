//! The function identity, alone.

fn main() -> std::process::ExitCode {
    cloud_functions::host::single::main("identity")
}
