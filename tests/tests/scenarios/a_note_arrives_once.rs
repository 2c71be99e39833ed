//! A note that was written with the network down, on a tablet that then lost its power, arrives exactly once.

use aisle_tests::demo::ASSOCIATE;
use aisle_tests::until::until;
use aisle_tests::world::{DeviceProgram, World};
use anyhow::Result;
use domain::api::device::{AddNote, Delivery, NoteView, ReadStatus};
use domain::ids::CustomerId;

const NOTE: &str = "Prefers the window seat at the fitting rooms";

#[tokio::test]
async fn through_an_outage_and_two_power_cuts() -> Result<()> {
    let mut world = World::start().await?;
    let tablet = world.device("tablet", "tablet").await?;
    tablet.sign_in(ASSOCIATE).await?;
    let customer = tablet.a_regular().await?.customer.id;
    world.kill_cloud().await?;
    let note = AddNote {
        customer: customer.clone(),
        text: NOTE.into(),
        pinned: false,
    };
    assert_eq!(tablet.call(&note).await?.state, Delivery::Kept);
    assert_eq!(unsent(&tablet).await?, 1);
    tablet.kill().await?;

    let tablet = world.start_device("tablet", "tablet", "unused").await?;
    assert_eq!(unsent(&tablet).await?, 1, "the power cut lost the note");
    world.start_cloud().await?;
    until("the note to be sent", || async {
        Ok((unsent(&tablet).await? == 0).then_some(()))
    })
    .await?;
    tablet.sign_in(ASSOCIATE).await?;
    let (mine, _) = notes(&tablet, &customer).await?;
    assert_eq!(mine.len(), 1);
    assert_eq!(mine[0].state, Delivery::Sent);

    let other = world.device("other", "tablet").await?;
    other.sign_in(ASSOCIATE).await?;
    let (theirs, _) = notes(&other, &customer).await?;
    assert_eq!(theirs.len(), 1, "the other tablet sees {theirs:?}");
    assert_eq!(theirs[0].note.id, mine[0].note.id);
    Ok(())
}

#[tokio::test]
async fn though_its_acknowledgement_was_lost() -> Result<()> {
    let mut world = World::start().await?;
    let tablet = world.device("tablet", "tablet").await?;
    tablet.sign_in(ASSOCIATE).await?;
    let customer = tablet.a_regular().await?.customer.id;
    // As the folder is before it learns that the note was taken.
    let add = AddNote {
        customer: customer.clone(),
        text: NOTE.into(),
        pinned: false,
    };
    world.kill_cloud().await?;
    tablet.call(&add).await?;
    tablet.kill().await?;
    let folder = world.folder().join("tablet");
    let kept = tempfile::tempdir()?;
    copy(&folder, kept.path())?;

    world.start_cloud().await?;
    let tablet = world.start_device("tablet", "tablet", "unused").await?;
    until("the note to be sent", || async {
        Ok((unsent(&tablet).await? == 0).then_some(()))
    })
    .await?;
    tablet.kill().await?;
    std::fs::remove_dir_all(&folder)?;
    copy(kept.path(), &folder)?;

    // It sends the note again, as if nobody had ever answered.
    let tablet = world.start_device("tablet", "tablet", "unused").await?;
    until("the note to be sent again", || async {
        Ok((unsent(&tablet).await? == 0).then_some(()))
    })
    .await?;
    tablet.sign_in(ASSOCIATE).await?;
    let (mine, all) = notes(&tablet, &customer).await?;
    assert_eq!(mine.len(), 1, "the card shows {mine:?}");
    let other = world.device("other", "tablet").await?;
    other.sign_in(ASSOCIATE).await?;
    let (theirs, others) = notes(&other, &customer).await?;
    assert_eq!((theirs.len(), others), (1, all));
    let status = tablet.call(&ReadStatus {}).await?;
    assert_eq!(status.sync.needs_attention, 0, "a repeat was refused");
    Ok(())
}

async fn unsent(tablet: &DeviceProgram) -> Result<u32> {
    Ok(tablet.call(&ReadStatus {}).await?.sync.unsent)
}

/// The notes with our text, and how many there are in all.
async fn notes(tablet: &DeviceProgram, customer: &CustomerId) -> Result<(Vec<NoteView>, usize)> {
    let mut notes = tablet.card(customer).await?.value.notes;
    let all = notes.len();
    notes.retain(|note| note.note.text == NOTE);
    Ok((notes, all))
}

fn copy(from: &std::path::Path, to: &std::path::Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
