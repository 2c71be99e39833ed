//! A PostgreSQL of a test's own, from the system's package: in a folder of its own, on a socket in it.
//!
//! `cargo xtask test` installs it and sets `AISLE_FAKES`; where that is not set and there is none, tests say so and pass.

use crate::engines::postgres::PostgresLedger;
use crate::ports::ledger::{Ledger, Stored};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// How long it may take on a busy machine, in tries a tenth of a second apart.
const TRIES: u32 = 900;
/// Whom it runs as, where the test is root: it refuses to run as root.
const NOBODY: &str = "postgres";

pub(super) struct Server {
    folder: TempDir,
    programs: PathBuf,
    keeper: Option<Child>,
    databases: AtomicU32,
}

impl Server {
    pub(super) fn start() -> Option<Self> {
        let programs = programs()?;
        let folder = tempfile::tempdir().unwrap();
        let mut server = Self {
            folder,
            programs,
            keeper: None,
            databases: AtomicU32::new(0),
        };
        if is_root() {
            run(Command::new("chown").arg(NOBODY).arg(server.folder.path()));
        }
        let data = server.data();
        let mut initdb = server.command("initdb");
        initdb.args([
            "-U",
            "aisle",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-D",
        ]);
        run(initdb.arg(data));
        server.restart();
        Some(server)
    }

    /// Starts it on what is there.
    pub(super) fn restart(&mut self) {
        let socket = self.folder.path().display().to_string();
        let mut postgres = self.command("postgres");
        let postgres = postgres
            .arg("-D")
            .arg(self.data())
            .args(["-c", "listen_addresses=", "-k", &socket])
            .args(["-c", "max_connections=200", "-c", "shared_buffers=16MB"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.keeper = Some(postgres.spawn().unwrap());
    }

    /// Ends it and all its processes as a power cut would.
    pub(super) fn kill(&mut self) {
        let mut keeper = self.keeper.take().unwrap();
        let pid = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap().to_owned();
        run(Command::new("sh").arg("-c").arg(format!(
            "kill -9 $(ps -o pid= --ppid {pid}) {pid} 2>/dev/null; true"
        )));
        keeper.wait().unwrap();
    }

    /// An empty database.
    pub(super) async fn new_database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("aisle{number}");
        let address = self.address("postgres");
        let client = connect(&address).await;
        client
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .await
            .unwrap();
        self.address(&name)
    }

    /// A ledger in a database of its own.
    pub(super) async fn ledger(&self) -> PostgresLedger {
        let address = self.new_database().await;
        PostgresLedger::open(&address).await.unwrap()
    }

    /// Reads until the server is back.
    pub(super) async fn until_it_answers(&self, ledger: &PostgresLedger) -> Vec<Stored> {
        for _ in 0..TRIES {
            if let Ok(page) = ledger.range("P", "".."z", 100).await {
                return page;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the server does not come back");
    }

    fn address(&self, database: &str) -> String {
        let socket = self.folder.path().display();
        format!("host={socket} user=aisle dbname={database}")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        if !is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"])
            .args(["--pdeathsig", "KILL", "--"])
            .arg(program)
            .current_dir(self.folder.path());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.keeper.is_some() {
            self.kill();
        }
    }
}

async fn connect(address: &str) -> tokio_postgres::Client {
    for _ in 0..TRIES {
        if let Ok((client, connection)) =
            tokio_postgres::connect(address, tokio_postgres::NoTls).await
        {
            tokio::spawn(connection);
            return client;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the server does not answer");
}

/// The newest that Debian has installed.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let folders = versions.flatten().map(|entry| entry.path().join("bin"));
    let newest = folders.filter(|bin| bin.join("initdb").exists()).max();
    if newest.is_none() {
        let must = std::env::var_os("AISLE_FAKES").is_some();
        assert!(!must, "PostgreSQL is not installed");
        eprintln!("skipped: PostgreSQL is not installed; `cargo xtask test` does that");
    }
    newest
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(Path::new("/proc/self")).unwrap().uid() == 0
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {complaint}");
}
