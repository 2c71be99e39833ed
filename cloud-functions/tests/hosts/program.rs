//! Starts our programs, and ends them whatever happens.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

/// A program that serves.
pub(crate) struct Program {
    child: Child,
    /// `http://127.0.0.1:<port>`.
    pub(crate) url: String,
}

impl Program {
    /// Starts it and waits for its ready line, which has to be the first one.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let Ok(ready) = serde_json::from_str::<Value>(&line) else {
            let _ = child.kill();
            let mut log = String::new();
            let stderr = child.stderr.as_mut().unwrap();
            stderr.read_to_string(&mut log).unwrap();
            panic!("not a ready line: {line:?}\n{log}");
        };
        assert_eq!(ready["ready"], true);
        let url = format!("http://{}", ready["addr"].as_str().unwrap());
        Self { child, url }
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(asked.success());
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `aisle-cloud` with a sub-command on a folder.
pub(crate) fn cloud(subcommand: &[&str], data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aisle-cloud"));
    command.args(subcommand).arg("--data").arg(data);
    command
}

/// `aisle-cloud serve` on a free port.
pub(crate) fn serve(data: &Path) -> Command {
    let mut command = cloud(&["serve"], data);
    command.args(["--listen", "127.0.0.1:0"]);
    command
}

/// Runs a program that is expected to fail, and answers what it says.
pub(crate) fn complaint(command: &mut Command) -> String {
    let Output { status, stderr, .. } = command.output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

/// Asks again and again until there is an answer.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asked = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let limit = Duration::from_secs(60);
    let answered = tokio::time::timeout(limit, asked).await;
    answered.unwrap_or_else(|_| panic!("{what} did not come about"))
}
