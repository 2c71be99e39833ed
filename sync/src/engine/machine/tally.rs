//! Whether the queue that was just sent had been held up, so that somebody wants to know.

/// What became of commands since the queue was last empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    held_up: bool,
    queued: usize,
    confirmed: usize,
    refused: usize,
}

impl Tally {
    /// A command was queued.
    pub(super) const fn queued(&mut self) {
        self.queued += 1;
    }

    /// Commands had to wait: the cloud was away when they were written, or when they were sent.
    pub(super) const fn held_up(&mut self) {
        self.held_up = true;
    }

    /// Commands were taken.
    pub(super) const fn confirmed(&mut self, commands: usize) {
        self.confirmed += commands;
    }

    /// Commands were refused: somebody is told of them in other words.
    pub(super) const fn refused(&mut self, commands: usize) {
        self.refused += commands;
    }

    /// The queue is empty: how many commands to tell of, where they had been held up.
    ///
    /// The feed can confirm a command whose own answer was lost: those that were queued count, too. Those of before a
    /// restart are known by their decisions alone.
    pub(super) fn drained(&mut self) -> Option<u32> {
        let tally = std::mem::take(self);
        let sent = tally.queued.saturating_sub(tally.refused);
        let sent = u32::try_from(sent.max(tally.confirmed)).unwrap_or(u32::MAX);
        (tally.held_up && sent > 0).then_some(sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_held_up_is_told_and_once() {
        let mut tally = Tally::default();
        tally.queued();
        tally.confirmed(1);
        assert_eq!(tally.drained(), None, "sent at once: no news");
        tally.held_up();
        assert_eq!(tally.drained(), None, "nothing was sent");
        for _ in 0..3 {
            tally.queued();
        }
        tally.held_up();
        tally.confirmed(2);
        assert_eq!(tally.drained(), Some(3), "one was confirmed by the feed");
        assert_eq!(tally.drained(), None);
        tally.held_up();
        tally.confirmed(4);
        tally.refused(1);
        assert_eq!(tally.drained(), Some(4), "from before a restart");
        tally.held_up();
        tally.queued();
        tally.refused(1);
        assert_eq!(tally.drained(), None, "none of them was taken");
    }
}
