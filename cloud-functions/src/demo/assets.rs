//! The demo store's files, built into the program.

use super::DemoError;
use super::chance::Chance;
use crate::import::{Product, read_products};
use domain::access::Role;
use domain::fence::Fence;
use domain::ids::{AssociateId, StoreId};
use domain::item::Item;
use domain::store::Store;
use serde::Deserialize;
use serde::de::DeserializeOwned;

const STORES: &str = include_str!("../../../assets/demo/stores.json");
const TEAM: &str = include_str!("../../../assets/demo/associates.json");
const CATALOGUE: &str = include_str!("../../../assets/demo/catalogue.tsv");
const FENCES: &str = include_str!("../../../assets/demo/fences.geojson");
const NAMES: &str = include_str!("../../../assets/demo/names.json");
const TASTES: &str = include_str!("../../../assets/demo/tastes.json");

/// What the demo store is made of.
pub(super) struct Assets {
    pub(super) stores: Vec<Store>,
    pub(super) team: Vec<Member>,
    pub(super) products: Vec<Product>,
    pub(super) fences: Vec<Fence>,
    pub(super) cultures: Vec<Culture>,
    pub(super) tastes: Vec<Taste>,
}

/// Somebody who works in a demo store.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Member {
    pub(super) id: AssociateId,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) store: StoreId,
    pub(super) pin: String,
    pub(super) colour: String,
}

/// Names that go together.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Culture {
    weight: u32,
    given: Given,
    family: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Given {
    female: Vec<String>,
    male: Vec<String>,
}

/// What some people like.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Taste {
    share: u32,
    likes: Vec<Like>,
    #[serde(default)]
    colours: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Like {
    #[serde(default)]
    department: Option<String>,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    art: Option<String>,
    #[serde(default)]
    tag: Option<String>,
    weight: u32,
}

#[derive(Deserialize)]
struct Names {
    cultures: Vec<Culture>,
}

#[derive(Deserialize)]
struct Tastes {
    tastes: Vec<Taste>,
}

impl Assets {
    /// Reads everything; a broken file is named.
    pub(super) fn read() -> Result<Self, DemoError> {
        let stores: Vec<Store> = json("stores.json", STORES)?;
        let first = stores.first().ok_or(DemoError::Asset {
            file: "stores.json",
            reason: "has no store".to_owned(),
        })?;
        let catalogue = read_products(CATALOGUE, first);
        let products = catalogue.map_err(|reason| DemoError::Asset {
            file: "catalogue.tsv",
            reason,
        })?;
        let fences = crate::import::read_fences(FENCES).map_err(|reason| DemoError::Asset {
            file: "fences.geojson",
            reason,
        })?;
        Ok(Self {
            products,
            fences,
            stores,
            team: json("associates.json", TEAM)?,
            cultures: json::<Names>("names.json", NAMES)?.cultures,
            tastes: json::<Tastes>("tastes.json", TASTES)?.tastes,
        })
    }

    /// A given and a family name of one culture.
    pub(super) fn draw_name(&self, chance: &mut Chance) -> Option<(String, String)> {
        let weights: Vec<u32> = self.cultures.iter().map(|culture| culture.weight).collect();
        let culture = self.cultures.get(chance.weighted(&weights)?)?;
        let given = if chance.percent(58) {
            &culture.given.female
        } else {
            &culture.given.male
        };
        Some((
            chance.pick(given)?.clone(),
            chance.pick(&culture.family)?.clone(),
        ))
    }

    /// A taste by its index, as often as it is shared.
    pub(super) fn draw_taste(&self, chance: &mut Chance) -> usize {
        let shares: Vec<u32> = self.tastes.iter().map(|taste| taste.share).collect();
        chance.weighted(&shares).unwrap_or(0)
    }
}

impl Taste {
    /// How much an item weighs: the sum of what she likes about it, more in a colour of hers; 0 where nothing.
    pub(super) fn weigh(&self, item: &Item) -> u32 {
        let is = |wanted: &Option<String>, has: &str| {
            wanted
                .as_deref()
                .is_some_and(|wanted| wanted.eq_ignore_ascii_case(has))
        };
        let matches = |like: &&Like| {
            is(&like.department, item.department.as_str())
                || is(&like.category, &item.category)
                || is(&like.art, &item.art)
                || like.tag.as_ref().is_some_and(|tag| item.tags.contains(tag))
        };
        let weight: u32 = self
            .likes
            .iter()
            .filter(matches)
            .map(|like| like.weight)
            .sum();
        let in_her_colour = self
            .colours
            .iter()
            .any(|colour| colour.eq_ignore_ascii_case(&item.colour));
        if in_her_colour { weight * 2 } else { weight }
    }
}

fn json<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, DemoError> {
    serde_json::from_str(text).map_err(|error| DemoError::Asset {
        file,
        reason: error.to_string(),
    })
}
