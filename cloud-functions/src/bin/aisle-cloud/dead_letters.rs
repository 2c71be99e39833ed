//! `aisle-cloud dead-letters`.

use anyhow::Result;
use clap::{Args, Subcommand};
use cloud_functions::functions::dead_letters::{LetterView, ReplayAnswer};
use cloud_functions::ports::backlog::{LetterId, MAX_LETTERS, Replay};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Prints every dead letter, one line of JSON each, without its content.
    List(ListOptions),
    /// Has dead letters delivered again; a cloud that serves the folder does it at once.
    Replay(ReplayOptions),
}

#[derive(Args)]
pub(crate) struct ListOptions {
    #[command(flatten)]
    folder: super::Folder,
    /// Only letters of this consumer.
    #[arg(long, value_name = "NAME")]
    consumer: Option<String>,
}

#[derive(Args)]
pub(crate) struct ReplayOptions {
    #[command(flatten)]
    folder: super::Folder,
    /// Whose letters.
    #[arg(long, value_name = "NAME")]
    consumer: String,
    /// Only the letter of this event: its place in the log.
    #[arg(long, value_name = "N")]
    sequence: Option<u64>,
}

/// Lists or replays.
pub(crate) async fn dead_letters(command: Command) -> Result<()> {
    match command {
        Command::List(options) => list(options).await,
        Command::Replay(options) => replay(options).await,
    }
}

async fn list(options: ListOptions) -> Result<()> {
    let letters = options.folder.open()?.services.dead_letters;
    let consumer = options.consumer.as_deref();
    let mut after: Option<LetterId> = None;
    loop {
        let page = letters.list(consumer, after.as_ref(), MAX_LETTERS).await?;
        after = page.last().map(LetterId::of);
        for letter in page {
            super::print(&LetterView::from(letter))?;
        }
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn replay(options: ReplayOptions) -> Result<()> {
    let letters = options.folder.open()?.services.dead_letters;
    let consumer = options.consumer;
    let which = match options.sequence {
        Some(sequence) => Replay::One(LetterId { consumer, sequence }),
        None => Replay::All { consumer },
    };
    let found = letters.replay(&which).await?;
    super::print(&ReplayAnswer { found })
}
