//! Builds a base from the lists of sessions and baskets, and gives up what it replaces.
//!
//! In this order: the place in the log, the lists, the base, the head, deletions. What was told in between is in the
//! lists and is told again by the log, where it changes nothing. Killed anywhere, what was there before stands.

use super::base::{self, BaseAt, Loaded, SNAPSHOT_BYTES_MAX};
use super::log::{Head, head_key, lesson_sort, list_after, read_head};
use super::pupil::{Memo, Pupil};
use super::{PARTITION, bare};
use crate::feed::PublishError;
use crate::history::{self, Basket, Session};
use crate::ports::ledger::{Condition, Ledger, LedgerError, MAX_PAGE, MAX_WRITES, Write};
use crate::services::Services;
use crate::table;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::OrderId;
use domain::item::Item;
use recommend::ModelBuilder;

/// Visits that began this long before the newest one may still go on.
const MAY_GO_ON: TimeDelta = TimeDelta::hours(2);
/// The most of these.
const MAX_GOING_ON: usize = 20_000;
/// The newest orders whose lessons may come again.
const MAX_LATE_ORDERS: usize = 20_000;
/// After so many lessons a base is due whatever its age.
const LESSONS_MAX: u64 = 200_000;
/// A base of fewer sessions is small: built in no time.
const SMALL: u64 = 10_000;

/// Whether there is none to begin with, or so much was learnt since, or so long ago, that popularity has moved on.
#[must_use]
pub fn is_due(head: &Head, now: DateTime<Utc>) -> bool {
    let Some(base) = &head.base else {
        return head.lessons > 0;
    };
    if is_empty(head) {
        return true;
    }
    let learnt = head.lessons.saturating_sub(base.lessons);
    let age = now - base.at;
    let rest = match base.sessions < SMALL {
        true => TimeDelta::minutes(1),
        false => TimeDelta::minutes(10),
    };
    let has_grown = learnt > base.sessions / 4 && age >= rest;
    has_grown || learnt > LESSONS_MAX || (learnt > 0 && age >= TimeDelta::days(1))
}

/// Whether there is something to learn from, and the base knows nothing of it: nothing is popular there.
pub(crate) fn is_empty(head: &Head) -> bool {
    let base = head.base.as_ref();
    base.is_some_and(|base| base.sessions == 0 && head.lessons > base.lessons)
}

/// Loads the newest base. Where there is none, or it has gone, the first is built.
pub(crate) async fn load_or_build(services: &Services) -> Result<Loaded, PublishError> {
    let head = read_head(&*services.ledger).await?;
    if !is_empty(&head)
        && let Some(at) = &head.base
        && let Some(loaded) = base::load(&*services.ledger, at).await?
    {
        return Ok(loaded);
    }
    build(services).await
}

/// The model of some place of the log; `None` where its base or the lessons are gone.
pub(crate) async fn recall(
    ledger: &dyn Ledger,
    at: &BaseAt,
    seq: u64,
) -> Result<Option<Pupil>, PublishError> {
    let Some(loaded) = base::load(ledger, at).await? else {
        return Ok(None);
    };
    let mut pupil = loaded.pupil;
    while pupil.seq() < seq {
        let left = usize::try_from(seq - pupil.seq()).unwrap_or(MAX_PAGE);
        let page = list_after(ledger, pupil.seq(), left).await?;
        if page.is_empty() {
            return Ok(None);
        }
        for (seq, lessons) in &page {
            pupil.learn(*seq, lessons);
        }
    }
    Ok(Some(pupil))
}

/// Builds a base and names it in the head. Several may build at once: one is named, and what the others built is given
/// up. Answers the one that is named.
pub async fn build(services: &Services) -> Result<Loaded, PublishError> {
    let ledger = &*services.ledger;
    let head = read_head(ledger).await?;
    let sessions = history::sessions(ledger).await?;
    let baskets = history::baskets(ledger).await?;
    let shown = services.memory.storefront.catalogue(services).await?;
    let items: Vec<Item> = shown.items().map(bare).collect();
    drop(shown);
    let now = services.clock.now();
    let building = tokio::task::spawn_blocking(move || fit(&items, sessions, &baskets, &head, now));
    let built = building
        .await
        .map_err(|error| base::corrupt("a new base", error))??;
    base::write(
        ledger,
        built.loaded.pupil.base(),
        &built.loaded.packed,
        &built.memo,
    )
    .await?;
    let named = name(ledger, built.loaded.pupil.base()).await?;
    give_up(ledger).await?;
    if named == *built.loaded.pupil.base() {
        return Ok(built.loaded);
    }
    let loaded = base::load(ledger, &named).await?;
    loaded.ok_or(PublishError::Busy)
}

struct Built {
    loaded: Loaded,
    memo: Vec<u8>,
}

