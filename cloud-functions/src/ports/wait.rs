//! Waits for a feed to move: what long polls share.

use domain::api::sync::Scope;
use std::pin::Pin;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Sleep;

/// Waits until one of `scopes` moved, or may have: true. False when the wait is over first.
pub async fn until_moved(
    pokes: &mut Receiver<Scope>,
    scopes: &[Scope],
    mut end: Pin<&mut Sleep>,
) -> bool {
    loop {
        tokio::select! {
            () = end.as_mut() => return false,
            poke = pokes.recv() => match poke {
                Ok(moved) if scopes.contains(&moved) => return true,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return true,
                // Nobody can poke any more: the wait is all that is left.
                Err(RecvError::Closed) => {
                    end.as_mut().await;
                    return false;
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::poke::Poke;
    use std::pin::pin;
    use std::time::Duration;

    fn scope(name: &str) -> Scope {
        Scope::parse(name).unwrap()
    }

    #[tokio::test]
    async fn it_ends_when_a_feed_of_ours_moves() {
        let (poke, long) = (Poke::default(), Duration::from_secs(3_600));
        let mut pokes = poke.listen();
        poke.moved(&scope("theirs"));
        poke.moved(&scope("ours"));
        assert!(until_moved(&mut pokes, &[scope("ours")], pin!(tokio::time::sleep(long))).await);
    }

    #[tokio::test]
    async fn who_missed_a_poke_looks_again() {
        let (poke, long) = (Poke::default(), Duration::from_secs(3_600));
        let mut pokes = poke.listen();
        (0..2_000).for_each(|_| poke.moved(&scope("theirs")));
        assert!(until_moved(&mut pokes, &[scope("ours")], pin!(tokio::time::sleep(long))).await);
    }

    #[tokio::test]
    async fn it_ends_with_the_wait_when_only_others_move() {
        let poke = Poke::default();
        let mut pokes = poke.listen();
        poke.moved(&scope("theirs"));
        let end = pin!(tokio::time::sleep(Duration::from_millis(1)));
        assert!(!until_moved(&mut pokes, &[scope("ours")], end).await);
        drop(poke);
        let end = pin!(tokio::time::sleep(Duration::from_millis(1)));
        assert!(!until_moved(&mut pokes, &[scope("ours")], end).await);
    }
}
