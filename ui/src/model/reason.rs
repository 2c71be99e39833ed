//! One plain sentence of the evidence behind a recommendation.

use crate::model::department;
use crate::words::Words;
use domain::api::content::ShelfItem;
use domain::recommendation::Reason;

/// Why this item is shown. An item that the evidence names without a title is told by its SKU.
#[must_use]
pub fn sentence(shown: &ShelfItem, words: &Words) -> String {
    let titled = |sku: &domain::ids::Sku| {
        let title = shown.because_title.clone();
        title.unwrap_or_else(|| sku.to_string())
    };
    match &shown.recommendation.reason {
        Reason::ViewedWith { sku } => (words.because_viewed)(&titled(sku)),
        Reason::BoughtWith { sku } => (words.because_bought_with)(&titled(sku)),
        Reason::BoughtBefore { times } => (words.because_bought_before)(*times),
        Reason::Wished => words.because_wished.to_owned(),
        Reason::Picked => words.because_picked.to_owned(),
        Reason::SimilarTo { sku } => (words.because_similar)(&titled(sku)),
        Reason::Popular => words.because_popular.to_owned(),
        Reason::PopularIn { department } => {
            (words.because_popular_in)(&department::name(department))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;

    fn shown(reason: &serde_json::Value, title: Option<&str>) -> ShelfItem {
        serde_json::from_value(serde_json::json!({
            "view": {"item": {"sku": "a", "title": "Lamp", "department": "home"}, "price": null, "on_hand": 2},
            "recommendation": {"sku": "a", "score": 1.0, "reason": reason}, "because_title": title}))
        .unwrap()
    }

    #[test]
    fn every_reason_is_a_sentence_in_every_language() {
        let reasons = [
            serde_json::json!({"because": "viewed_with", "sku": "b"}),
            serde_json::json!({"because": "bought_with", "sku": "b"}),
            serde_json::json!({"because": "bought_before", "times": 3}),
            serde_json::json!({"because": "wished"}),
            serde_json::json!({"because": "picked"}),
            serde_json::json!({"because": "similar_to", "sku": "b"}),
            serde_json::json!({"because": "popular"}),
            serde_json::json!({"because": "popular_in", "department": "outdoor"}),
        ];
        for lang in Lang::ALL {
            let sentences: std::collections::BTreeSet<String> = reasons
                .iter()
                .map(|reason| sentence(&shown(reason, Some("Boots")), lang.words()))
                .collect();
            assert_eq!(sentences.len(), reasons.len(), "{lang:?}");
        }
    }

    #[test]
    fn an_item_without_a_title_is_told_by_its_number() {
        let reason = serde_json::json!({"because": "similar_to", "sku": "b-7"});
        assert!(sentence(&shown(&reason, None), Lang::En.words()).contains("b-7"));
    }
}
