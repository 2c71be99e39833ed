//! Sessions that are over, oldest first, in chunks of flat memory.
//!
//! A session has no table entry: its *position* in the arena names it, and positions grow with recency, so
//! one number says where a session is and how new it is. Its first word carries its length, so that
//! reading it is one access to memory. Nothing is ever moved: new sessions are written behind the newest,
//! the oldest are dropped from the front, and positions wrap after 2³² words.

/// Words of a chunk, as a power of two: 1 MiB. No session crosses the end of a chunk.
const CHUNK_BITS: u32 = 18;
const CHUNK_WORDS: u32 = 1 << CHUNK_BITS;
/// The item of a word; the bits above hold the length, in a session's first word.
const ITEM_BITS: u32 = 24;
const ITEM_MASK: u32 = (1 << ITEM_BITS) - 1;
/// The longest session, so that its length fits the bits above an item.
pub(super) const SESSION_LEN_MAX: u32 = u32::MAX >> ITEM_BITS;
/// The most words that are held at a time: distances between positions are keys of 27 bits.
pub(super) const WORDS_MAX: u32 = 1 << 26;

/// A ring of chunks.
#[derive(Debug, Clone, Default)]
pub(super) struct Arena {
    chunks: Vec<Vec<u32>>,
    /// Where the oldest session is.
    oldest: u32,
    /// Where the next session goes.
    end: u32,
    sessions: u32,
}

impl Arena {
    /// How many sessions there are.
    pub(super) fn len(&self) -> u32 {
        self.sessions
    }

    /// Where the next session goes. How far a position lies before it is the age of the session there.
    pub(super) fn end(&self) -> u32 {
        self.end
    }

    /// From the oldest session to the end, in words.
    pub(super) fn span(&self) -> u32 {
        self.end.wrapping_sub(self.oldest)
    }

    /// Where in its chunk the oldest session is. An arena that begins there and gets the same sessions lays
    /// them out alike, so that ages are the same too.
    pub(super) fn offset(&self) -> u32 {
        self.oldest % CHUNK_WORDS
    }

    /// An empty arena that begins at this offset.
    pub(super) fn starting_at(offset: u32) -> Self {
        let offset = offset % CHUNK_WORDS;
        let mut chunks = Vec::new();
        if offset > 0 {
            chunks.push(vec![0; offset as usize]);
        }
        Self {
            chunks,
            oldest: offset,
            end: offset,
            sessions: 0,
        }
    }

    /// Whether a session of `len` items would make the arena larger than it may be.
    pub(super) fn is_full_for(&self, len: usize) -> bool {
        let len = u32::try_from(len).unwrap_or(CHUNK_WORDS);
        self.span() >= WORDS_MAX - CHUNK_WORDS - len.min(CHUNK_WORDS)
    }

    /// Appends a session and tells its position. Items past [`SESSION_LEN_MAX`] are left out.
    pub(super) fn push(&mut self, items: &[u32]) -> u32 {
        let items = items.get(..SESSION_LEN_MAX as usize).unwrap_or(items);
        let needed = items.len().max(1);
        let free = CHUNK_WORDS - self.end % CHUNK_WORDS;
        if (free as usize) < needed {
            self.end = self.end.wrapping_add(free);
        }
        if self.end.is_multiple_of(CHUNK_WORDS) {
            if self.sessions == 0 {
                self.chunks.clear();
            }
            self.chunks.push(Vec::new());
        }
        let position = self.end;
        if let Some(chunk) = self.chunks.last_mut() {
            let before = chunk.len();
            chunk.extend(words(items.iter().copied()));
            let written = u32::try_from(chunk.len() - before).unwrap_or(0);
            self.end = self.end.wrapping_add(written);
            self.sessions += 1;
        }
        if self.sessions == 1 {
            self.oldest = position;
        }
        position
    }

