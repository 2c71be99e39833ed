//! The recommender of this process: begins with a base and follows the log of lessons, one by one.
//!
//! Nothing is ever rebuilt while somebody waits: lessons are taken under a lock that is held for microseconds, and a new
//! base is read beside the old one, which answers on until it is replaced.

use crate::feed::PublishError;
use crate::learning::{self, Lesson, Loaded, Pupil};
use crate::services::Services;
use axum::body::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard};

/// What other instances learnt is seen after this long; what this one learnt, at once.
const FRESH_FOR: TimeDelta = TimeDelta::seconds(1);
/// Entries of the log that are read at once.
const PAGE: usize = 200;
/// Items that are told in one entry: without their texts, far below what an entry may have.
const ITEMS_AT_ONCE: usize = 500;

/// The model that serves now.
#[derive(Debug, Default)]
pub struct LiveModel {
    current: RwLock<Option<Current>>,
    /// Held by whoever follows the log.
    following: Mutex<Followed>,
    /// The newest lesson that this process told.
    told: AtomicU64,
    /// The last lesson that was taken.
    learnt: AtomicU64,
    /// Whether a newer base is being read.
    renewing: AtomicBool,
}

/// A pupil, and the base that it began with, as it travels.
#[derive(Debug)]
pub struct Current {
    /// The model at its place in the log.
    pub pupil: Pupil,
    /// Its base for tablets.
    pub packed: Bytes,
}

/// How fresh it is.
#[derive(Debug, Default)]
struct Followed {
    at: Option<DateTime<Utc>>,
    /// What the storefront said when its items were compared.
    items_moved: Option<u64>,
}

impl From<Loaded> for Current {
    fn from(Loaded { pupil, packed }: Loaded) -> Self {
        Self { pupil, packed }
    }
}

impl LiveModel {
    /// Lessons up to this number were told by this process: they count in the next request.
    pub fn told(&self, seq: u64) {
        self.told.fetch_max(seq, Ordering::AcqRel);
    }

    /// Brings the model up to date; call [`LiveModel::read`] then. Where it is only perhaps behind and somebody is at it
    /// already, it answers as it is.
    pub async fn refresh(&self, services: &Services) -> Result<(), PublishError> {
        let now = services.clock.now();
        let is_behind = self.told.load(Ordering::Acquire) > self.learnt.load(Ordering::Acquire);
        let is_loaded = self.current.read().await.is_some();
        if is_behind || !is_loaded {
            let followed = self.following.lock().await;
            return self.follow(services, followed, now).await;
        }
        match self.following.try_lock() {
            Ok(followed) if !followed.is_fresh(now) => self.follow(services, followed, now).await,
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// The model as it is; `None` before it was ever refreshed.
    pub async fn read(&self) -> Option<RwLockReadGuard<'_, Current>> {
        RwLockReadGuard::try_map(self.current.read().await, Option::as_ref).ok()
    }

    async fn follow(
        &self,
        services: &Services,
        mut followed: MutexGuard<'_, Followed>,
        now: DateTime<Utc>,
    ) -> Result<(), PublishError> {
        let told = self.told.load(Ordering::Acquire);
        let is_behind = told > self.learnt.load(Ordering::Acquire);
        let is_loaded = self.current.read().await.is_some();
        // Somebody else may have done it while this one waited.
        if is_loaded && !is_behind && followed.is_fresh(now) {
            return Ok(());
        }
        if !is_loaded {
            self.take(learning::load_or_build(services).await?.into())
                .await;
        }
        self.take_lessons(services).await?;
        if !is_loaded || !followed.is_fresh(now) {
            self.compare_items(services, &mut followed).await?;
            self.look_for_base(services).await?;
            followed.at = Some(now);
        }
        Ok(())
    }

    /// Takes what the log has more.
    async fn take_lessons(&self, services: &Services) -> Result<(), PublishError> {
        loop {
            let from = self.learnt.load(Ordering::Acquire);
            let page = learning::list_after(&*services.ledger, from, PAGE).await?;
            if page.is_empty() {
                // What was told and is not there is gone with a store that was restored.
                self.told.fetch_min(from, Ordering::AcqRel);
                return Ok(());
            }
            for (seq, lessons) in &page {
                let mut current = self.current.write().await;
                if let Some(current) = current.as_mut()
                    && current.pupil.learn(*seq, lessons)
                {
                    self.learnt.store(*seq, Ordering::Release);
                }
            }
            if self.learnt.load(Ordering::Acquire) == from {
                return Ok(());
            }
        }
    }

    /// Tells of items that are new in the catalogue or have changed there: all instances learn of them at the same
    /// place of the log.
    async fn compare_items(
        &self,
        services: &Services,
        followed: &mut Followed,
    ) -> Result<(), PublishError> {
        let shown = services.memory.storefront.catalogue(services).await?;
        let moved = shown.items_moved();
        if followed.items_moved == Some(moved) {
            return Ok(());
        }
        let lessons: Vec<Lesson> = match self.read().await {
            Some(current) => shown
                .items()
                .filter(|item| !current.pupil.model().knows(item))
                .map(Lesson::of_item)
                .collect(),
            None => Vec::new(),
        };
        drop(shown);
        for chunk in lessons.chunks(ITEMS_AT_ONCE) {
            self.told(learning::append(&*services.ledger, chunk, &[]).await?);
        }
        followed.items_moved = Some(moved);
        if lessons.is_empty() {
            return Ok(());
        }
        self.take_lessons(services).await
    }

    /// Begins to read a newer base where there is one.
    async fn look_for_base(&self, services: &Services) -> Result<(), PublishError> {
        let head = learning::read_head(&*services.ledger).await?;
        let named = head.base.as_ref();
        let here = self
            .read()
            .await
            .map(|current| current.pupil.base().clone());
        if named.is_none() || (named == here.as_ref() && !learning::is_empty(&head)) {
            return Ok(());
        }
        if !self.renewing.swap(true, Ordering::AcqRel) {
            let services = services.clone();
            tokio::spawn(async move {
                let model = &services.memory.model;
                if let Err(error) = model.renew(&services).await {
                    tracing::error!(%error, "a newer base of the recommender cannot be used");
                }
                model.renewing.store(false, Ordering::Release);
            });
        }
        Ok(())
    }

    /// Reads the newest base and what was learnt since, and then answers from it.
    async fn renew(&self, services: &Services) -> Result<(), PublishError> {
        let mut next = Current::from(learning::load_or_build(services).await?);
        let _following = loop {
            let ledger = &*services.ledger;
            let page = learning::list_after(ledger, next.pupil.seq(), PAGE).await?;
            for (seq, lessons) in &page {
                next.pupil.learn(*seq, lessons);
            }
            // The last few are taken while nobody else follows, so that it does not fall behind what answered before.
            if page.len() < PAGE {
                break self.following.lock().await;
            }
        };
        self.take(next).await;
        self.take_lessons(services).await
    }

    async fn take(&self, next: Current) {
        let mut current = self.current.write().await;
        self.learnt.store(next.pupil.seq(), Ordering::Release);
        *current = Some(next);
    }
}

impl Followed {
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        self.at.is_some_and(|at| now - at < FRESH_FOR)
    }
}
