//! The program that carries letters on Lambda: batches of the queue, each letter by itself.

use super::carrier::Carrier;
use crate::aws::config;
use crate::host::log;
use crate::ports::letters::Letter;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use std::process::ExitCode;
use std::sync::Arc;

/// The variable with the address that mail comes from.
const FROM: &str = "AISLE_MAIL_FROM";

/// A batch.
#[derive(Debug, Deserialize)]
pub(super) struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Message>,
}

#[derive(Debug, Deserialize)]
struct Message {
    #[serde(rename = "messageId")]
    id: String,
    body: String,
}

/// What the queue delivers again.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Carried {
    #[serde(rename = "batchItemFailures")]
    pub(super) failures: Vec<Failure>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Failure {
    #[serde(rename = "itemIdentifier")]
    pub(super) id: String,
}

/// The whole `main` of the program.
#[must_use]
pub fn main() -> ExitCode {
    log::start();
    let code = match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    };
    log::finish();
    code
}

fn start() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let variable = |name: &str| std::env::var(name).ok();
    let from = variable(FROM).filter(|from| !from.is_empty());
    let from = from.ok_or_else(|| format!("{FROM} is not set"))?;
    let carrier = Arc::new(Carrier::new(&config::load(&variable)?, from));
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build()?.block_on(async {
        let take = move |event: LambdaEvent<Batch>| {
            let carrier = Arc::clone(&carrier);
            async move {
                let carried = take(&carrier, event.payload).await;
                telemetry::flush().await;
                Ok::<_, Diagnostic>(carried)
            }
        };
        lambda_runtime::run(service_fn(take)).await
    })
}

/// Carries each letter; those that were not are delivered again, until the queue gives them up.
pub(super) async fn take(carrier: &Carrier, batch: Batch) -> Carried {
    let mut carried = Carried::default();
    for message in batch.records {
        let outcome = match serde_json::from_str::<Letter>(&message.body) {
            Ok(letter) => carrier
                .carry(&letter)
                .await
                .map_err(|error| error.to_string()),
            Err(_) => Err("it is no letter".to_owned()),
        };
        if let Err(error) = outcome {
            tracing::error!(message = message.id, error, "a letter was not carried");
            carried.failures.push(Failure { id: message.id });
        }
    }
    carried
}
