//! Lets everybody in when it is time, and hears what each was told.

use crate::plan::Visit;
use crate::shopper::{Shop, Shopper};
use crate::tally::{Heard, Tally};
use aisle_tests::figure::now;
use anyhow::Result;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc};

/// Requests under way at the same time: as many connections. Whoever waits for one has begun to wait for her answer.
const AT_ONCE: usize = 400;
/// Answers that wait to be counted.
const TO_COUNT: usize = 4_096;

/// Everybody's requests, and how long it was from the first of them to the last answer.
pub(crate) async fn come(shop: Arc<Shop>, visits: Vec<Visit>) -> Result<(Tally, Duration)> {
    let (tell, mut told) = mpsc::channel(TO_COUNT);
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let opens = now();
    let door = tokio::spawn(async move {
        for (number, visit) in visits.into_iter().enumerate() {
            tokio::time::sleep_until((opens + visit.begins).into()).await;
            let shopper = Shopper::new(shop.clone(), number)?;
            tokio::spawn(shop_around(
                shopper,
                visit,
                opens,
                room.clone(),
                tell.clone(),
            ));
        }
        anyhow::Ok(())
    });
    let mut tally = Tally::default();
    while let Some(heard) = told.recv().await {
        tally.add(heard);
    }
    door.await??;
    Ok((tally, opens.elapsed()))
}

/// One act after the other; the first that comes to nothing ends the visit.
async fn shop_around(
    mut shopper: Shopper,
    visit: Visit,
    opens: Instant,
    room: Arc<Semaphore>,
    tell: mpsc::Sender<Heard>,
) {
    let mut due = opens + visit.begins;
    for (nth, (pause, act)) in visit.acts.into_iter().enumerate() {
        due += pause;
        tokio::time::sleep_until(due.into()).await;
        let Ok(_place) = room.acquire().await else {
            return;
        };
        let seen = match shopper.act(act, nth).await {
            Ok(Some(seen)) => Ok(seen),
            Ok(None) => return,
            // Without the address, which names a cart: errors of a kind are counted together.
            Err(error) => Err(match error.downcast::<reqwest::Error>() {
                Ok(error) => anyhow::Error::from(error.without_url())
                    .root_cause()
                    .to_string(),
                Err(error) => format!("{error:#}"),
            }),
        };
        let ends = match &seen {
            Ok(seen) => seen.ends(),
            Err(_) => true,
        };
        let took = due.elapsed();
        let heard = Heard {
            act,
            due: due - opens,
            took,
            seen,
        };
        due += took;
        if tell.send(heard).await.is_err() || ends {
            return;
        }
    }
}
