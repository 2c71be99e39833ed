//! How many streams a device may have open: a tablet whose network went away opens another before the first is known to
//! be dead, so the newest stay and the oldest goes.

use domain::ids::DeviceId;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// The most streams of one device.
const MAX_SEATS: usize = 2;

/// Who sits where. Clones share it.
#[derive(Debug, Clone, Default)]
pub(in crate::functions::sync) struct Seats(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    by_device: BTreeMap<DeviceId, VecDeque<(u64, oneshot::Sender<()>)>>,
}

/// A place, until it is dropped or lost to a newer one.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Seats,
    device: DeviceId,
    number: u64,
    lost: oneshot::Receiver<()>,
}

impl Seats {
    pub(super) fn take(&self, device: &DeviceId) -> Seat {
        let (keep, lost) = oneshot::channel();
        let mut taken = self.taken();
        let number = taken.next;
        taken.next = number.wrapping_add(1);
        let seats = taken.by_device.entry(device.clone()).or_default();
        seats.push_back((number, keep));
        if seats.len() > MAX_SEATS {
            // Dropping the sender tells the one who sits there.
            seats.pop_front();
        }
        Seat {
            seats: self.clone(),
            device: device.clone(),
            number,
            lost,
        }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Waits until a newer stream took it.
    pub(super) async fn lost(&mut self) {
        let _ = (&mut self.lost).await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        if let Some(seats) = taken.by_device.get_mut(&self.device) {
            seats.retain(|(number, _)| *number != self.number);
            if seats.is_empty() {
                taken.by_device.remove(&self.device);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(name: &str) -> DeviceId {
        DeviceId::parse(name).unwrap()
    }

    #[tokio::test]
    async fn the_two_newest_stay_and_nothing_is_left_of_those_that_went() {
        let seats = Seats::default();
        let mut first = seats.take(&device("a"));
        let mut second = seats.take(&device("a"));
        let mut other = seats.take(&device("b"));
        let third = seats.take(&device("a"));
        first.lost().await;
        for still in [&mut second, &mut other] {
            assert!(
                still
                    .lost
                    .try_recv()
                    .is_err_and(|error| error == oneshot::error::TryRecvError::Empty)
            );
        }
        drop(first);
        assert_eq!(seats.taken().by_device[&device("a")].len(), 2);
        drop((second, third, other));
        assert!(seats.taken().by_device.is_empty());
    }
}
