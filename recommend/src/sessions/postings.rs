//! Item -> the newest sessions it was in, for the flat layer.

use super::Lists;

/// Ranks of sessions by item, newest first, at most `per_item` each.
#[derive(Debug, Clone, Default)]
pub(super) struct Postings {
    starts: Vec<u32>,
    ranks: Vec<u32>,
}

impl Postings {
    /// One pass for the sizes, one from the newest session down for the ranks.
    pub(super) fn build(sessions: &Lists, per_item: u32) -> Self {
        let mut sizes = sessions.frequencies();
        let mut starts = Vec::with_capacity(sizes.len() + 1);
        let mut end = 0_u32;
        for size in &mut sizes {
            *size = (*size).min(per_item);
            starts.push(end);
            end = end.saturating_add(*size);
        }
        starts.push(end);
        let mut ranks = vec![0; end as usize];
        let mut next = starts.clone();
        for rank in (0..sessions.len()).rev() {
            for item in sessions.get(rank) {
                let place = *item as usize;
                let (Some(at), Some(limit)) = (next.get_mut(place), starts.get(place + 1)) else {
                    continue;
                };
                if *at < *limit
                    && let Some(slot) = ranks.get_mut(*at as usize)
                {
                    *slot = rank;
                    *at += 1;
                }
            }
        }
        Self { starts, ranks }
    }

    /// The sessions of `item`, newest first.
    pub(super) fn of(&self, item: u32) -> &[u32] {
        let place = item as usize;
        let (Some(start), Some(end)) = (self.starts.get(place), self.starts.get(place + 1)) else {
            return &[];
        };
        self.ranks
            .get(*start as usize..*end as usize)
            .unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_keeps_its_newest_sessions() {
        let mut lists = Lists::default();
        for list in [[1, 2], [1, 3], [2, 3], [1, 2]] {
            lists.push(&list);
        }
        let postings = Postings::build(&lists, 2);
        assert_eq!(postings.of(1), [3, 1]);
        assert_eq!(postings.of(2), [3, 2]);
        assert_eq!(postings.of(3), [2, 1]);
        assert_eq!(postings.of(0), &[] as &[u32]);
        assert_eq!(postings.of(77), &[] as &[u32]);
    }
}
