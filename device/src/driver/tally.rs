//! Whether the queue that was just sent had been held up, so that somebody wants to know.

use domain::api::sync::PushRequest;

/// What was sent since the queue was last empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    held_up: bool,
    /// The numbers of the first and the last command: between them there is no gap.
    sent: Option<(u64, u64)>,
    refused: usize,
}

impl Tally {
    /// Commands had to wait: the cloud was away when they were written, or when they were sent.
    pub(super) const fn held_up(&mut self) {
        self.held_up = true;
    }

    /// Commands are sent, perhaps again: those whose answer is lost count too, and all count once.
    pub(super) fn sending(&mut self, request: &PushRequest) {
        let last = request
            .commands
            .last()
            .map_or(request.first_cseq, |sent| sent.cseq);
        let (lowest, highest) = self.sent.unwrap_or((request.first_cseq, last));
        self.sent = Some((lowest.min(request.first_cseq), highest.max(last)));
    }

    /// Commands were refused: somebody is told of them in other words.
    pub(super) const fn refused(&mut self, commands: usize) {
        self.refused += commands;
    }

    /// The queue is empty: how many commands to tell of, where they had been held up.
    pub(super) fn drained(&mut self) -> Option<u32> {
        let tally = std::mem::take(self);
        let (first, last) = tally.sent.filter(|_| tally.held_up)?;
        let sent = u32::try_from(last - first + 1).unwrap_or(u32::MAX);
        let refused = u32::try_from(tally.refused).unwrap_or(u32::MAX);
        Some(sent.saturating_sub(refused)).filter(|sent| *sent > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sending(tally: &mut Tally, cseqs: std::ops::RangeInclusive<u64>) {
        let first = *cseqs.start();
        let command = |cseq| json!({"cseq": cseq, "id": "i", "kind": "k", "version": 1, "args": {}, "issued_at_device": crate::testing::NOW});
        let commands: Vec<_> = cseqs.map(command).collect();
        let request =
            json!({"device": "d", "schema": 1, "first_cseq": first, "commands": commands});
        tally.sending(&serde_json::from_value(request).unwrap());
    }

    #[test]
    fn only_what_was_held_up_is_told_and_once() {
        let mut tally = Tally::default();
        sending(&mut tally, 1..=2);
        assert_eq!(tally.drained(), None, "sent at once: no news");
        tally.held_up();
        assert_eq!(tally.drained(), None, "nothing was sent");
        sending(&mut tally, 3..=4);
        tally.held_up();
        sending(&mut tally, 3..=5);
        assert_eq!(tally.drained(), Some(3));
        assert_eq!(tally.drained(), None);
        tally.held_up();
        sending(&mut tally, 6..=7);
        tally.refused(2);
        assert_eq!(tally.drained(), None, "none of them was taken");
    }
}
