//! Many short lists of numbers in two flat arrays.

/// The most numbers that all lists hold together; offsets are `u32`.
const NUMBERS_MAX: usize = 1 << 31;

/// Lists by rank: `starts[rank]..starts[rank + 1]` is a list's place in `numbers`.
#[derive(Debug, Clone)]
pub(crate) struct Lists {
    starts: Vec<u32>,
    numbers: Vec<u32>,
}

impl Default for Lists {
    fn default() -> Self {
        Self {
            starts: vec![0],
            numbers: Vec::new(),
        }
    }
}

impl Lists {
    /// Appends a list. Past [`NUMBERS_MAX`] numbers it is appended empty.
    pub(crate) fn push(&mut self, list: &[u32]) {
        if self.numbers.len() + list.len() <= NUMBERS_MAX {
            self.numbers.extend_from_slice(list);
        }
        self.starts
            .push(u32::try_from(self.numbers.len()).unwrap_or(u32::MAX));
    }

    /// The list with this rank; empty when there is none.
    pub(crate) fn get(&self, rank: u32) -> &[u32] {
        let rank = rank as usize;
        let (Some(start), Some(end)) = (self.starts.get(rank), self.starts.get(rank + 1)) else {
            return &[];
        };
        self.numbers
            .get(*start as usize..*end as usize)
            .unwrap_or(&[])
    }

    /// How many lists there are.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.starts.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// How many numbers all lists hold.
    pub(crate) fn numbers_len(&self) -> usize {
        self.numbers.len()
    }

    /// All lists, by rank.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &[u32]> {
        (0..self.len()).map(|rank| self.get(rank))
    }

    /// Drops the lists of the lowest ranks until at most `kept` are left. Returns how many went.
    pub(crate) fn keep_newest(&mut self, kept: u32) -> u32 {
        let dropped = self.len().saturating_sub(kept);
        if dropped == 0 {
            return 0;
        }
        let offset = self.starts.get(dropped as usize).copied().unwrap_or(0);
        self.starts.drain(..dropped as usize);
        for start in &mut self.starts {
            *start -= offset;
        }
        self.numbers.drain(..offset as usize);
        dropped
    }

    /// In how many lists each number is, for lists without repeats.
    pub(crate) fn frequencies(&self) -> Vec<u32> {
        let mut counts: Vec<u32> = Vec::new();
        for number in &self.numbers {
            let place = *number as usize;
            if place >= counts.len() {
                counts.resize(place + 1, 0);
            }
            if let Some(count) = counts.get_mut(place) {
                *count += 1;
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_their_order_when_the_oldest_go() {
        let mut lists = Lists::default();
        for list in [&[1, 2][..], &[], &[3], &[2, 3]] {
            lists.push(list);
        }
        assert_eq!(lists.frequencies(), [0, 1, 2, 2]);
        assert_eq!(lists.keep_newest(2), 2);
        assert_eq!(lists.iter().collect::<Vec<_>>(), [&[3][..], &[2, 3]]);
        assert_eq!(lists.get(9), &[] as &[u32]);
        assert_eq!(lists.keep_newest(5), 0);
        assert_eq!(lists.numbers_len(), 3);
    }
}
