//! What is known of items, sessions and orders, in the form that requests read.

pub mod builder;
pub(crate) mod popularity;
pub(crate) mod traits;

use crate::names::Names;
use crate::sessions::{SessionIndex, SessionNumber};
use crate::snapshot::checksum;
use domain::ids::{DepartmentId, Sku, StyleId};
use domain::item::Item;
use popularity::Popularity;
use traits::{Description, Traits};

/// The most items a model takes.
pub const MAX_ITEMS: usize = 1 << 22;

/// Names the content of a model: what it was built from, and what was appended since, in order. Two
/// models of one version answer alike; of two versions, one may still answer like the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModelVersion(pub u64);

/// The text is no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a model's version has 16 hexadecimal digits")]
pub struct NoModelVersion;

impl std::str::FromStr for ModelVersion {
    type Err = NoModelVersion;

    fn from_str(text: &str) -> Result<Self, NoModelVersion> {
        let plain = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u64::from_str_radix(text, 16);
        number
            .ok()
            .filter(|_| plain)
            .map(Self)
            .ok_or(NoModelVersion)
    }
}

impl TryFrom<String> for ModelVersion {
    type Error = NoModelVersion;

    fn try_from(text: String) -> Result<Self, NoModelVersion> {
        text.parse()
    }
}

impl From<ModelVersion> for String {
    fn from(version: ModelVersion) -> Self {
        version.to_string()
    }
}

impl std::fmt::Display for ModelVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A model that answers requests. See [`crate::requests`] for what can be asked.
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) skus: Names<Sku>,
    pub(crate) departments: Names<DepartmentId>,
    pub(crate) styles: Names<StyleId>,
    pub(crate) categories: Names<String>,
    /// By item number.
    pub(crate) traits: Vec<Traits>,
    pub(crate) sessions: SessionIndex,
    pub(crate) baskets: SessionIndex,
    pub(crate) popularity: Popularity,
    pub(crate) version: ModelVersion,
}

/// What a live change was, for the version.
#[derive(Clone, Copy)]
enum Change {
    Session = 1,
    View = 2,
    Basket = 3,
    Item = 4,
}

impl Model {
    /// The version of what the model holds now.
    #[must_use]
    pub fn version(&self) -> ModelVersion {
        self.version
    }

    /// How many items the model knows. Others are never recommended.
    #[must_use]
    pub fn item_count(&self) -> usize {
        self.skus.len()
    }

    /// How many sessions and how many baskets it learns from.
    #[must_use]
    pub fn history_count(&self) -> (u32, u32) {
        (self.sessions.len(), self.baskets.len())
    }

