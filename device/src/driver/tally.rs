//! Whether the queue that was just sent had been held up, so that somebody wants to know.

/// What was sent since the queue was last empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    held_up: bool,
    sent: u32,
}

impl Tally {
    /// A push found no cloud.
    pub(super) const fn held_up(&mut self) {
        self.held_up = true;
    }

    /// Commands were confirmed.
    pub(super) fn sent(&mut self, commands: usize) {
        let commands = u32::try_from(commands).unwrap_or(u32::MAX);
        self.sent = self.sent.saturating_add(commands);
    }

    /// The queue is empty: how many commands to tell of, where they had been held up.
    pub(super) fn drained(&mut self) -> Option<u32> {
        let tally = std::mem::take(self);
        (tally.held_up && tally.sent > 0).then_some(tally.sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_held_up_is_told() {
        let mut tally = Tally::default();
        tally.sent(1);
        assert_eq!(tally.drained(), None, "sent at once: no news");
        tally.held_up();
        assert_eq!(tally.drained(), None, "nothing was sent");
        tally.held_up();
        tally.sent(2);
        tally.sent(1);
        assert_eq!(tally.drained(), Some(3));
        assert_eq!(tally.drained(), None, "told once");
    }
}
