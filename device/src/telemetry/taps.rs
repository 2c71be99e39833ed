//! Which tap a command in the queue comes from, until it was sent. In memory alone: what a command is does not change by
//! it, and a restart loses a link and no command.

use domain::api::sync::PushRequest;
use domain::ids::CommandId;
use domain::trace::TraceContext;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use telemetry::Causes;

/// The most commands whose tap is remembered; the oldest are forgotten first.
const MAX_TAPS: usize = 256;

/// Commands and their taps.
#[derive(Debug, Default)]
pub(crate) struct Taps(Mutex<VecDeque<(CommandId, TraceContext)>>);

impl Taps {
    /// A command comes from the tap under way.
    pub(crate) fn remember(&self, command: &CommandId) {
        let Some(tap) = telemetry::current() else {
            return;
        };
        let mut taps = self.lock();
        if taps.len() == MAX_TAPS {
            taps.pop_front();
        }
        taps.push_back((command.clone(), tap));
    }

    /// The taps that a push has its commands from.
    pub(crate) fn of(&self, push: &PushRequest) -> Causes {
        let taps = self.lock();
        let sent = |(command, tap): &(CommandId, TraceContext)| {
            let sent = push.commands.iter().any(|sent| sent.id == *command);
            sent.then_some(*tap)
        };
        taps.iter().filter_map(sent).collect()
    }

    /// They were decided on.
    pub(crate) fn forget(&self, push: &PushRequest) {
        let waits = |(command, _): &(CommandId, TraceContext)| {
            push.commands.iter().all(|sent| sent.id != *command)
        };
        self.lock().retain(waits);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(CommandId, TraceContext)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn push(ids: &[String]) -> PushRequest {
        let command = |id: &String| json!({"cseq": 1, "id": id, "kind": "k", "version": 1, "args": {}, "issued_at_device": crate::testing::NOW});
        let commands: Vec<_> = ids.iter().map(command).collect();
        let push = json!({"device": "d", "schema": 1, "first_cseq": 1, "commands": commands});
        serde_json::from_value(push).unwrap()
    }

    fn tap(tap: u8) -> TraceContext {
        TraceContext::begin([tap; 16], [tap; 8])
    }

    fn remember(taps: &Taps, id: &str, tap: TraceContext) {
        let id = CommandId::parse(id.to_owned()).unwrap();
        telemetry::within_sync(Some(tap), || taps.remember(&id));
    }

    #[test]
    fn a_push_knows_the_taps_of_its_commands_until_they_are_decided() {
        let taps = Taps::default();
        remember(&taps, "a", tap(1));
        remember(&taps, "b", tap(2));
        taps.remember(&CommandId::parse("no-tap".to_owned()).unwrap());
        let one = push(&["a".into(), "other".into()]);
        assert_eq!(taps.of(&one).only(), Some(tap(1)));
        assert_eq!(taps.of(&push(&["a".into(), "b".into()])).only(), None);
        taps.forget(&one);
        assert_eq!(taps.of(&one), Causes::default());
        assert_eq!(taps.of(&push(&["b".into()])).only(), Some(tap(2)));
    }

    #[test]
    fn a_long_queue_forgets_its_oldest_taps() {
        let taps = Taps::default();
        for id in 0..MAX_TAPS + 1 {
            remember(&taps, &format!("c-{id}"), tap(1));
        }
        assert_eq!(taps.of(&push(&["c-0".into()])), Causes::default());
        assert_eq!(taps.of(&push(&["c-1".into()])).only(), Some(tap(1)));
        assert_eq!(taps.lock().len(), MAX_TAPS);
    }
}
