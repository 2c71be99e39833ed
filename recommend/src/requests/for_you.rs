//! For you: her session, her rhythm, her cart, her wishes, and what is popular, in one list.

use super::filters::{Admission, Filters, Revisit};
use super::repeat::{self, Rhythm};
use super::taste::Taste;
use super::{MAX_LIMIT, pinned, popular, shelf};
use crate::fixed;
use crate::model::{Model, sorted};
use crate::sessions::{Looks, Neighbours, Reach, Scored, take_best, tuned};
use chrono::{DateTime, Utc};
use domain::recommendation::{Reason, Recommendation};

/// Where a recommendation comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Session,
    Companions,
    Repeat,
    Wish,
    Popular,
}

impl Source {
    /// What the best item of a source gains; the others of it in proportion. Those of repeats, companions
    /// and popular items were chosen on the baskets before the customers' last ones (`evaluate tuning`).
    fn weight(self) -> u64 {
        match self {
            Self::Session => 256,
            Self::Repeat => 208,
            Self::Wish => 160,
            Self::Companions => 130,
            Self::Popular => 60,
        }
    }
}

/// Purchases and cart items whose companions are looked for.
const COMPANION_REACH: Reach = Reach {
    candidates: 1_000,
    neighbours: 1_000,
    items: 32,
};

/// All that was found for one request.
pub(super) struct Found<'a> {
    model: &'a Model,
    session: Looks<'a>,
    companions: Neighbours<'a>,
    rhythms: Vec<Rhythm>,
    /// Departments that she likes.
    liked: Vec<u32>,
    /// By source, best first.
    candidates: [(Source, Vec<Scored>); 5],
}

/// An item of the mix and the source that gave most of its score.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mixed {
    pub(super) scored: Scored,
    strongest: Source,
}

impl Model {
    /// What to show her, best first; at most `limit` and at most
    /// [`MAX_LIMIT`].
    ///
    /// Not shown: what the filters exclude, what she bought (unless it is replenishable), what is in
    /// her cart, and what she looked at in this session (unless [`Revisit::Allow`]).
    #[must_use]
    pub fn for_you(
        &self,
        taste: &Taste,
        filters: &Filters<'_>,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Vec<Recommendation> {
        let owned = self.numbers(taste.purchases.iter().map(|purchase| &purchase.sku));
        let mut hidden = self.numbers(&taste.cart);
        let mut first = Vec::new();
        if !taste.pinned.is_empty() {
            let admission = Admission::new(self, filters, owned.clone(), hidden.clone());
            first = pinned::shelf(self, &taste.pinned, &admission, limit);
            // What is chosen is not shown twice, and neither is another size of it.
            hidden.extend(self.numbers(first.iter().map(|chosen| &chosen.sku)));
        }
        if filters.revisit == Revisit::Hide {
            hidden.extend(self.numbers(&taste.session));
        }
        let admission = Admission::new(self, filters, owned, hidden);
        let room = limit.min(MAX_LIMIT).saturating_sub(first.len());
        first.extend(if taste.is_unknown() {
            self.cold_start(taste, &admission, room)
        } else {
            Found::search(self, taste, &admission, now).answer(&admission, room)
        });
        first
    }

    fn cold_start(
        &self,
        taste: &Taste,
        admission: &Admission<'_>,
        limit: usize,
    ) -> Vec<Recommendation> {
        let ranked = popular::candidates(self, taste.store.as_ref(), admission);
        let ranked = popular::across_departments(self, &ranked);
        let shelf = shelf::mixed(self, &ranked, admission.diversity(), limit);
        let reasons = shelf
            .iter()
            .map(|scored| Some(popular::reason(self, scored.item, &[])))
            .collect();
        shelf::explained(self, &shelf, reasons)
    }

    /// Departments that she likes: said so, or seen from what she looks at, wants and bought.
    fn liked_departments(&self, taste: &Taste, items: &[u32]) -> Vec<u32> {
        let said = taste
            .departments
            .iter()
            .filter_map(|id| self.departments.number(id));
        sorted(
            said.chain(items.iter().map(|item| self.traits(*item).department))
                .collect(),
        )
    }
}

