//! What happened since a snapshot, for a model that already has it.
//!
//! Little endian. Header: magic (8 bytes), format (u32), events (u32), the versions before and after (u64
//! each), FNV-1a 64 of all that and the body (u64). The body holds events with item numbers as varints:
//! both sides have the same numbers, because both have the model of the version before.

use super::checksum::Fnv;
use super::reader::Reader;
use crate::model::traits::Description;
use crate::model::{MAX_ITEMS, Model, ModelVersion, sorted};
use crate::sessions::SessionNumber;
use domain::ids::{DepartmentId, Sku, StyleId};
use domain::item::Item;
use std::collections::BTreeSet;

const MAGIC: &[u8; 8] = b"AISLEDLT";
const FORMAT: u32 = 2;
/// Up to the checksum.
const CHECKED_HEADER_LEN: usize = 32;
/// The most items of one event.
const EVENT_ITEMS_MAX: u64 = 4_096;
/// The longest text of a description, in bytes.
const TEXT_BYTES_MAX: u64 = 4_096;

const SESSION: u64 = 0;
const VIEW: u64 = 1;
const BASKET: u64 = 2;
const ITEM: u64 = 3;

/// Why a delta cannot be applied. The model is as it was, but for [`DeltaError::Diverged`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeltaError {
    /// The bytes are none, are cut off, or were changed.
    #[error("this is not a whole delta of a recommendation model")]
    Damaged,
    /// Written by a version of the program that this one does not know.
    #[error("the delta has format {found}, this program reads format {FORMAT}")]
    UnknownFormat {
        /// The format that it says it has.
        found: u32,
    },
    /// It follows another version than the model's.
    #[error("the delta follows version {base}, the model is {here}")]
    OtherBase {
        /// The version that it follows.
        base: ModelVersion,
        /// The model's.
        here: ModelVersion,
    },
    /// The events led elsewhere than they did where they happened. The model must be fetched anew.
    #[error("the delta leads to another version than it says")]
    Diverged,
}

/// Whether these bytes begin as a delta does; a snapshot begins otherwise.
#[must_use]
pub fn is_delta(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Applies events to a model and writes them down.
#[derive(Debug, Clone)]
pub struct DeltaWriter {
    pub(super) base: ModelVersion,
    pub(super) events: u32,
    pub(super) body: Vec<u8>,
}

impl DeltaWriter {
    /// Begins at what the model holds now. All that happens to it from here on has to come through this
    /// writer.
    #[must_use]
    pub fn since(model: &Model) -> Self {
        Self {
            base: model.version(),
            events: 0,
            body: Vec::new(),
        }
    }

    /// See [`Model::append_session`].
    pub fn append_session<'a>(
        &mut self,
        model: &mut Model,
        skus: impl IntoIterator<Item = &'a Sku>,
    ) -> Option<SessionNumber> {
        let items = bounded(model.numbers(skus));
        if items.is_empty() {
            return None;
        }
        self.write(SESSION, &items);
        Some(model.add_session(&items))
    }

    /// See [`Model::extend_session`].
    pub fn extend_session(&mut self, model: &mut Model, session: SessionNumber, sku: &Sku) -> bool {
        let Some(item) = model.skus.number(sku) else {
            return false;
        };
        let added = model.add_view(session, item);
        if added {
            self.events += 1;
            put(&mut self.body, VIEW);
            put(&mut self.body, session.0);
            put(&mut self.body, u64::from(item));
        }
        added
    }

    /// See [`Model::append_basket`].
    pub fn append_basket<'a>(
        &mut self,
        model: &mut Model,
        skus: impl IntoIterator<Item = &'a Sku>,
    ) -> bool {
        let items = bounded(sorted(model.numbers(skus)));
        let several = items.len() >= 2;
        if several {
            self.write(BASKET, &items);
            model.add_basket(&items);
        }
        several
    }

    /// See [`Model::describe_item`]. False where the model knows the item just so, or takes no more.
    pub fn describe_item(&mut self, model: &mut Model, item: &Item) -> bool {
        let described = Description::of(item);
        let texts = texts(&described);
        let fits = texts.iter().all(|text| text.len() as u64 <= TEXT_BYTES_MAX);
        if !fits || model.knows(item) || !model.describe(&described) {
            return false;
        }
        self.events += 1;
        put(&mut self.body, ITEM);
        put(&mut self.body, u64::from(item.replenishable));
        for text in texts {
            put(&mut self.body, text.len() as u64);
            self.body.extend_from_slice(text.as_bytes());
        }
        true
    }

    /// How many events were written.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.events
    }

    /// Whether nothing happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events == 0
    }

    /// The events as bytes, up to what the model holds now.
    #[must_use]
    pub fn finish(self, model: &Model) -> Vec<u8> {
        bytes(self.base, model.version(), self.events, &self.body)
    }

    fn write(&mut self, kind: u64, items: &[u32]) {
        self.events += 1;
        put(&mut self.body, kind);
        put(&mut self.body, items.len() as u64);
        for item in items {
            put(&mut self.body, u64::from(*item));
        }
    }
}

