//! A tablet whose folder comes from a backup: what was taken away meanwhile does not come back (pouchdb#7645), its numbers
//! that others have do not wedge its queue (libsql#2122), and what was never sent arrives.

use aisle_tests::demo::ASSOCIATE;
use aisle_tests::until::until;
use aisle_tests::world::{DeviceProgram, World};
use anyhow::{Context as _, Result};
use domain::api::device::{AddNote, NoteView, ReadStatus, RemoveNote};
use domain::ids::CustomerId;
use std::path::Path;

const TAKEN_AWAY: &str = "In the backup, and taken away since";
const FORGOTTEN: &str = "Sent after the backup";
const NEW: &str = "Written after the tablet was set back";

#[tokio::test]
async fn and_loses_nothing_and_brings_nothing_back() -> Result<()> {
    let mut world = World::start().await?;
    let other = world.device("other", "tablet").await?;
    other.sign_in(ASSOCIATE).await?;
    let tablet = world.device("tablet", "tablet").await?;
    tablet.sign_in(ASSOCIATE).await?;
    let customer = tablet.a_regular().await?.customer.id;

    // The backup has one note that was not sent yet.
    world.kill_cloud().await?;
    add(&tablet, &customer, TAKEN_AWAY).await?;
    tablet.kill().await?;
    let backup = tempfile::tempdir()?;
    let folder = world.folder().join("tablet");
    copy(&folder, backup.path())?;

    // It is sent, and another one behind it; somebody takes the first one away.
    world.start_cloud().await?;
    let tablet = world.start_device("tablet", "tablet", "unused").await?;
    tablet.sign_in(ASSOCIATE).await?;
    add(&tablet, &customer, FORGOTTEN).await?;
    until_sent(&tablet).await?;
    let note = until("the note on the other tablet", || async {
        Ok(find(&other, &customer, TAKEN_AWAY).await?.pop())
    })
    .await?;
    let removal = RemoveNote {
        id: note.note.id,
        customer: customer.clone(),
        base: note.version,
    };
    other.call(&removal).await?;
    until_sent(&other).await?;

    // Set back, it writes under a number that the cloud knows as another command's.
    tablet.kill().await?;
    world.kill_cloud().await?;
    std::fs::remove_dir_all(&folder)?;
    copy(backup.path(), &folder)?;
    let tablet = world.start_device("tablet", "tablet", "unused").await?;
    tablet.sign_in(ASSOCIATE).await?;
    add(&tablet, &customer, NEW).await?;
    world.start_cloud().await?;
    until_sent(&tablet).await?;

    for device in [&tablet, &other] {
        until("the same notes on both tablets", || async {
            let counts = [
                find(device, &customer, TAKEN_AWAY).await?.len(),
                find(device, &customer, FORGOTTEN).await?.len(),
                find(device, &customer, NEW).await?.len(),
            ];
            Ok((counts == [0, 1, 1]).then_some(()))
        })
        .await?;
        let status = device.call(&ReadStatus {}).await?.sync;
        assert_eq!(status.needs_attention, 0, "something was refused");
    }
    Ok(())
}

async fn add(tablet: &DeviceProgram, customer: &CustomerId, text: &str) -> Result<()> {
    let note = AddNote {
        customer: customer.clone(),
        text: text.to_owned(),
        pinned: false,
    };
    tablet.call(&note).await.map(drop)
}

async fn until_sent(tablet: &DeviceProgram) -> Result<()> {
    let look = || async {
        let unsent = tablet.call(&ReadStatus {}).await?.sync.unsent;
        Ok((unsent == 0).then_some(()))
    };
    until("the queue to drain", look)
        .await
        .with_context(|| tablet.log())
}

async fn find(tablet: &DeviceProgram, customer: &CustomerId, text: &str) -> Result<Vec<NoteView>> {
    let mut notes = tablet.card(customer).await?.value.notes;
    notes.retain(|note| note.note.text == text);
    Ok(notes)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
