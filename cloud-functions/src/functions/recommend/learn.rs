//! Learns from events: views become sessions, orders become baskets.

use crate::clicks::{Heard, first_failure, hear};
use crate::history::{self, Basket, Session};
use crate::learning::{self, Lesson};
use crate::ports::events::{Consumed, Consumer, Delivery, Failed};
use crate::ports::ledger::{Condition, Key, MAX_PAGE, MAX_WRITES, Write};
use crate::services::Services;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::event::{Action, Event, Who};
use domain::ids::Sku;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::mem::take;
use std::sync::Arc;

/// A visit ends after this long without a view.
const VISIT_GAP: TimeDelta = TimeDelta::minutes(30);
/// The newest items of a visit that are kept.
const MAX_VISIT_ITEMS: usize = 64;

/// The most items of a basket that says what goes together.
const MAX_BASKET_ITEMS: usize = 128;
/// The most visits, and items in lessons, of one write: far below what a write may hold.
const MAX_TOLD: usize = 90;
const MAX_TOLD_ITEMS: usize = 2_000;

/// The visit that somebody is on, `R#visitor#<who>` / `V`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Visit {
    /// Everything up to this place in the log is counted.
    through: u64,
    started_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    /// The place in the log of its first view: makes its session's id.
    first: u64,
    skus: Vec<Sku>,
}

/// A view on its way into a visit.
struct View {
    heard: Heard,
    sku: Sku,
}

/// The consumer `recommend`.
#[must_use]
pub fn consumer(services: Services) -> Arc<dyn Consumer> {
    Arc::new(Learner { services })
}

struct Learner {
    services: Services,
}

#[async_trait]
impl Consumer for Learner {
    fn name(&self) -> &'static str {
        "recommend"
    }

    async fn consume(&self, batch: &[Delivery]) -> Consumed {
        let (heard, unreadable) = hear(batch);
        let first = heard.first().map(|heard| heard.sequence);
        let learnt = self.learn(heard).await;
        let failed = first.zip(learnt.err());
        let failed = failed.map(|(sequence, reason)| Failed { sequence, reason });
        first_failure(unreadable, failed).map_or(Ok(()), Err)
    }
}

impl Learner {
    async fn learn(&self, heard: Vec<Heard>) -> Result<(), String> {
        let mut views = BTreeMap::<String, Vec<View>>::new();
        let mut writes = BTreeMap::new();
        let mut parts = Vec::new();
        for heard in heard {
            let event = &heard.event;
            if event.opted_out {
                continue;
            }
            if let Some(write) = basket(event)? {
                writes.insert(write.key().clone(), write);
                parts.extend(lesson(event).map(|lesson| (vec![lesson], None)));
            }
            if let (Some(sku), Some(who)) = (viewed(&event.action), visitor(&event.who)) {
                let sku = sku.clone();
                views.entry(who).or_default().push(View { heard, sku });
            }
        }
        let visits = self.count_views(views, &mut writes).await?;
        // Sessions and baskets first: they are the same when they are written again, should the visits fail.
        self.write(writes.into_values().collect()).await?;
        parts.extend(visits);
        let mut told = Told::default();
        for (lessons, visit) in parts {
            if told.is_full_with(&lessons) {
                self.tell(take(&mut told)).await?;
            }
            told.lessons.extend(lessons);
            told.visits.extend(visit);
        }
        self.tell(told).await
    }

    /// Visits and what there is to learn of them, in one write: neither is ever without the other.
    async fn tell(&self, told: Told) -> Result<(), String> {
        if told.lessons.is_empty() {
            return Ok(());
        }
        let ledger = &*self.services.ledger;
        let seq = learning::append(ledger, &told.lessons, &told.visits).await;
        let seq = seq.map_err(|error| error.to_string())?;
        self.services.memory.model.told(seq);
        Ok(())
    }

