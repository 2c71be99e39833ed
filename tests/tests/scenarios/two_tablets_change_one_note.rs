//! Two tablets change the same note, one of them with the network down: the loser is told, mends it, and both agree.

use aisle_tests::browser::Browser;
use aisle_tests::demo::ASSOCIATE;
use aisle_tests::until::until;
use aisle_tests::world::{DeviceProgram, World};
use anyhow::Result;
use domain::api::device::{ChangeNote, Delivery, NoteView, ReadStatus};
use domain::ids::CustomerId;

const FIRST: &str = "Looks for a tent for four";
const THEIRS: &str = "Bought the tent, looks for a stove";
const MINE: &str = "Looks for a tent for six";
const MENDED: &str = "Bought the tent for six, looks for a stove";

#[tokio::test]
async fn and_the_one_that_came_second_is_mended() -> Result<()> {
    let mut world = World::start().await?;
    let tablet = world.device("tablet", "tablet").await?;
    let other = world.device("other", "tablet").await?;
    other.sign_in(ASSOCIATE).await?;
    let screen = Browser::chromium(1280, 800).await?;
    screen.open(&tablet.url()).await?;
    screen.sign_in(ASSOCIATE).await?;
    let customer = tablet.a_regular().await?.customer;
    let (id, name) = (customer.id, customer.name.full());
    screen.open_customer(&name, id.as_str()).await?;
    screen.write_note(FIRST).await?;
    let note = sent(&other, &id, FIRST).await?;

    // Without a network the one waits; the other one is quicker.
    world.kill_cloud().await?;
    change_note(&screen, &note, MINE).await?;
    screen
        .find_by("[data-testid='note'][data-state='kept']")
        .await?;
    tablet.kill().await?;
    world.start_cloud().await?;
    let change = ChangeNote {
        id: note.note.id.clone(),
        customer: id.clone(),
        base: note.version,
        text: THEIRS.into(),
        pinned: false,
    };
    other.call(&change).await?;
    sent(&other, &id, THEIRS).await?;

    let tablet = world.start_device("tablet", "tablet", "unused").await?;
    tablet.sign_in(ASSOCIATE).await?;
    screen.open(&tablet.url()).await?;
    mend(&screen).await?;
    for tablet in [&tablet, &other] {
        sent(tablet, &id, MENDED).await?;
        let status = tablet.call(&ReadStatus {}).await?.sync;
        assert_eq!(status.needs_attention, 0, "something is still refused");
    }
    screen
        .find_by("[data-testid='sync-badge'][data-state='fresh']")
        .await?;
    // The stream of signals broke when the first program was killed, which is what the browser reports.
    screen.check_console(&["device/"]).await
}

/// Changes a note on the card that is open.
async fn change_note(screen: &Browser, note: &NoteView, text: &str) -> Result<()> {
    let edit = format!("[data-note='{}'] [data-testid='note-edit']", note.note.id);
    screen.click_by(&edit).await?;
    rewrite(screen, text).await?;
    screen.wait_for_text("note", text).await
}

/// Puts another text in place of that in the editor, and keeps it.
async fn rewrite(screen: &Browser, text: &str) -> Result<()> {
    let field = screen.find("note-edit-input").await?;
    let all = thirtyfour::Key::Control + "a";
    field.send_keys(all).await?;
    field.send_keys(text).await?;
    screen.wait_for_value("note-edit-input", text).await?;
    screen.click("note-edit-save").await
}

/// From the badge to the repair screen, where both texts are; the mended one is neither.
async fn mend(screen: &Browser) -> Result<()> {
    screen
        .find_by("[data-testid='sync-badge'][data-state='attention']")
        .await?;
    screen.click("sync-badge").await?;
    screen.click("go-repair").await?;
    screen
        .find_by("[data-testid='refused-command'][data-code='note-moved']")
        .await?;
    screen.wait_for_text("version-mine", MINE).await?;
    screen.wait_for_text("version-theirs", THEIRS).await?;
    screen.check_accessible().await?;
    screen.click("offer-edit").await?;
    rewrite(screen, MENDED).await?;
    screen.find("empty").await.map(|_| ())
}

/// Waits until a tablet shows a note with this text as confirmed.
async fn sent(tablet: &DeviceProgram, customer: &CustomerId, text: &str) -> Result<NoteView> {
    until(&format!("“{text}” to be sent"), || async {
        let notes = tablet.card(customer).await?.value.notes;
        let is_it = |note: &NoteView| note.note.text == text && note.state == Delivery::Sent;
        Ok(notes.into_iter().find(is_it))
    })
    .await
}
