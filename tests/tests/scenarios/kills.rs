//! The shipped programs, killed again and again while notes are written, pushed and pulled: nothing that was acknowledged
//! is lost, nothing is there twice.
//!
//! `AISLE_KILLS=1000` makes the run longer, `AISLE_SEED=7` makes it another one.

use aisle_tests::demo::ASSOCIATE;
use aisle_tests::stored::Stored;
use aisle_tests::until::until;
use aisle_tests::world::{DeviceProgram, World};
use anyhow::{Context as _, Result, ensure};
use domain::api::device::{AddNote, ListUnsent, NoteView, ReadStatus, SearchCustomers};
use domain::api::sync::{Scope, kind};
use domain::ids::{CustomerId, StoreId};
use futures_util::future::{Either, select};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Mutex;
use std::time::Duration;

/// How many programs are killed in the test command.
const KILLS: u64 = 16;
const SEED: u64 = 1;
const TABLETS: [&str; 2] = ["tablet-1", "tablet-2"];
/// The most notes that are acknowledged between two kills.
const MOST_NOTES: u64 = 6;
/// Customers on whom notes are written.
const CUSTOMERS: usize = 12;

/// Who is killed next, and when.
struct Dice(u64);

impl Dice {
    /// SplitMix64.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }
}

/// What the tablets were asked to keep, and what they said they did.
#[derive(Default)]
struct Ledger {
    /// Texts that were tried: each is another one.
    tried: u64,
    /// Acknowledged: the text of each note by its id.
    kept: BTreeMap<String, String>,
}

struct Run {
    world: World,
    tablets: Vec<Option<DeviceProgram>>,
    customers: Vec<CustomerId>,
    ledger: Mutex<Ledger>,
    dice: Dice,
}

