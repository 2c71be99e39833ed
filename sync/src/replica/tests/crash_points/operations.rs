//! What is cut: each kind of write that a replica does, on a replica that holds something.

use super::super::super::open::connect;
use super::cloud::Cloud;
use super::disk::folder;
use crate::testing::{CATALOGUE, CUSTOMERS, Feed, at, customer, key, note};
use crate::{Key, NewCommand, NewSale, Page, Repaired, Replica, ReplicaError, Sold};
use domain::api::sync::{CommandResult, CommandStatus, PushResponse, Scope};
use domain::cart::{ReceiptNumber, Workstation};
use domain::ids::{CommandId, DeviceId, OrderId, StoreId};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json, value::RawValue};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// A word of what a replica must not show to whoever has the file.
pub(super) const CANARY: &str = "Quetzalcoatlus";

/// A kind of write.
pub(super) struct Operation {
    pub(super) name: &'static str,
    /// What comes before it.
    pub(super) prepare: fn(&World) -> Result<(), ReplicaError>,
    pub(super) run: fn(&World) -> Result<(), ReplicaError>,
}

/// A replica with customers, notes and a queue in which something is confirmed and something refused.
pub(super) struct World {
    pub(super) replica: Replica,
    /// Of the replica as [`World::new`] leaves it.
    feed: Feed,
    cloud: Cloud,
    key: Option<[u8; 32]>,
    /// Somebody who reads, so that no checkpoint ends.
    reader: Option<Connection>,
    folder: TempDir,
}

/// What a world's replica was told before it begins.
fn told() -> (Feed, Page) {
    let mut feed = Feed::new();
    for n in 1..=6 {
        let id = format!("c-{n}");
        let body = customer(
            &id,
            CANARY,
            "Souza",
            json!({"card": format!("{CANARY}-{n}")}),
        );
        feed.put(CUSTOMERS, "customer", &id, &body);
        let id = format!("n-{n}");
        feed.put(CUSTOMERS, "note", &id, &note(&id, "c-1", CANARY));
    }
    let page = feed.page();
    feed.last_cseq = 2;
    (feed, page)
}

fn fill(replica: &Replica, page: &Page) -> Result<(), ReplicaError> {
    replica.apply(page)?;
    for n in 1..=4 {
        let args = note(&format!("m-{n}"), "c-1", "kept here");
        add(replica, &format!("cmd-{n}"), "note.add", &args)?;
    }
    let results = [(1, CommandStatus::Applied), (2, CommandStatus::Rejected)];
    replica.settle(&answer(2, &results, 14)).map(drop)
}

impl World {
    pub(super) fn new(key: Option<Key>) -> Self {
        let folder = folder();
        let is_encrypted = key.is_some();
        let replica = Replica::open_with(&folder.path().join("replica.db"), key).unwrap();
        let (feed, page) = told();
        fill(&replica, &page).unwrap();
        Self {
            replica,
            feed,
            cloud: Cloud::new(),
            key: is_encrypted.then_some([7; 32]),
            reader: None,
            folder,
        }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("replica.db")
    }

    pub(super) fn key(&self) -> Option<Key> {
        self.key.map(Key::new)
    }

    /// Moves the WAL into the database; the next write begins the WAL anew, over what is there.
    pub(super) fn restart_wal(&self) {
        let moved = self
            .replica
            .writer()
            .query_row("PRAGMA wal_checkpoint(FULL)", [], |row| {
                Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
            });
        let (frames, moved) = moved.unwrap();
        assert!(frames > 0 && frames == moved, "{moved} of {frames} frames");
    }

    /// Somebody reads: a purge cannot empty the WAL, which then shows what it wrote.
    pub(super) fn with_a_reader(mut self) -> Self {
        self.restart_wal();
        let key = self.key();
        let reader = connect(&self.path(), key.as_ref(), OpenFlags::default()).unwrap();
        reader
            .execute_batch("BEGIN; SELECT count(*) FROM entity")
            .unwrap();
        self.replica.writer().busy_timeout(Duration::ZERO).unwrap();
        self.reader = Some(reader);
        self
    }

    /// No plain text in an encrypted file; in one that is not, none that was purged.
    pub(super) fn check_bytes(&self, bytes: &[u8], is_done: bool, name: &str) {
        if self.key.is_some() || is_done {
            assert!(!contains(bytes, CANARY), "{name}: plain text is left");
        }
    }

