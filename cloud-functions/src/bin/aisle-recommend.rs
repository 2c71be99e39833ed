//! The function recommend, alone.

fn main() -> std::process::ExitCode {
    cloud_functions::host::single::main("recommend")
}