impl Model {
    /// Does what a [`DeltaWriter`] wrote down: the model is then that of the sender, bit for bit.
    ///
    /// # Errors
    /// [`DeltaError`]; never panics.
    pub fn apply_delta(&mut self, bytes: &[u8]) -> Result<(), DeltaError> {
        let (base, target, events) = self.read(bytes)?;
        if base != self.version() {
            return Err(DeltaError::OtherBase {
                base,
                here: self.version(),
            });
        }
        for event in events {
            match event {
                Event::Session(items) => {
                    self.add_session(&items);
                }
                Event::Basket(items) => self.add_basket(&items),
                Event::Item(item) => {
                    self.describe(&item.as_described());
                }
                Event::View(session, item) => {
                    self.add_view(session, item);
                }
            }
        }
        if self.version() == target {
            Ok(())
        } else {
            Err(DeltaError::Diverged)
        }
    }

    /// The versions before and after, and the events between, all checked before the first is applied.
    fn read(&self, bytes: &[u8]) -> Result<(ModelVersion, ModelVersion, Vec<Event>), DeltaError> {
        let damaged = |_| DeltaError::Damaged;
        let mut reader = Reader::new(bytes);
        if reader.take(MAGIC.len()).map_err(damaged)? != MAGIC {
            return Err(DeltaError::Damaged);
        }
        let found = reader.u32().map_err(damaged)?;
        if found != FORMAT {
            return Err(DeltaError::UnknownFormat { found });
        }
        let count = reader.u32().map_err(damaged)?;
        let base = ModelVersion(reader.u64().map_err(damaged)?);
        let target = ModelVersion(reader.u64().map_err(damaged)?);
        let sum = reader.u64().map_err(damaged)?;
        let mut body = reader.rest();
        let header = bytes.get(..CHECKED_HEADER_LEN).unwrap_or_default();
        if checksum(header, body) != sum {
            return Err(DeltaError::Damaged);
        }
        let mut known = Known {
            model: self,
            new: BTreeSet::new(),
        };
        let events: Option<Vec<Event>> = (0..count).map(|_| event(&mut body, &mut known)).collect();
        let events = events.filter(|_| body.is_empty());
        Ok((base, target, events.ok_or(DeltaError::Damaged)?))
    }
}

enum Event {
    Session(Vec<u32>),
    View(SessionNumber, u32),
    Basket(Vec<u32>),
    Item(OwnDescription),
}

/// The items that a model will know at some point of a delta.
struct Known<'a> {
    model: &'a Model,
    new: BTreeSet<Sku>,
}

impl Known<'_> {
    fn len(&self) -> usize {
        self.model.item_count() + self.new.len()
    }
}

/// A description that was read.
struct OwnDescription {
    sku: Sku,
    department: DepartmentId,
    style: Option<StyleId>,
    category: String,
    replenishable: bool,
}

impl OwnDescription {
    fn as_described(&self) -> Description<'_> {
        Description {
            sku: &self.sku,
            department: &self.department,
            style: self.style.as_ref(),
            category: &self.category,
            replenishable: self.replenishable,
        }
    }
}

/// The texts of a description, in the order in which they are written.
fn texts<'a>(item: &Description<'a>) -> [&'a str; 4] {
    let style = item.style.map_or("", StyleId::as_str);
    [
        item.sku.as_str(),
        item.department.as_str(),
        style,
        item.category,
    ]
}

fn description(body: &mut &[u8], known: &mut Known<'_>) -> Option<OwnDescription> {
    let replenishable = match get(body)? {
        0 => false,
        1 => true,
        _ => return None,
    };
    let sku = Sku::parse(text(body)?).ok()?;
    let department = DepartmentId::parse(text(body)?).ok()?;
    let style = match text(body)? {
        "" => None,
        style => Some(StyleId::parse(style).ok()?),
    };
    let category = text(body)?.to_owned();
    if known.model.skus.number(&sku).is_none() {
        known.new.insert(sku.clone());
    }
    let fits = known.len() <= MAX_ITEMS;
    fits.then_some(OwnDescription {
        sku,
        department,
        style,
        category,
        replenishable,
    })
}

fn text<'a>(body: &mut &'a [u8]) -> Option<&'a str> {
    let len = get(body).filter(|len| *len <= TEXT_BYTES_MAX)?;
    let (text, rest) = body.split_at_checked(usize::try_from(len).ok()?)?;
    *body = rest;
    std::str::from_utf8(text).ok()
}

/// A delta's bytes.
pub(super) fn bytes(base: ModelVersion, target: ModelVersion, events: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&FORMAT.to_le_bytes());
    bytes.extend_from_slice(&events.to_le_bytes());
    bytes.extend_from_slice(&base.0.to_le_bytes());
    bytes.extend_from_slice(&target.0.to_le_bytes());
    let sum = checksum(&bytes, body);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes.extend_from_slice(body);
    bytes
}

