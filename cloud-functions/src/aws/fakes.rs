//! Fakes of Amazon's services, each a program of its own that ends with this one.
//!
//! `AISLE_FAKES` names the folder of their virtual environment; `cargo xtask test` installs it and sets the variable.
//! Where it is not set, and they are not where that command puts them, tests that need one say so and pass.

use super::config;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use aws_types::SdkConfig;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long a fake may take to answer, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// A fake, as it is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fake {
    /// Nearly everything, with transactions and their tokens as they are.
    MiniStack,
    /// A second opinion on DynamoDB. It forgets tokens of transactions, and gives pages without saying that there is more.
    Moto,
}

struct Running {
    address: SocketAddr,
    /// Holds the pipe whose end tells the fake's keeper to stop it.
    _keeper: Child,
}

impl Fake {
    /// How to reach it; `None`, with a message, where it is not installed and nobody said that it is.
    pub(crate) fn config(self) -> Option<SdkConfig> {
        let address = self.running()?.address;
        let value = move |name: &str| match name {
            "AWS_ENDPOINT_URL" => Some(format!("http://{address}")),
            "AWS_REGION" => Some("eu-central-1".to_owned()),
            "AWS_SESSION_TOKEN" => None,
            _ => Some("test".to_owned()),
        };
        Some(config::load(&value).unwrap())
    }

    /// Started once for all tests.
    fn running(self) -> Option<&'static Running> {
        static MINISTACK: OnceLock<Option<Running>> = OnceLock::new();
        static MOTO: OnceLock<Option<Running>> = OnceLock::new();
        let place = match self {
            Self::MiniStack => &MINISTACK,
            Self::Moto => &MOTO,
        };
        place.get_or_init(|| self.start()).as_ref()
    }

    fn start(self) -> Option<Running> {
        let program = match self {
            Self::MiniStack => "ministack",
            Self::Moto => "moto_server",
        };
        let program = installed(program)?;
        let port = free_port();
        // The keeper stops the fake when this process is gone, however it went: the pipe has an end then.
        let arguments = match self {
            Self::MiniStack => String::new(),
            Self::Moto => format!("-H 127.0.0.1 -p {port}"),
        };
        let script = format!("\"$0\" {arguments} >/dev/null 2>&1 & fake=$!; cat; kill $fake");
        let keeper = Command::new("sh")
            .args(["-c", &script])
            .arg(program)
            .env("GATEWAY_PORT", port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        wait_for(address);
        Some(Running {
            address,
            _keeper: keeper,
        })
    }
}

fn installed(program: &str) -> Option<PathBuf> {
    let said = std::env::var_os("AISLE_FAKES").map(PathBuf::from);
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/python");
    let path = said.clone().unwrap_or_else(usual).join("bin").join(program);
    if path.exists() {
        return Some(path);
    }
    assert!(said.is_none(), "{} is not there", path.display());
    eprintln!("skipped: {program} is not installed; `cargo xtask test` does that");
    None
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

#[allow(
    clippy::disallowed_methods,
    reason = "a program of somebody else's is waited for, by the wall's clock"
)]
fn wait_for(address: SocketAddr) {
    let begun = std::time::Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(begun.elapsed() < PATIENCE, "the fake does not answer");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Makes a table as the template has it; each call another one.
pub(crate) async fn new_table(config: &SdkConfig) -> String {
    static TABLES: AtomicU32 = AtomicU32::new(0);
    let name = format!("aisle-{}", TABLES.fetch_add(1, Ordering::Relaxed));
    let text = |name: &str| {
        let definition = AttributeDefinition::builder().attribute_name(name);
        let definition = definition.attribute_type(ScalarAttributeType::S);
        definition.build().unwrap()
    };
    let key = |name: &str, kind| {
        let element = KeySchemaElement::builder().attribute_name(name);
        element.key_type(kind).build().unwrap()
    };
    let made = Client::new(config)
        .create_table()
        .table_name(&name)
        .attribute_definitions(text("pk"))
        .attribute_definitions(text("sk"))
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .billing_mode(BillingMode::PayPerRequest)
        .send();
    made.await.unwrap();
    name
}
