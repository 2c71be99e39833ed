//! I21: a full disk is a typed error, leaves no partial state, and is recovered from.

use crate::testing::{Feed, Home, dump, key, note, queue, try_queue};
use crate::{Replica, ReplicaError};
use std::path::Path;
use std::process::Command;

#[test]
fn i21_a_page_that_does_not_fit_changes_nothing_and_fits_later() {
    let home = Home::new();
    let mut feed = Feed::new();
    home.pull(feed.customer("c-0", "Ana", "Souza"));
    for n in 0..2_000 {
        feed.customer(&format!("c-{n}"), "Eva", "Lindqvist");
    }
    let page = feed.page();
    let before = dump(&home.replica);
    home.replica.limit_pages(home.replica.count_pages() + 10);
    assert!(matches!(
        home.replica.apply(&page),
        Err(ReplicaError::StorageFull)
    ));
    assert_eq!(dump(&home.replica), before);
    assert_eq!(
        home.replica.search_customers("eva", 5).unwrap().hits.len(),
        0
    );
    home.replica.limit_pages(1 << 20);
    home.replica.apply(&page).unwrap();
    assert_eq!(home.replica.count_customers().unwrap(), 2_000);
}

#[test]
fn i21_a_command_that_does_not_fit_takes_no_number() {
    let home = Home::new();
    let long = "x".repeat(100_000);
    assert_eq!(
        queue(&home.replica, "cmd-1", &note("n-1", "c-1", "short")),
        1
    );
    home.replica.limit_pages(home.replica.count_pages());
    let full = try_queue(&home.replica, "cmd-2", &note("n-2", "c-1", &long));
    assert!(matches!(full, Err(ReplicaError::StorageFull)), "{full:?}");
    assert_eq!(home.replica.standing().unwrap().unsent, 1);
    home.replica.limit_pages(1 << 20);
    assert_eq!(queue(&home.replica, "cmd-2", &note("n-2", "c-1", &long)), 2);
}

/// A file system of its own, where this machine lets one be made.
struct Disk(tempfile::TempDir);

impl Disk {
    fn of(kilobytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={kilobytes}k"), "tmpfs"]);
        let made = mount.arg(folder.path()).output();
        made.is_ok_and(|output| output.status.success())
            .then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg(self.path()).output().ok();
    }
}

#[test]
fn i21_a_disk_without_room_is_told_when_the_file_is_opened_too() {
    let Some(disk) = Disk::of(4_096) else {
        return println!("no file system of its own can be made here: skipped");
    };
    let path = disk.path().join("replica.db");
    {
        let replica = Replica::open(&path, key()).unwrap();
        assert_eq!(queue(&replica, "cmd-1", &note("n-1", "c-1", "short")), 1);
    }
    let filler = disk.path().join("filler");
    let mut full = std::fs::File::create(&filler).unwrap();
    while std::io::Write::write(&mut full, &[7; 4_096]).is_ok() {}
    let refused = Replica::open(&path, key()).map(|_| ());
    assert!(
        matches!(refused, Err(ReplicaError::StorageFull)),
        "{refused:?}"
    );
    // A file that is open keeps its room.
    drop(full);
    std::fs::remove_file(filler).unwrap();
    let replica = Replica::open(&path, key()).unwrap();
    assert_eq!(replica.standing().unwrap().unsent, 1);
    let left = std::fs::read_dir(disk.path()).unwrap().flatten();
    let mut names = left.map(|entry| entry.file_name());
    assert!(!names.any(|name| name.to_string_lossy().ends_with("-room")));
}