fn event(body: &mut &[u8], known: &mut Known<'_>) -> Option<Event> {
    let items = known.len();
    match get(body)? {
        ITEM => Some(Event::Item(description(body, known)?)),
        SESSION => Some(Event::Session(numbers(body, items)?)),
        BASKET => Some(Event::Basket(numbers(body, items)?)),
        VIEW => {
            let session = SessionNumber(get(body)?);
            Some(Event::View(session, number(body, items)?))
        }
        _ => None,
    }
}

fn numbers(body: &mut &[u8], items: usize) -> Option<Vec<u32>> {
    let len = get(body).filter(|len| (1..=EVENT_ITEMS_MAX).contains(len))?;
    (0..len).map(|_| number(body, items)).collect()
}

fn number(body: &mut &[u8], items: usize) -> Option<u32> {
    let number = u32::try_from(get(body)?).ok()?;
    ((number as usize) < items).then_some(number)
}

fn bounded(mut items: Vec<u32>) -> Vec<u32> {
    let newest = items.len().saturating_sub(EVENT_ITEMS_MAX as usize);
    items.drain(..newest);
    items
}

/// Seven bits a byte, the lowest first; all but the last byte have the highest bit.
fn put(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        out.push(0x80 | (number & 0x7f) as u8);
        number >>= 7;
    }
    out.push(number as u8);
}

fn get(body: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = body.split_first()?;
        *body = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn checksum(header: &[u8], body: &[u8]) -> u64 {
    let mut fnv = Fnv::new();
    fnv.write(header);
    fnv.write(body);
    fnv.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::tests::{Histories, answers, histories, model, sku};
    use proptest::prelude::*;

    /// Does to the model what `later` says, and writes it down.
    fn written(model: &mut Model, later: &Histories) -> Vec<u8> {
        let mut writer = DeltaWriter::since(model);
        for items in later {
            let skus: Vec<Sku> = items.iter().map(|item| sku(*item)).collect();
            if let Some(session) = writer.append_session(model, &skus[..1]) {
                for sku in &skus[1..] {
                    writer.extend_session(model, session, sku);
                }
            }
            writer.append_basket(model, &skus);
            // An item that is new, and then changes its department.
            for department in ["new", "newer"] {
                let text = format!("late-{}", items.len());
                let body = serde_json::json!({"sku": text, "title": "Late", "department": department,
                    "category": "lamps", "style": "late", "replenishable": items.len() % 2 == 0});
                let item: Item = serde_json::from_value(body).unwrap();
                assert!(writer.describe_item(model, &item) && model.knows(&item));
                assert!(!writer.describe_item(model, &item), "known by now");
                writer.append_session(model, [&item.sku, &skus[0]]);
            }
        }
        writer.finish(model)
    }

    proptest! {
        #[test]
        fn a_delta_makes_the_same_model(built in histories(), later in histories()) {
            let mut here = model(&built, &built);
            let mut there = Model::from_snapshot(&here.to_snapshot()).unwrap();
            let delta = written(&mut here, &later);
            prop_assert_eq!(there.apply_delta(&delta), Ok(()));
            prop_assert_eq!(there.version(), here.version());
            prop_assert_eq!(there.to_snapshot(), here.to_snapshot());
            prop_assert_eq!(answers(&there, &[1, 2, 3]), answers(&here, &[1, 2, 3]));
            if here.version() != model(&built, &built).version() {
                let twice = there.apply_delta(&delta);
                prop_assert!(matches!(twice, Err(DeltaError::OtherBase { .. })), "{:?}", twice);
            }
        }

        #[test]
        fn a_damaged_delta_changes_nothing(
            built in histories(),
            later in histories(),
            at in any::<prop::sample::Index>(),
            bit in 0_u32..8,
        ) {
            let mut here = model(&built, &built);
            let mut there = here.clone();
            let mut delta = written(&mut here, &later);
            let before = there.version();
            prop_assert!(there.apply_delta(&delta[..at.index(delta.len())]).is_err());
            let at = at.index(delta.len());
            delta[at] ^= 1 << bit;
            prop_assert!(there.apply_delta(&delta).is_err());
            prop_assert_eq!(there.version(), before);
        }

        #[test]
        fn any_body_under_a_right_header_is_applied_or_refused(body in prop::collection::vec(any::<u8>(), 0..60), events in 0_u32..5) {
            let mut there = model(&vec![vec![1, 2]], &Vec::new());
            let writer = DeltaWriter { base: there.version(), events, body };
            let delta = writer.finish(&there);
            let before = there.version();
            let applied = there.apply_delta(&delta);
            prop_assert!(applied.is_ok() || applied == Err(DeltaError::Diverged) || there.version() == before);
        }

        #[test]
        fn any_number_comes_back(number in any::<u64>()) {
            let mut bytes = Vec::new();
            put(&mut bytes, number);
            prop_assert_eq!(get(&mut bytes.as_slice()), Some(number));
        }
    }
}
