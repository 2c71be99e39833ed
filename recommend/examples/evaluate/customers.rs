//! Customers: the last basket of each is left out and has to be foreseen from the earlier ones
//! (Online Retail, UCI, CC BY 4.0). NDCG@10 and recall@20, over all items and over those that are new
//! to the customer.

use crate::dataset::{lines, shared_folder};
use chrono::{DateTime, Utc};
use domain::ids::Sku;
use domain::item::Item;
use domain::recommendation::Recommendation;
use recommend::{Diversity, Filters, Model, ModelBuilder, Purchase, Taste};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

struct Basket {
    at: DateTime<Utc>,
    skus: BTreeSet<Sku>,
}

/// Sums over customers.
#[derive(Default)]
struct Scores {
    customers: u32,
    gain: f64,
    recall: f64,
    with_new: u32,
    recall_new: f64,
}

/// Prints the figures for the model's `for_you` and for what is popular. With `tuning`, the last baskets
/// are dropped unseen and the ones before them are foreseen: parameters are chosen on that.
pub(crate) fn evaluate(tuning: bool) {
    let path = shared_folder().join("online_retail/orders.csv.gz");
    if !path.is_file() {
        println!("online_retail is not there");
        return;
    }
    let mut customers = baskets_by_customer(&path);
    if tuning {
        customers
            .values_mut()
            .for_each(|baskets| drop(baskets.pop()));
    }
    let model = build(&customers);
    let popular = Model::from_snapshot(&model.to_snapshot()).expect("just written");
    println!(
        "snapshot of the Online Retail model: {} bytes",
        model.to_snapshot().len()
    );
    println!("data set      method                        NDCG@10   R@20 R@20-new  mean µs");
    measure("popular", &customers, |_| Taste::default(), &popular);
    measure("for_you", &customers, taste, &model);
}

fn baskets_by_customer(path: &std::path::Path) -> BTreeMap<String, Vec<Basket>> {
    let mut invoices: BTreeMap<(String, i64, String), BTreeSet<Sku>> = BTreeMap::new();
    for line in lines(path).skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [at, invoice, customer, .., sku, quantity, _price] = fields.as_slice() else {
            continue;
        };
        let bought = quantity.parse::<i64>().is_ok_and(|quantity| quantity > 0);
        if let (true, false, Ok(at), Ok(sku)) =
            (bought, customer.is_empty(), at.parse(), Sku::parse(*sku))
        {
            let key = ((*customer).to_owned(), at, (*invoice).to_owned());
            invoices.entry(key).or_default().insert(sku);
        }
    }
    let mut customers: BTreeMap<String, Vec<Basket>> = BTreeMap::new();
    for ((customer, at, _), skus) in invoices {
        let at = DateTime::from_timestamp(at, 0).expect("a time of this century");
        customers
            .entry(customer)
            .or_default()
            .push(Basket { at, skus });
    }
    customers
}

/// Learns from all baskets but the last of each customer who has several.
fn build(customers: &BTreeMap<String, Vec<Basket>>) -> Model {
    let skus: BTreeSet<&Sku> = customers
        .values()
        .flatten()
        .flat_map(|basket| &basket.skus)
        .collect();
    let items: Vec<Item> = skus
        .into_iter()
        .map(|sku| {
            let fields = serde_json::json!({"sku": sku, "title": "", "department": "all", "replenishable": true});
            serde_json::from_value(fields).expect("an item")
        })
        .collect();
    let mut builder = ModelBuilder::new(&items);
    for baskets in customers.values() {
        let known = baskets.len().saturating_sub(1).max(1);
        for basket in baskets.iter().take(known) {
            builder.add_basket(basket.at, None, &basket.skus);
        }
    }
    builder.build()
}

fn taste(history: &[Basket]) -> Taste {
    let purchases = history.iter().flat_map(|basket| {
        basket.skus.iter().map(|sku| Purchase {
            sku: sku.clone(),
            at: basket.at,
        })
    });
    Taste {
        purchases: purchases.collect(),
        ..Taste::default()
    }
}

fn measure(
    method: &str,
    customers: &BTreeMap<String, Vec<Basket>>,
    taste: impl Fn(&[Basket]) -> Taste,
    model: &Model,
) {
    let mut scores = Scores::default();
    let mut spent = 0.0;
    for baskets in customers.values() {
        let Some((last, history)) = baskets
            .split_last()
            .filter(|(_, history)| !history.is_empty())
        else {
            continue;
        };
        let taste = taste(history);
        let known: BTreeSet<Sku> = history
            .iter()
            .flat_map(|basket| basket.skus.clone())
            .collect();
        let mut filters = Filters {
            diversity: Diversity::NONE,
            ..Filters::default()
        };
        let started = Instant::now();
        let answer = model.for_you(&taste, &filters, last.at, 20);
        spent += started.elapsed().as_secs_f64() * 1e6;
        filters.hidden = known;
        let answer_new = model.for_you(&taste, &filters, last.at, 20);
        scores.count(&answer, &answer_new, &last.skus, &filters.hidden);
    }
    let customers = f64::from(scores.customers.max(1));
    println!(
        "online_retail {method:<29} {:.4} {:.4}   {:.4} {:>8.1}",
        scores.gain / customers,
        scores.recall / customers,
        scores.recall_new / f64::from(scores.with_new.max(1)),
        spent / customers,
    );
}

impl Scores {
    fn count(
        &mut self,
        answer: &[Recommendation],
        answer_new: &[Recommendation],
        truth: &BTreeSet<Sku>,
        known: &BTreeSet<Sku>,
    ) {
        let discount = |place: usize| 1.0 / ((place + 2) as f64).log2();
        let places = answer.iter().enumerate().take(10);
        let gain: f64 = places
            .filter(|(_, shown)| truth.contains(&shown.sku))
            .map(|(place, _)| discount(place))
            .sum();
        let ideal: f64 = (0..truth.len().min(10)).map(discount).sum();
        let hits = |answer: &[Recommendation]| {
            answer
                .iter()
                .filter(|shown| truth.contains(&shown.sku))
                .count() as f64
        };
        let new = truth.difference(known).count();
        self.customers += 1;
        self.gain += gain / ideal;
        self.recall += hits(answer) / truth.len() as f64;
        if new > 0 {
            self.with_new += 1;
            self.recall_new += hits(answer_new) / new as f64;
        }
    }
}
