//! Shares a page among feeds.

/// How many changes of each feed go into a page of `limit`: the whole backlog where it is small, and equal parts of
/// what is left to the others, so that a long history does not hold up a price.
pub(super) fn share(backlogs: &[u64], limit: usize) -> Vec<usize> {
    let mut shares = vec![0; backlogs.len()];
    let mut order: Vec<(usize, u64)> = backlogs.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, backlog)| *backlog);
    let mut room = limit;
    let mut waiting = order.len();
    for (index, backlog) in order {
        let part = room / waiting.max(1);
        let taken = usize::try_from(backlog).unwrap_or(usize::MAX).min(part);
        if let Some(share) = shares.get_mut(index) {
            *share = taken;
        }
        room -= taken;
        waiting -= 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_backlogs_come_whole_and_large_ones_share() {
        assert_eq!(share(&[1_000, 2, 1_000], 100), [49, 2, 49]);
        assert_eq!(share(&[5, 0, 3], 100), [5, 0, 3]);
        assert_eq!(share(&[7, 7], 1), [0, 1]);
        assert_eq!(share(&[], 10), [0_usize; 0]);
    }

    proptest! {
        #[test]
        fn a_page_is_filled_and_never_over_filled(backlogs in prop::collection::vec(0_u64..50, 0..25), limit in 1_usize..100) {
            let shares = share(&backlogs, limit);
            let total: u64 = backlogs.iter().sum();
            let taken: usize = shares.iter().sum();
            prop_assert_eq!(taken, limit.min(usize::try_from(total).unwrap()));
            for (share, backlog) in shares.iter().zip(&backlogs) {
                prop_assert!(u64::try_from(*share).unwrap() <= *backlog);
            }
        }
    }
}