    pub(super) fn holds(&self, word: &str) -> bool {
        let files = ["replica.db", "replica.db-wal"].map(|name| self.folder.path().join(name));
        files
            .iter()
            .any(|file| contains(&std::fs::read(file).unwrap(), word))
    }

    /// Applies the page that `told` makes of the feed.
    fn pull(&self, tell: impl FnOnce(&mut Feed)) -> Result<(), ReplicaError> {
        let mut feed = self.feed.clone();
        tell(&mut feed);
        self.replica.apply(&feed.page()).map(drop)
    }
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes
        .windows(word.len())
        .any(|window| window == word.as_bytes())
}

fn add(replica: &Replica, name: &str, kind: &str, args: &Value) -> Result<(), ReplicaError> {
    let args = RawValue::from_string(args.to_string()).unwrap();
    let id = id(name);
    replica.queue(&command(&id, kind, &args)).map(drop)
}

fn id(name: &str) -> CommandId {
    CommandId::parse(name).unwrap()
}

fn command<'a>(id: &'a CommandId, kind: &'a str, args: &'a RawValue) -> NewCommand<'a> {
    NewCommand {
        id,
        kind,
        version: 1,
        args,
        issued_at: at("2026-05-17T09:00:00Z"),
    }
}

fn scope() -> Scope {
    Scope::parse(CUSTOMERS).unwrap()
}

fn answer(last_cseq: u64, results: &[(u64, CommandStatus)], seq: u64) -> PushResponse {
    let results = results.iter().map(|(cseq, status)| CommandResult {
        cseq: *cseq,
        status: *status,
        code: (*status == CommandStatus::Rejected).then(|| "note-invalid".to_owned()),
        message: None,
        seqs: BTreeMap::from([(scope(), seq)]),
    });
    PushResponse {
        last_cseq,
        results: results.collect(),
    }
}

fn change(base: u64) -> Value {
    json!({"id": "n-1", "customer": "c-1", "base": base, "text": "changed", "pinned": true, "author": "a-1"})
}

fn nothing(_: &World) -> Result<(), ReplicaError> {
    Ok(())
}

/// Writes of one transaction.
pub(super) const SINGLES: &[Operation] = &[
    Operation {
        name: "a new note",
        prepare: nothing,
        run: |world| {
            let args = note("m-9", "c-1", "a new note");
            add(&world.replica, "cmd-9", "note.add", &args)
        },
    },
    Operation {
        name: "a changed note",
        prepare: nothing,
        run: |world| add(&world.replica, "cmd-10", "note.change", &change(2)),
    },
    Operation {
        name: "a note that is taken away",
        prepare: nothing,
        run: |world| {
            let args = json!({"id": "n-1", "customer": "c-1", "base": 2, "author": "a-1"});
            add(&world.replica, "cmd-11", "note.remove", &args)
        },
    },
    Operation {
        name: "a long command",
        prepare: nothing,
        run: |world| {
            let args = note("m-12", "c-1", &"long ".repeat(12_000));
            add(&world.replica, "cmd-12", "note.add", &args)
        },
    },
    Operation {
        name: "the answer of a push",
        prepare: nothing,
        run: |world| {
            let results = [(3, CommandStatus::Applied), (4, CommandStatus::Rejected)];
            world.replica.settle(&answer(4, &results, 15)).map(drop)
        },
    },
    Operation {
        name: "a page",
        prepare: nothing,
        run: |world| {
            world.pull(|feed| {
                feed.customer("c-1", "Ana", "Lima")
                    .delete(CUSTOMERS, "note", "n-2")
                    .put(CUSTOMERS, "note", "m-1", &note("m-1", "c-1", "kept here"))
                    .confirming("cmd-1");
                feed.customer("c-7", "Eva", "Berg");
            })
        },
    },
    Operation {
        name: "a page of many",
        prepare: nothing,
        run: |world| {
            world.pull(|feed| {
                for n in 10..200 {
                    feed.customer(&format!("c-{n}"), "Ida", "Berg");
                }
            })
        },
    },
    Operation {
        name: "a new scope",
        prepare: nothing,
        run: |world| {
            world.pull(|feed| {
                feed.grant("store/2/customers");
                let item = json!({"sku": "s", "title": "Tent", "department": "outdoor"});
                feed.put(CATALOGUE, "item", "s", &item);
            })
        },
    },
    Operation {
        name: "something kept beside",
        prepare: nothing,
        run: |world| world.replica.keep("model", &[1; 9_000]),
    },
    Operation {
        name: "a refused note that is mended",
        prepare: nothing,
        run: |world| {
            let args = RawValue::from_string(note("m-2", "c-1", "mended").to_string()).unwrap();
            let new = id("cmd-13");
            let command = command(&new, "note.add", &args);
            world.replica.mend(&id("cmd-2"), &command).map(drop)
        },
    },
    Operation {
        name: "a refused note that is set aside",
        prepare: nothing,
        run: |world| world.replica.set_aside(&id("cmd-2")),
    },
    Operation {
        name: "a sale with its receipt number",
        prepare: nothing,
        run: sell,
    },
    Operation {
        name: "new numbers for the queue",
        prepare: nothing,
        run: |world| world.replica.renumber(40).map(drop),
    },
    Operation {
        name: "the beginning of a snapshot",
        prepare: nothing,
        run: begin,
    },
    Operation {
        name: "a part of a snapshot",
        prepare: begin,
        run: |world| load(world, 0),
    },
    Operation {
        name: "the last part of a snapshot",
        prepare: |world| begin(world).and_then(|()| load(world, 0)),
        run: |world| load(world, 1),
    },
    Operation {
        name: "a repair",
        prepare: nothing,
        run: |world| {
            let repair = world.cloud.repair();
            let repaired = world.replica.repair(&scope(), &repair)?;
            assert!(matches!(repaired, Repaired::Done { differs: false, .. }));
            Ok(())
        },
    },
];

