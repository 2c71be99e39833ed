//! A decision that can be looked up later: what was asked, of which model, and what was answered. The same model
//! gives the same list for it again, bit for bit.

use super::filters::{Diversity, Filters, Revisit};
use super::taste::Taste;
use crate::model::{Model, ModelVersion};
use chrono::{DateTime, Utc};
use domain::api::recommend::Ranked;
use domain::ids::{DepartmentId, Sku};
use domain::recommendation::Recommendation;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Question {
    /// See [`Model::for_you`].
    ForYou {
        /// Her traces.
        taste: Taste,
        /// When.
        now: DateTime<Utc>,
    },
    /// See [`Model::next_in_session`].
    Next {
        /// Newest first.
        session: Vec<Sku>,
    },
    /// See [`Model::similar`].
    Similar {
        /// To what.
        sku: Sku,
    },
    /// See [`Model::bought_together`].
    BoughtTogether {
        /// With what.
        skus: Vec<Sku>,
    },
    /// See [`Model::rerank`]; what is hidden comes last.
    Rerank {
        /// The list, in its own order.
        skus: Vec<Sku>,
        /// Her traces.
        taste: Taste,
        /// When.
        now: DateTime<Utc>,
    },
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Of what the model chose, the best first.
    Shelf(Vec<Recommendation>),
    /// To [`Question::Rerank`]: all of the list.
    Ranking(Vec<Ranked>),
}

impl Answer {
    /// What the model chose; nothing where it put a list in order.
    #[must_use]
    pub fn into_shelf(self) -> Vec<Recommendation> {
        match self {
            Self::Shelf(items) => items,
            Self::Ranking(_) => Vec::new(),
        }
    }

    /// The list in its new order; nothing where the model chose.
    #[must_use]
    pub fn into_ranking(self) -> Vec<Ranked> {
        match self {
            Self::Shelf(_) => Vec::new(),
            Self::Ranking(items) => items,
        }
    }
}

/// A question and the rules for its answer, all in values that can be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What is asked.
    pub question: Question,
    /// See [`Filters::owned`].
    #[serde(default)]
    pub owned: BTreeSet<Sku>,
    /// See [`Filters::hidden`].
    #[serde(default)]
    pub hidden: BTreeSet<Sku>,
    /// See [`Filters::department`].
    #[serde(default)]
    pub department: Option<DepartmentId>,
    /// See [`Filters::diversity`].
    #[serde(default)]
    pub diversity: Diversity,
    /// See [`Filters::revisit`].
    #[serde(default)]
    pub revisit: Revisit,
    /// The most items.
    pub limit: usize,
}

/// What was decided, and on what evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The model that decided.
    pub model: ModelVersion,
    /// What was asked of it.
    pub request: Request,
    /// What could not be had among the items that came into question.
    pub unavailable: BTreeSet<Sku>,
    /// What was answered.
    pub answer: Answer,
}

/// Why a decision cannot be replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// Another model decided.
    #[error("model {decided} decided, this one is {here}")]
    OtherModel {
        /// The one that decided.
        decided: ModelVersion,
        /// The one that was asked to replay.
        here: ModelVersion,
    },
}

impl Model {
    /// Answers, and keeps what the answer stood on.
    #[must_use]
    pub fn decide(&self, request: Request, available: &dyn Fn(&Sku) -> bool) -> Decision {
        let unavailable = RefCell::new(BTreeSet::new());
        let answer = self.answer(&request, &|sku: &Sku| {
            let can_be_had = available(sku);
            if !can_be_had {
                unavailable.borrow_mut().insert(sku.clone());
            }
            can_be_had
        });
        Decision {
            model: self.version(),
            request,
            unavailable: unavailable.into_inner(),
            answer,
        }
    }

    /// The answer to a kept decision, computed anew.
    ///
    /// # Errors
    /// [`ReplayError`] where this is not the model that decided.
    pub fn replay(&self, decision: &Decision) -> Result<Answer, ReplayError> {
        if decision.model != self.version() {
            return Err(ReplayError::OtherModel {
                decided: decision.model,
                here: self.version(),
            });
        }
        let available = |sku: &Sku| !decision.unavailable.contains(sku);
        Ok(self.answer(&decision.request, &available))
    }

    /// The answer alone, for who keeps nothing.
    #[must_use]
    pub fn answer(&self, request: &Request, available: &dyn Fn(&Sku) -> bool) -> Answer {
        let filters = Filters {
            owned: request.owned.clone(),
            hidden: request.hidden.clone(),
            available,
            department: request.department.clone(),
            diversity: request.diversity,
            revisit: request.revisit,
        };
        let limit = request.limit;
        Answer::Shelf(match &request.question {
            Question::ForYou { taste, now } => self.for_you(taste, &filters, *now, limit),
            Question::Next { session } => self.next_in_session(session, &filters, limit),
            Question::Similar { sku } => self.similar(sku, &filters, limit),
            Question::BoughtTogether { skus } => self.bought_together(skus, &filters, limit),
            Question::Rerank { skus, taste, now } => {
                return Answer::Ranking(self.rerank(skus, taste, &request.hidden, *now));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requests::fixtures::*;

    fn requests() -> Vec<Request> {
        let taste = Taste {
            purchases: vec![bought("coffee", 2)],
            ..looking_at("boots-39 tent")
        };
        let questions = [
            Question::ForYou {
                taste,
                now: day(30),
            },
            Question::Next {
                session: skus("lamp tent"),
            },
            Question::Similar { sku: sku("lamp") },
            Question::BoughtTogether { skus: skus("milk") },
            Question::Rerank {
                skus: skus("rug tent boots-39"),
                taste: looking_at("lamp"),
                now: day(30),
            },
        ];
        let request = |question| Request {
            question,
            owned: [sku("rug")].into(),
            hidden: BTreeSet::new(),
            department: None,
            diversity: Diversity::default(),
            revisit: Revisit::Hide,
            limit: 6,
        };
        questions.map(request).into()
    }

    #[test]
    fn a_kept_decision_gives_the_same_list_again() {
        let model = store();
        for request in requests() {
            let decision = model.decide(request, &|other| *other != sku("socks"));
            let kept = serde_json::to_string(&decision).unwrap();
            let kept: Decision = serde_json::from_str(&kept).unwrap();
            assert_eq!(kept, decision);
            let is_empty = matches!(&decision.answer, Answer::Shelf(items) if items.is_empty());
            assert!(!is_empty);
            // On another machine, what is in stock now does not matter.
            let elsewhere = Model::from_snapshot(&model.to_snapshot()).unwrap();
            assert_eq!(elsewhere.replay(&kept), Ok(decision.answer));
        }
    }

    #[test]
    fn what_could_not_be_had_is_kept_with_the_decision() {
        let model = store();
        let request = requests().remove(0);
        let decision = model.decide(request.clone(), &|other| *other != sku("socks"));
        assert_eq!(decision.unavailable, [sku("socks")].into());
        assert_ne!(model.decide(request, &|_| true).answer, decision.answer);
    }

    #[test]
    fn another_model_refuses() {
        let mut model = store();
        let decision = model.decide(requests().remove(1), &|_| true);
        model.append_basket(&skus("rug stove"));
        let refused = model.replay(&decision);
        assert!(
            matches!(refused, Err(ReplayError::OtherModel { decided, .. }) if decided == decision.model)
        );
    }
}