impl<'a> Found<'a> {
    pub(super) fn search(
        model: &'a Model,
        taste: &Taste,
        admission: &Admission<'_>,
        now: DateTime<Utc>,
    ) -> Self {
        let seen = model.numbers(taste.session.iter().chain(&taste.views));
        let rhythms = repeat::rhythms(model, &taste.purchases, now);
        let mut having = model.numbers(&taste.cart);
        having.extend(newest_bought(&rhythms));
        let wished = model.numbers(&taste.wished);
        let known: Vec<u32> = [&seen, &having, &wished]
            .into_iter()
            .flatten()
            .copied()
            .collect();
        let session = model.sessions.looks(&seen, tuned());
        let companions = model.baskets.companions(&having, COMPANION_REACH);
        let again = rhythms
            .iter()
            .filter(|rhythm| model.traits(rhythm.item).replenishable)
            .map(Rhythm::scored);
        let wishes = wished.iter().map(|item| Scored {
            item: *item,
            score: 1,
        });
        let liked = model.liked_departments(taste, &known);
        let candidates = [
            (
                Source::Session,
                shelf::admitted(session.next_items().into_iter(), admission),
            ),
            (
                Source::Companions,
                shelf::admitted(companions.companion_items(), admission),
            ),
            (Source::Repeat, shelf::admitted(again, admission)),
            (Source::Wish, shelf::admitted(wishes, admission)),
            (
                Source::Popular,
                liked_first(
                    model,
                    popular::candidates(model, taste.store.as_ref(), admission),
                    &liked,
                ),
            ),
        ];
        Self {
            model,
            session,
            companions,
            rhythms,
            liked,
            candidates,
        }
    }

    fn answer(&self, admission: &Admission<'_>, limit: usize) -> Vec<Recommendation> {
        let mix = self.mix();
        let mut ranked: Vec<Scored> = mix.iter().map(|mixed| mixed.scored).collect();
        let ranked = take_best(&mut ranked, usize::MAX);
        let shelf = shelf::mixed(self.model, &ranked, admission.diversity(), limit);
        let reasons = self.reasons(&shelf, &mix);
        shelf::explained(self.model, &shelf, reasons)
    }

    /// The sum over the sources of their share of the best times their weight, by item number.
    pub(super) fn mix(&self) -> Vec<Mixed> {
        let mut points: Vec<(u32, u64, Source)> = Vec::new();
        for (source, candidates) in &self.candidates {
            let best = candidates
                .iter()
                .map(|scored| scored.score)
                .max()
                .unwrap_or(1);
            let gain = |scored: &Scored| fixed::ratio(scored.score, best) * source.weight();
            points.extend(
                candidates
                    .iter()
                    .map(|scored| (scored.item, gain(scored), *source)),
            );
        }
        // Within an item the largest gain first: it gives the reason.
        points.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0)
                .then(b.1.cmp(&a.1))
                .then((a.2 as u8).cmp(&(b.2 as u8)))
        });
        let mut mix: Vec<Mixed> = Vec::new();
        for (item, gain, source) in points {
            match mix.last_mut() {
                Some(last) if last.scored.item == item => last.scored.score += gain,
                _ => mix.push(Mixed {
                    scored: Scored { item, score: gain },
                    strongest: source,
                }),
            }
        }
        mix
    }

    /// One reason for each item of the shelf, from the source that gave most of its score.
    pub(super) fn reasons(&self, shelf: &[Scored], mix: &[Mixed]) -> Vec<Option<Reason>> {
        let items: Vec<u32> = shelf.iter().map(|scored| scored.item).collect();
        let viewed = self.session.because(&items);
        let bought = self.companions.because(&items);
        let evidence = items.iter().zip(viewed.into_iter().zip(bought));
        evidence
            .map(|(item, (viewed, bought))| {
                let place = mix
                    .binary_search_by_key(item, |mixed| mixed.scored.item)
                    .ok()?;
                let strongest = mix.get(place)?.strongest;
                self.reason(*item, strongest, viewed, bought)
            })
            .collect()
    }

    fn reason(
        &self,
        item: u32,
        source: Source,
        viewed: Option<u32>,
        bought: Option<u32>,
    ) -> Option<Reason> {
        // An item that only its own earlier view speaks for is explained by that view.
        let sku = |because: Option<u32>| self.model.skus.name(because.unwrap_or(item)).cloned();
        match source {
            Source::Session => Some(Reason::ViewedWith { sku: sku(viewed)? }),
            Source::Companions => Some(Reason::BoughtWith { sku: sku(bought)? }),
            Source::Wish => Some(Reason::Wished),
            Source::Popular => Some(popular::reason(self.model, item, &self.liked)),
            Source::Repeat => {
                let rhythm = self.rhythms.iter().find(|rhythm| rhythm.item == item)?;
                Some(Reason::BoughtBefore {
                    times: rhythm.times,
                })
            }
        }
    }
}

/// The items bought last, newest first, equals by number.
fn newest_bought(rhythms: &[Rhythm]) -> Vec<u32> {
    let mut newest: Vec<(u32, u32)> = rhythms
        .iter()
        .map(|rhythm| (rhythm.last_days_ago, rhythm.item))
        .collect();
    newest.sort_unstable();
    newest.into_iter().map(|entry| entry.1).collect()
}

/// Popular items, those of liked departments doubled.
fn liked_first(model: &Model, mut candidates: Vec<Scored>, liked: &[u32]) -> Vec<Scored> {
    for scored in &mut candidates {
        if liked
            .binary_search(&model.traits(scored.item).department)
            .is_ok()
        {
            scored.score = scored.score.saturating_mul(2);
        }
    }
    candidates
}

#[cfg(test)]
mod tests;
