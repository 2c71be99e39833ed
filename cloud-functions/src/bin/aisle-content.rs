//! The function content, alone.

fn main() -> std::process::ExitCode {
    cloud_functions::host::single::main(&cloud_functions::functions::content::FUNCTION)
}