    /// Adds a session that begins with `skus`, oldest first; it counts in the next request. Items that
    /// the model does not know are left out, and `None` is returned when it knows none.
    pub fn append_session<'a>(
        &mut self,
        skus: impl IntoIterator<Item = &'a Sku>,
    ) -> Option<SessionNumber> {
        let items = self.numbers(skus);
        (!items.is_empty()).then(|| self.add_session(&items))
    }

    /// Adds a view to a session that goes on. False when it changes nothing: the item is unknown or
    /// already in the session, or the session is over. (Then the caller may begin a new one.)
    pub fn extend_session(&mut self, session: SessionNumber, sku: &Sku) -> bool {
        let item = self.skus.number(sku);
        item.is_some_and(|item| self.add_view(session, item))
    }

    /// Adds what was bought in one order; it counts in the next request for companions. Popularity is
    /// as of the build. False when fewer than two known items were bought: they say nothing together.
    pub fn append_basket<'a>(&mut self, skus: impl IntoIterator<Item = &'a Sku>) -> bool {
        let items = sorted(self.numbers(skus));
        let several = items.len() >= 2;
        if several {
            self.add_basket(&items);
        }
        several
    }

    /// Adds an item to the catalogue, or changes its traits. False when there are [`MAX_ITEMS`].
    pub fn describe_item(&mut self, item: &Item) -> bool {
        self.describe(&Description::of(item))
    }

    /// Whether the item is known just as it is described here.
    #[must_use]
    pub fn knows(&self, item: &Item) -> bool {
        let item = Description::of(item);
        let Some(number) = self.skus.number(item.sku) else {
            return false;
        };
        let traits = self.traits(number);
        let category = match item.category {
            "" => Some(traits::NONE),
            _ => self.categories.number(&traits::category_name(&item)),
        };
        let style = item
            .style
            .map_or(Some(traits::NONE), |style| self.styles.number(style));
        Some(traits.department) == self.departments.number(item.department)
            && Some(traits.category) == category
            && Some(traits.style) == style
            && traits.replenishable == item.replenishable
    }

    pub(crate) fn describe(&mut self, item: &Description<'_>) -> bool {
        if self.skus.number(item.sku).is_none() && self.skus.len() >= MAX_ITEMS {
            return false;
        }
        let number = self.skus.intern(item.sku) as usize;
        let traits = self.traits_of(item);
        if number >= self.traits.len() {
            self.traits.resize(number + 1, Traits::default());
        }
        if let Some(slot) = self.traits.get_mut(number) {
            *slot = traits;
        }
        let mut version = checksum::Fnv::from_state(self.version.0);
        version.write(&[Change::Item as u8]);
        for text in [
            item.sku.as_str(),
            item.department.as_str(),
            item.style.map_or("", StyleId::as_str),
            item.category,
            if item.replenishable { "again" } else { "once" },
        ] {
            version.write(&(text.len() as u64).to_le_bytes());
            version.write(text.as_bytes());
        }
        self.version = ModelVersion(version.finish());
        true
    }

    pub(crate) fn add_session(&mut self, items: &[u32]) -> SessionNumber {
        self.mark(Change::Session, items);
        self.sessions.append(items)
    }

    pub(crate) fn add_view(&mut self, session: SessionNumber, item: u32) -> bool {
        let added = self.sessions.extend(session, item);
        if added {
            let [low, high] = halves(session.0);
            self.mark(Change::View, &[low, high, item]);
        }
        added
    }

    pub(crate) fn add_basket(&mut self, items: &[u32]) {
        self.mark(Change::Basket, items);
        self.baskets.append(items);
    }

    pub(crate) fn traits(&self, item: u32) -> Traits {
        self.traits.get(item as usize).copied().unwrap_or_default()
    }

    /// The numbers of the known ones of `skus`, in their order.
    pub(crate) fn numbers<'a>(&self, skus: impl IntoIterator<Item = &'a Sku>) -> Vec<u32> {
        skus.into_iter()
            .filter_map(|sku| self.skus.number(sku))
            .collect()
    }

    fn traits_of(&mut self, item: &Description<'_>) -> Traits {
        Traits {
            department: self.departments.intern(item.department),
            category: traits::intern_category(&mut self.categories, item),
            style: item
                .style
                .map_or(traits::NONE, |style| self.styles.intern(style)),
            replenishable: item.replenishable,
        }
    }

    fn mark(&mut self, change: Change, numbers: &[u32]) {
        let mut version = checksum::Fnv::from_state(self.version.0);
        version.write(&[change as u8]);
        version.write(&(numbers.len() as u64).to_le_bytes());
        for number in numbers {
            version.write(&number.to_le_bytes());
        }
        self.version = ModelVersion(version.finish());
    }
}

/// Distinct and in the order of their numbers: the order in a basket means nothing.
pub(crate) fn sorted(mut items: Vec<u32>) -> Vec<u32> {
    items.sort_unstable();
    items.dedup();
    items
}

fn halves(number: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = number.to_le_bytes();
    [
        u32::from_le_bytes([a, b, c, d]),
        u32::from_le_bytes([e, f, g, h]),
    ]
}