fn begin(world: &World) -> Result<(), ReplicaError> {
    world.replica.load_begin(&world.cloud.manifest).map(drop)
}

/// Of nothing: what is sold is of no matter here.
fn sell(world: &World) -> Result<(), ReplicaError> {
    let (device, order) = (DeviceId::parse("d-1"), OrderId::parse("o-1"));
    let new = NewSale {
        id: &id("cmd-14"),
        order: &order.unwrap(),
        device: &device.unwrap(),
        store: &StoreId::parse("1").unwrap(),
        workstation: Workstation::new(3).unwrap(),
        day: at("2026-05-17T09:00:00Z").date_naive(),
        goods: BTreeMap::new(),
        sold_at: at("2026-05-17T09:00:00Z"),
    };
    let none = json!({"minor": 0, "currency": "EUR"});
    let order = |receipt: ReceiptNumber| {
        let totals = json!({"mode": "inclusive", "lines": [], "discounts": [], "taxes": [],
            "goods": none, "discount": none, "tax": none, "total": none});
        let order = json!({"id": "o-1", "cart": "k-1", "generation": 1, "receipt": receipt, "store": "1",
            "channel": "tablet", "placed_at": "2026-05-17T09:00:00Z", "totals": totals});
        serde_json::from_value(order).unwrap()
    };
    let sold = world.replica.sell(&new, order)?;
    assert!(matches!(sold, Sold::Kept(_)));
    Ok(())
}

fn load(world: &World, part: u32) -> Result<(), ReplicaError> {
    let cursor = world.cloud.manifest.cursor;
    let bytes = &world.cloud.parts[part as usize];
    let loaded = world.replica.load_part(&scope(), cursor, part, bytes)?;
    assert!(!loaded.differs);
    Ok(())
}

/// Writes that take rows away for good.
pub(super) const PURGES: &[Operation] = &[
    Operation {
        name: "a revocation",
        prepare: nothing,
        run: |world| world.pull(|feed| feed.revoke(CUSTOMERS)),
    },
    Operation {
        name: "another life of the feed",
        prepare: nothing,
        run: |world| {
            world.pull(|feed| {
                feed.restart(2);
                feed.customer("c-8", "Eva", "Berg");
            })
        },
    },
];

/// The operation of a name.
pub(super) fn named(name: &str) -> &'static Operation {
    let mut all = SINGLES.iter().chain(PURGES);
    all.find(|operation| operation.name == name).unwrap()
}

/// A world on a file that was one before.
pub(super) fn open(path: &Path) -> Result<World, ReplicaError> {
    Ok(World {
        replica: Replica::open(path, key())?,
        feed: told().0,
        cloud: Cloud::new(),
        key: Some([7; 32]),
        reader: None,
        folder: folder(),
    })
}
