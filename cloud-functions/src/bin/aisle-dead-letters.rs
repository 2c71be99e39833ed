//! The function dead-letters, alone.

fn main() -> std::process::ExitCode {
    cloud_functions::host::single::main(&cloud_functions::functions::dead_letters::FUNCTION)
}
