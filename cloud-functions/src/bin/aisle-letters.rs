//! Carries the letters of a queue: mail by SES, text messages by SNS.

fn main() -> std::process::ExitCode {
    cloud_functions::aws::letters::main()
}