fn variable(name: &str, otherwise: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_or_doubled_by_kills() -> Result<()> {
    let (kills, seed) = (variable("AISLE_KILLS", KILLS), variable("AISLE_SEED", SEED));
    let mut run = Run::start(seed).await?;
    for kill in 1..=kills {
        let killed = run
            .kill_one()
            .await
            .with_context(|| format!("seed {seed}, kill {kill}"))?;
        run.check_kept()
            .await
            .with_context(|| format!("seed {seed}, kill {kill}: {killed}"))?;
    }
    run.settle()
        .await
        .with_context(|| format!("seed {seed}: settling"))?;
    let counted = run
        .check_once()
        .await
        .with_context(|| format!("seed {seed}: in the end"))?;
    println!("seed {seed}: {kills} kills, {counted}");
    Ok(())
}

impl Run {
    async fn start(seed: u64) -> Result<Self> {
        let world = World::start().await?;
        let mut tablets = Vec::new();
        for name in TABLETS {
            let tablet = world.device(name, "tablet").await?;
            tablet.sign_in(ASSOCIATE).await?;
            tablets.push(Some(tablet));
        }
        let latest = SearchCustomers {
            query: String::new(),
            limit: CUSTOMERS,
        };
        let hits = tablets[0].as_ref().unwrap().call(&latest).await?.value.hits;
        Ok(Self {
            world,
            tablets,
            customers: hits.into_iter().map(|hit| hit.id).collect(),
            ledger: Mutex::default(),
            dice: Dice(seed),
        })
    }

    fn tablet(&self, index: usize) -> &DeviceProgram {
        self.tablets[index].as_ref().unwrap()
    }

    /// Writes notes on all tablets, and kills somebody while the next ones are on their way. Gives whom.
    async fn kill_one(&mut self) -> Result<String> {
        let notes = self.dice.roll(MOST_NOTES + 1);
        let later = Duration::from_micros(self.dice.roll(20_000));
        let victim = self.dice.roll(4);
        {
            let goal = self.ledger.lock().unwrap().kept.len() as u64 + notes;
            let writing = pin!(self.write_on_all());
            let enough = pin!(async {
                while (self.ledger.lock().unwrap().kept.len() as u64) < goal {
                    tokio::task::yield_now().await;
                }
                tokio::time::sleep(later).await;
            });
            if let Either::Left((ended, _)) = select(writing, enough).await {
                ended?;
            }
        }
        match victim {
            0 | 1 => self.kill_tablet(usize::from(victim == 1)).await?,
            2 => self.kill_cloud().await?,
            _ => {
                // A power cut of the whole shop.
                self.world.kill_cloud().await?;
                for index in 0..TABLETS.len() {
                    self.tablets[index]
                        .take()
                        .context("a tablet")?
                        .kill()
                        .await?;
                }
                self.world.start_cloud().await?;
                for index in 0..TABLETS.len() {
                    self.start_tablet(index).await?;
                }
            }
        }
        Ok(["tablet 1", "tablet 2", "the cloud", "all"][victim as usize].to_owned())
    }

    async fn kill_tablet(&mut self, index: usize) -> Result<()> {
        self.tablets[index]
            .take()
            .context("a tablet")?
            .kill()
            .await?;
        self.start_tablet(index).await
    }

    async fn kill_cloud(&mut self) -> Result<()> {
        self.world.kill_cloud().await?;
        // With the cloud gone the tablets go on.
        for index in 0..TABLETS.len() {
            self.write(index).await?;
        }
        self.world.start_cloud().await
    }

    async fn start_tablet(&mut self, index: usize) -> Result<()> {
        let tablet = self
            .world
            .start_device(TABLETS[index], "tablet", "unused")
            .await?;
        tablet.sign_in(ASSOCIATE).await?;
        self.tablets[index] = Some(tablet);
        Ok(())
    }

    /// Writes on every tablet at the same time, until it is dropped.
    async fn write_on_all(&self) -> Result<()> {
        let on = |index| async move {
            loop {
                self.write(index).await?;
            }
        };
        futures_util::future::try_join(on(0), on(1))
            .await
            .map(|(never, _): ((), ())| never)
    }

    async fn write(&self, index: usize) -> Result<()> {
        let number = {
            let mut ledger = self.ledger.lock().unwrap();
            ledger.tried += 1;
            ledger.tried
        };
        let customer = self.customers[number as usize % self.customers.len()].clone();
        let text = format!("kill run {number}");
        let add = AddNote {
            customer,
            text: text.clone(),
            pinned: false,
        };
        let kept = self.tablet(index).call(&add).await?;
        let mut ledger = self.ledger.lock().unwrap();
        ledger.kept.insert(kept.note.id.to_string(), text);
        Ok(())
    }

    /// Everything acknowledged is in the cloud or waits on its tablet.
    async fn check_kept(&self) -> Result<()> {
        let mut waiting = BTreeSet::new();
        // The tablets first: a note leaves one only once the cloud has it.
        for index in 0..TABLETS.len() {
            let unsent = self.tablet(index).call(&ListUnsent {}).await?;
            let ids = unsent
                .iter()
                .filter_map(|command| command.args["id"].as_str());
            waiting.extend(ids.map(str::to_owned));
        }
        let stored = self.world.stored()?;
        let kept = self.ledger.lock().unwrap().kept.clone();
        for (id, text) in kept {
            let there = waiting.contains(&id) || stored.revision(kind::NOTE, &id).await?.is_some();
            ensure!(there, "{text:?} ({id}) was acknowledged and is nowhere");
        }
        Ok(())
    }

    /// Waits until nothing is on its way, without writing anything.
    async fn settle(&self) -> Result<()> {
        for index in 0..TABLETS.len() {
            let tablet = self.tablet(index);
            until("the queue to drain", || async {
                let sync = tablet.call(&ReadStatus {}).await?.sync;
                ensure!(sync.needs_attention == 0, "something was refused");
                Ok((sync.unsent == 0).then_some(()))
            })
            .await?;
        }
        for customer in &self.customers {
            until("the same notes on both tablets", || async {
                let (one, other) = (
                    self.notes(0, customer).await?,
                    self.notes(1, customer).await?,
                );
                Ok((one == other).then_some(()))
            })
            .await?;
        }
        Ok(())
    }

    async fn notes(&self, index: usize, customer: &CustomerId) -> Result<Vec<NoteView>> {
        Ok(self.tablet(index).card(customer).await?.value.notes)
    }

    /// Each acknowledged note was written once; one that was not acknowledged at most once.
    async fn check_once(&self) -> Result<String> {
        let stored = self.world.stored()?;
        let kept = self.ledger.lock().unwrap().kept.clone();
        for (id, text) in &kept {
            let revision = stored.revision(kind::NOTE, id).await?;
            ensure!(
                revision == Some(1),
                "{text:?} ({id}) was written {revision:?} times"
            );
        }
        let told = told(&stored).await?;
        let twice: Vec<_> = told.iter().filter(|(_, ids)| ids.len() > 1).collect();
        ensure!(twice.is_empty(), "written more than once: {twice:?}");
        let untold = kept
            .values()
            .filter(|text| !told.contains_key(*text))
            .count();
        ensure!(untold == 0, "{untold} notes are in no feed");
        let tried = self.ledger.lock().unwrap().tried;
        let (kept, there) = (kept.len(), told.len());
        Ok(format!(
            "{tried} notes tried, {kept} acknowledged, {there} in the cloud, each once"
        ))
    }
}

/// The notes of this run as the store's feed tells them: the ids that have each text.
async fn told(stored: &Stored) -> Result<BTreeMap<String, Vec<String>>> {
    let scope = Scope::customers(&StoreId::parse("1")?);
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in stored.rows(&scope).await? {
        if row.kind != kind::NOTE {
            continue;
        }
        let note: domain::note::Note = serde_json::from_str(row.body.get())?;
        if note.text.starts_with("kill run") {
            told.entry(note.text).or_default().push(row.id);
        }
    }
    Ok(told)
}
