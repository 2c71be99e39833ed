//! The function content, alone.

fn main() -> std::process::ExitCode {
    cloud_functions::host::single::main("content")
}
