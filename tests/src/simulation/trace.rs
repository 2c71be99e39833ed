//! What happened, in order: a hash of all of it, and the words where somebody wants to read them.

use super::clock::instant;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The trace of a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Trace {
    hasher: DefaultHasher,
    /// How many steps there were.
    pub steps: u64,
    lines: Option<Vec<String>>,
}

impl Trace {
    /// A trace that keeps the words, too.
    #[must_use]
    pub(super) fn in_words() -> Self {
        Self {
            lines: Some(Vec::new()),
            ..Self::default()
        }
    }

    /// Something happened at `at_ms`; two runs differ where any of `facts` does.
    pub(super) fn add(&mut self, at_ms: u64, facts: impl Hash, words: impl FnOnce() -> String) {
        self.steps += 1;
        (at_ms, facts).hash(&mut self.hasher);
        if let Some(lines) = &mut self.lines {
            let at = instant(at_ms).format("%d %H:%M:%S%.3f");
            lines.push(format!("{at} {}", words()));
        }
    }

    /// The same for the same run.
    #[must_use]
    pub(super) fn hash(&self) -> u64 {
        self.hasher.finish()
    }

    /// The words so far.
    #[must_use]
    pub(super) fn lines(&self) -> &[String] {
        self.lines.as_deref().unwrap_or_default()
    }
}