/// Builds from as many of the newest sessions as fit.
fn fit(
    items: &[Item],
    mut sessions: Vec<(String, Session)>,
    baskets: &[(String, Basket)],
    head: &Head,
    now: DateTime<Utc>,
) -> Result<Built, PublishError> {
    loop {
        let (model, memo) = teach(items, &sessions, baskets);
        let is_small = sessions.is_empty() || model.to_snapshot().len() <= SNAPSHOT_BYTES_MAX;
        if !is_small {
            // They come newest first.
            sessions.truncate(sessions.len() / 2);
            continue;
        }
        let at = BaseAt {
            seq: head.seq,
            lessons: head.lessons,
            version: model.version(),
            sessions: (sessions.len() + baskets.len()) as u64,
            at: now,
        };
        let (packed, memo_bytes) = base::pack(&model, &memo)?;
        let pupil = Pupil::new(model, memo, at);
        return Ok(Built {
            loaded: Loaded { pupil, packed },
            memo: memo_bytes,
        });
    }
}

/// What is over is built in one go; visits that may go on are taken as live ones are.
fn teach(
    items: &[Item],
    sessions: &[(String, Session)],
    baskets: &[(String, Basket)],
) -> (recommend::Model, Memo) {
    let newest = sessions.first().map(|(_, session)| session.started_at);
    let goes_on =
        |session: &Session| newest.is_some_and(|newest| newest - session.started_at <= MAY_GO_ON);
    let count = sessions
        .iter()
        .take(MAX_GOING_ON)
        .take_while(|(_, session)| goes_on(session))
        .count();
    let (live, over) = sessions.split_at(count);
    let mut builder = ModelBuilder::new(items);
    for (_, session) in over {
        builder.add_session(session.started_at, &session.skus);
    }
    for (_, session) in live {
        builder.count_session(session.started_at, &session.skus);
    }
    for (_, basket) in baskets {
        builder.add_basket(basket.at, Some(&basket.store), &basket.skus);
    }
    let mut model = builder.build();
    let mut memo = Memo::default();
    for (id, session) in live.iter().rev() {
        let number = model.append_session(&session.skus);
        if let (Ok(visit), Some(number)) = (id.parse(), number) {
            memo.visits.insert(visit, number.0);
        }
    }
    for (id, _) in baskets.iter().take(MAX_LATE_ORDERS).rev() {
        if let Ok(order) = OrderId::parse(id.as_str()) {
            memo.orders.insert(order, ());
        }
    }
    (model, memo)
}

/// Names a base in the head, unless one of a later place is named. Answers what is named then.
async fn name(ledger: &dyn Ledger, at: &BaseAt) -> Result<BaseAt, PublishError> {
    loop {
        let row = table::lookup::<Head>(ledger, &head_key()).await?;
        let condition = row
            .as_ref()
            .map_or(Condition::Absent, table::Row::unchanged);
        let mut head = row.map(|row| row.value).unwrap_or_default();
        let overtaking = head
            .base
            .as_ref()
            .filter(|base| base.seq > at.seq || (base.seq == at.seq && base.at >= at.at));
        if let Some(base) = overtaking {
            return Ok(base.clone());
        }
        head.previous = head.base.replace(at.clone());
        let write = table::put(head_key(), &head, condition)?;
        match ledger.write(vec![write]).await {
            Ok(()) => return Ok(at.clone()),
            Err(LedgerError::Conflict { .. } | LedgerError::UnknownOutcome(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Deletes bases that the head does not name, and lessons up to the older one that it does.
async fn give_up(ledger: &dyn Ledger) -> Result<(), PublishError> {
    let head = read_head(ledger).await?;
    let named = [&head.base, &head.previous].into_iter().flatten();
    let kept: Vec<String> = named.map(BaseAt::prefix).collect();
    let (start, end) = match &head.base {
        // What was begun later is somebody's who builds right now.
        Some(base) => ("B#".to_owned(), format!("B#{:020}#", base.seq)),
        None => return Ok(()),
    };
    delete(ledger, &start, &end, |sort| {
        kept.iter().all(|prefix| !sort.starts_with(prefix))
    })
    .await?;
    if let Some(previous) = &head.previous {
        let end = lesson_sort(previous.seq.saturating_add(1));
        delete(ledger, "L#", &end, |_| true).await?;
    }
    Ok(())
}

async fn delete(
    ledger: &dyn Ledger,
    start: &str,
    end: &str,
    unwanted: impl Fn(&str) -> bool,
) -> Result<(), PublishError> {
    let mut from = start.to_owned();
    loop {
        let page = ledger.range(PARTITION, &from..end, MAX_WRITES).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        from = format!("{}\0", last.key.sort);
        let ended = page.len() < MAX_WRITES;
        let gone = page.into_iter().filter(|stored| unwanted(&stored.key.sort));
        let deletes: Vec<Write> = gone
            .map(|stored| Write::Delete {
                key: stored.key,
                condition: Condition::Any,
            })
            .collect();
        if !deletes.is_empty() {
            ledger.write(deletes).await?;
        }
        if ended {
            return Ok(());
        }
    }
}