    /// The items of the session at `position`, oldest first; none where no session begins.
    pub(super) fn get(&self, position: u32) -> Items<'_> {
        let words = self.words(position);
        let length = words.first().map_or(0, |word| word >> ITEM_BITS);
        Items(words.get(..length as usize).unwrap_or(&[]).iter())
    }

    /// Drops the oldest session and tells where it was and what it had.
    pub(super) fn pop_oldest(&mut self) -> Option<(u32, Vec<u32>)> {
        if self.sessions == 0 {
            return None;
        }
        let position = self.oldest;
        let items: Vec<u32> = self.get(position).collect();
        self.sessions -= 1;
        self.oldest = self.after(position, items.len());
        if self.sessions == 0 {
            self.oldest = self.end;
        }
        if position >> CHUNK_BITS != self.oldest >> CHUNK_BITS {
            self.chunks.remove(0);
        }
        Some((position, items))
    }

    /// All sessions, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = Items<'_>> {
        let mut position = self.oldest;
        (0..self.sessions).map(move |_| {
            let items = self.get(position);
            position = self.after(position, items.len());
            items
        })
    }

    /// The position of the session after the one of `len` items at `position`.
    fn after(&self, position: u32, len: usize) -> u32 {
        let len = u32::try_from(len).unwrap_or(SESSION_LEN_MAX);
        let next = position.wrapping_add(len.max(1));
        let ends = next == self.end || !self.words(next).is_empty();
        if ends || next.is_multiple_of(CHUNK_WORDS) {
            next
        } else {
            next.wrapping_add(CHUNK_WORDS - next % CHUNK_WORDS)
        }
    }

    /// The words from `position` to the end of its chunk.
    fn words(&self, position: u32) -> &[u32] {
        let first = self.oldest >> CHUNK_BITS;
        let chunk = (position >> CHUNK_BITS).wrapping_sub(first) & (u32::MAX >> CHUNK_BITS);
        let within = (position % CHUNK_WORDS) as usize;
        let chunk = self.chunks.get(chunk as usize);
        chunk.and_then(|words| words.get(within..)).unwrap_or(&[])
    }
}

/// A session as the arena and snapshots hold it: at least one word, the first with the length.
pub(crate) fn words(items: impl ExactSizeIterator<Item = u32>) -> impl Iterator<Item = u32> {
    let length = u32::try_from(items.len())
        .unwrap_or(SESSION_LEN_MAX)
        .min(SESSION_LEN_MAX);
    let nothing = (length == 0).then_some(0);
    let tagged = items.take(SESSION_LEN_MAX as usize).enumerate();
    let tagged = tagged.map(move |(place, item)| match place {
        0 => length << ITEM_BITS | item & ITEM_MASK,
        _ => item & ITEM_MASK,
    });
    tagged.chain(nothing)
}

/// The session that `words` begins with, and what follows it; `None` where there is none, or it is cut off.
pub(crate) fn first_session(words: &[u32]) -> Option<(Items<'_>, &[u32])> {
    let length = (words.first()? >> ITEM_BITS) as usize;
    let (session, rest) = words.split_at_checked(length.max(1))?;
    Some((Items(session.get(..length)?.iter()), rest))
}

/// The items of a session, oldest first.
#[derive(Debug, Clone)]
pub(crate) struct Items<'a>(std::slice::Iter<'a, u32>);

impl<'a> Items<'a> {
    /// Items that lie in a slice; item numbers end before the bits that are masked.
    pub(super) fn of(items: &'a [u32]) -> Self {
        Self(items.iter())
    }
}

impl Iterator for Items<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        self.0.next().map(|word| word & ITEM_MASK)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Items<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    fn all(arena: &Arena) -> Vec<Vec<u32>> {
        arena.iter().map(Iterator::collect).collect()
    }

    #[test]
    fn sessions_are_found_by_position_and_positions_grow() {
        let mut arena = Arena::default();
        let sessions = [vec![1, 2, 3], vec![], vec![ITEM_MASK], vec![9; 255]];
        let positions: Vec<u32> = sessions.iter().map(|items| arena.push(items)).collect();
        assert!(positions.is_sorted());
        for (position, items) in positions.iter().zip(&sessions) {
            assert_eq!(arena.get(*position).collect::<Vec<_>>(), *items);
        }
        assert_eq!(all(&arena), sessions);
        assert_eq!(arena.get(arena.end()).len(), 0);
        assert_eq!(arena.pop_oldest(), Some((0, vec![1, 2, 3])));
        assert_eq!(all(&arena), sessions[1..]);
        assert_eq!(arena.len(), 3);
    }

    #[test]
    fn chunks_are_left_behind_and_positions_wrap() {
        let mut arena = Arena {
            oldest: u32::MAX - CHUNK_WORDS + 1,
            end: u32::MAX - CHUNK_WORDS + 1,
            ..Arena::default()
        };
        let mut kept = VecDeque::new();
        for number in 0..20_000_u32 {
            let items: Vec<u32> = (0..number % 200).map(|item| item + number).collect();
            kept.push_back((arena.push(&items), items));
            if kept.len() > 900 {
                assert_eq!(arena.pop_oldest(), kept.pop_front());
            }
        }
        assert!(arena.end() < CHUNK_WORDS * 20, "has wrapped");
        assert!(arena.chunks.len() <= 2);
        assert!(
            kept.iter()
                .all(|(position, items)| arena.get(*position).eq(items.iter().copied()))
        );
        assert!(all(&arena).iter().eq(kept.iter().map(|entry| &entry.1)));
        while arena.pop_oldest().is_some() {}
        assert_eq!(arena.push(&[5]), arena.oldest);
        assert_eq!(all(&arena), [[5]]);
    }
}