    /// Counts views into their visits; sessions that grew go to `writes`, the visits themselves come back with what there
    /// is to learn of them.
    async fn count_views(
        &self,
        views: BTreeMap<String, Vec<View>>,
        writes: &mut BTreeMap<Key, Write>,
    ) -> Result<Vec<Part>, String> {
        let keys: Vec<Key> = views
            .keys()
            .map(|who| Key::new(format!("R#visitor#{who}"), "V"))
            .collect();
        let mut stored = Vec::with_capacity(keys.len());
        for chunk in keys.chunks(MAX_PAGE) {
            stored.extend(
                self.services
                    .ledger
                    .read_all(chunk)
                    .await
                    .map_err(|error| error.to_string())?,
            );
        }
        let mut visits = Vec::with_capacity(keys.len());
        for ((key, stored), views) in keys.into_iter().zip(stored).zip(views.into_values()) {
            let condition = stored.as_ref().map_or(Condition::Absent, |stored| {
                Condition::Revision(stored.revision)
            });
            let mut visit: Visit = stored
                .and_then(|stored| serde_json::from_str(&stored.body).ok())
                .unwrap_or_default();
            let mut lessons = Vec::new();
            for view in views {
                let sku = view.sku.clone();
                if visit.count(view) {
                    lessons.push(Lesson::View {
                        visit: visit.first,
                        sku,
                    });
                    let write = visit.session_write().map_err(|error| error.to_string())?;
                    writes.insert(write.key().clone(), write);
                }
            }
            if lessons.is_empty() {
                continue;
            }
            let body = serde_json::to_string(&visit).map_err(|error| error.to_string())?;
            visits.push((lessons, Some(Write::put(key, body, condition))));
        }
        Ok(visits)
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), String> {
        for chunk in writes.chunks(MAX_WRITES) {
            self.services
                .ledger
                .write(chunk.to_vec())
                .await
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

impl Visit {
    /// Counts a view, beginning a new visit after a gap; tells whether it was new.
    fn count(&mut self, view: View) -> bool {
        let View { heard, sku } = view;
        if heard.is_counted(self.through) {
            return false;
        }
        let at = heard.event.at;
        self.through = self.through.max(heard.sequence);
        if self.skus.is_empty() || at - self.last_at > VISIT_GAP {
            *self = Self {
                through: self.through,
                started_at: at,
                last_at: at,
                first: heard.sequence,
                skus: Vec::new(),
            };
        }
        self.last_at = self.last_at.max(at);
        if self.skus.last() != Some(&sku) {
            self.skus.push(sku);
        }
        let surplus = self.skus.len().saturating_sub(MAX_VISIT_ITEMS);
        self.skus.drain(..surplus);
        true
    }

    fn session_write(&self) -> Result<Write, serde_json::Error> {
        let session = Session {
            started_at: self.started_at,
            skus: self.skus.clone(),
        };
        history::session_write(&self.first.to_string(), &session)
    }
}

/// Lessons, and the visit that they are of.
type Part = (Vec<Lesson>, Option<Write>);

/// Lessons on their way, and the visits that they are of.
#[derive(Default)]
struct Told {
    lessons: Vec<Lesson>,
    visits: Vec<Write>,
}

impl Told {
    fn is_full_with(&self, more: &[Lesson]) -> bool {
        let items = |lesson: &Lesson| match lesson {
            Lesson::Basket { skus, .. } => skus.len(),
            Lesson::View { .. } | Lesson::Item(_) => 1,
        };
        let all: usize = self.lessons.iter().chain(more).map(items).sum();
        self.visits.len() >= MAX_TOLD || all > MAX_TOLD_ITEMS
    }
}

/// What an order says goes together.
fn lesson(event: &Event) -> Option<Lesson> {
    let Action::OrderCompleted {
        order, products, ..
    } = &event.action
    else {
        return None;
    };
    let skus: Vec<Sku> = products.iter().map(|product| product.sku.clone()).collect();
    (2..=MAX_BASKET_ITEMS)
        .contains(&skus.len())
        .then(|| Lesson::Basket {
            order: order.clone(),
            skus,
        })
}

fn viewed(action: &Action) -> Option<&Sku> {
    match action {
        Action::ProductViewed(product)
        | Action::ProductClicked(product)
        | Action::ProductAdded(product) => Some(&product.sku),
        _ => None,
    }
}

/// The browser where there is one: she stays the same visitor when she signs in.
fn visitor(who: &Who) -> Option<String> {
    let anonymous = who.anonymous.as_ref().map(|id| format!("a/{id}"));
    anonymous.or_else(|| who.customer.as_ref().map(|id| format!("c/{id}")))
}

fn basket(event: &Event) -> Result<Option<Write>, String> {
    let (
        Action::OrderCompleted {
            order, products, ..
        },
        Some(store),
    ) = (&event.action, &event.store)
    else {
        return Ok(None);
    };
    let skus = products.iter().map(|product| product.sku.clone()).collect();
    let basket = Basket {
        at: event.at,
        store: store.clone(),
        skus,
    };
    history::basket_write(order, &basket)
        .map(Some)
        .map_err(|error| error.to_string())
}
