//! What happened to a model lately, kept so that whoever has any of its late versions can be told the rest.

use super::delta::{DeltaWriter, bytes};
use crate::model::{Model, ModelVersion};
use std::collections::VecDeque;

/// A version that the model had, and where its events end.
#[derive(Debug, Clone, Copy)]
struct Mark {
    version: ModelVersion,
    events: u32,
    /// In bytes of the writer's body.
    end: usize,
}

/// Writes events down as [`DeltaWriter`] does, and cuts deltas at the versions that were marked. Bounded: where it grows
/// too long its older half goes, and who has a version of then needs a snapshot.
#[derive(Debug, Clone)]
pub struct DeltaLog {
    writer: DeltaWriter,
    marks: VecDeque<Mark>,
    bytes_max: usize,
}

impl DeltaLog {
    /// Begins at what the model holds now, which is marked. All that happens to it from here on has to come through
    /// [`DeltaLog::writer`].
    #[must_use]
    pub fn since(model: &Model, bytes_max: usize) -> Self {
        let mut log = Self {
            writer: DeltaWriter::since(model),
            marks: VecDeque::new(),
            bytes_max,
        };
        log.mark(model);
        log
    }

    /// What events go through.
    pub fn writer(&mut self) -> &mut DeltaWriter {
        &mut self.writer
    }

    /// Marks the version that the model has now.
    pub fn mark(&mut self, model: &Model) {
        let mark = Mark {
            version: model.version(),
            events: self.writer.events,
            end: self.writer.body.len(),
        };
        if self.marks.back().map(|last| last.version) != Some(mark.version) {
            self.marks.push_back(mark);
        }
        if mark.end > self.bytes_max {
            self.forget(mark.end - self.bytes_max / 2);
        }
    }

    /// What happened since the model had `version`; `None` where that was not marked, or is forgotten.
    #[must_use]
    pub fn after(&self, version: ModelVersion, model: &Model) -> Option<Vec<u8>> {
        let mark = self
            .marks
            .iter()
            .rev()
            .find(|mark| mark.version == version)?;
        let body = self.writer.body.get(mark.end..)?;
        let events = self.writer.events - mark.events;
        Some(bytes(version, model.version(), events, body))
    }

    /// Forgets the first `len` bytes, up to the next mark.
    fn forget(&mut self, len: usize) {
        while self.marks.front().is_some_and(|mark| mark.end < len) {
            self.marks.pop_front();
        }
        let Some(first) = self.marks.front().copied() else {
            return;
        };
        self.writer.body.drain(..first.end);
        self.writer.base = first.version;
        self.writer.events -= first.events;
        for mark in &mut self.marks {
            mark.events -= first.events;
            mark.end -= first.end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::tests::{model, sku};

    fn happen(model: &mut Model, log: &mut DeltaLog, item: u8) {
        log.writer()
            .append_session(model, &[sku(item), sku(item + 1)]);
        log.writer().append_basket(model, &[sku(item), sku(1)]);
        log.mark(model);
    }

    #[test]
    fn every_marked_version_leads_to_the_newest() {
        let mut here = model(&vec![vec![1, 2]], &vec![vec![1, 2]]);
        let mut log = DeltaLog::since(&here, 1 << 20);
        let mut olds = vec![here.clone()];
        for item in 0..6 {
            happen(&mut here, &mut log, item);
            olds.push(here.clone());
        }
        for mut old in olds {
            let delta = log.after(old.version(), &here).unwrap();
            assert_eq!(old.apply_delta(&delta), Ok(()));
            assert_eq!(old.to_snapshot(), here.to_snapshot());
        }
        let other = model(&Vec::new(), &Vec::new());
        assert_eq!(log.after(other.version(), &here), None);
    }

    #[test]
    fn what_grows_too_long_forgets_its_beginning() {
        let mut here = model(&vec![vec![1, 2]], &Vec::new());
        let first = here.version();
        let mut log = DeltaLog::since(&here, 40);
        let mut late = here.clone();
        for item in 0..30 {
            happen(&mut here, &mut log, item % 7);
            assert!(log.writer.body.len() <= 40, "{}", log.writer.body.len());
            if item == 28 {
                late = here.clone();
            }
        }
        assert_eq!(log.after(first, &here), None);
        let delta = log.after(late.version(), &here).unwrap();
        assert_eq!(late.apply_delta(&delta), Ok(()));
        assert_eq!(late.to_snapshot(), here.to_snapshot());
        let nothing = log.after(here.version(), &here).unwrap();
        assert_eq!(here.clone().apply_delta(&nothing), Ok(()));
    }
}
