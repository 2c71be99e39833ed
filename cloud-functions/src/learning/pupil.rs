//! A model that takes lessons, and remembers what it needs to take the next.

use super::Lesson;
use super::base::BaseAt;
use super::recent::Recent;
use domain::ids::{OrderId, Sku};
use recommend::sessions::SessionNumber;
use recommend::{DeltaLog, Model, ModelVersion};
use serde::{Deserialize, Serialize};

/// What is kept of late lessons for tablets that are a little behind, in bytes.
const DELTA_BYTES_MAX: usize = 4 << 20;

/// What a model alone does not say: which visits may go on, and which orders it has.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Memo {
    /// The session of each visit.
    pub(super) visits: Recent<u64, u64>,
    pub(super) orders: Recent<OrderId, ()>,
}

/// A model at one place of the log.
#[derive(Debug, Clone)]
pub struct Pupil {
    model: Model,
    memo: Memo,
    deltas: DeltaLog,
    base: BaseAt,
    /// Everything up to this lesson is learnt.
    seq: u64,
}

impl Pupil {
    pub(super) fn new(model: Model, memo: Memo, base: BaseAt) -> Self {
        Self {
            deltas: DeltaLog::since(&model, DELTA_BYTES_MAX),
            seq: base.seq,
            model,
            memo,
            base,
        }
    }

    /// The model as it is now.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// What it began with.
    #[must_use]
    pub fn base(&self) -> &BaseAt {
        &self.base
    }

    /// How far it has come.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// What happened since the model had `version`, for a tablet that has it; `None` where that is too long ago.
    #[must_use]
    pub fn delta(&self, version: ModelVersion) -> Option<Vec<u8>> {
        self.deltas.after(version, &self.model)
    }

    /// Takes the lessons under `seq`. Only those that follow what is learnt are taken.
    pub fn learn(&mut self, seq: u64, lessons: &[Lesson]) -> bool {
        if seq != self.seq + 1 {
            return false;
        }
        for lesson in lessons {
            match lesson {
                Lesson::View { visit, sku } => self.view(*visit, sku),
                Lesson::Basket { order, skus } => self.basket(order, skus),
                Lesson::Item(item) => {
                    self.deltas.writer().describe_item(&mut self.model, item);
                }
            }
        }
        self.seq = seq;
        self.deltas.mark(&self.model);
        true
    }

    fn view(&mut self, visit: u64, sku: &Sku) {
        let (writer, model) = (self.deltas.writer(), &mut self.model);
        match self.memo.visits.value(&visit) {
            Some(session) => {
                writer.extend_session(model, SessionNumber(*session), sku);
            }
            None => {
                if let Some(session) = writer.append_session(model, [sku]) {
                    self.memo.visits.insert(visit, session.0);
                }
            }
        }
    }

    fn basket(&mut self, order: &OrderId, skus: &[Sku]) {
        if self.memo.orders.insert(order.clone(), ()) {
            self.deltas.writer().append_basket(&mut self.model, skus);
        }
    }
}
