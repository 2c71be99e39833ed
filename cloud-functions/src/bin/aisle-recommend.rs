//! The function recommend, alone.

fn main() -> std::process::ExitCode {
    cloud_functions::host::single::main(&cloud_functions::functions::recommend::FUNCTION)
}
