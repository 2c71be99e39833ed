//! *Say this*: the greeting that the device chose, in words.

use crate::words::Words;
use domain::api::device::CustomerCard;
use domain::greeting::Greeting;

/// The one line to say.
#[must_use]
pub fn line(card: &CustomerCard, words: &Words) -> String {
    let name = card.customer.name.greeting();
    let titled = |sku: &domain::ids::Sku| {
        let title = card.say_title.clone();
        title.unwrap_or_else(|| crate::model::titles::title(&card.items, sku))
    };
    match &card.say {
        Greeting::Birthday => (words.say_birthday)(name),
        Greeting::WishInStock { sku } => (words.say_wish)(name, &titled(sku)),
        Greeting::CartWaiting { sku, pieces } => (words.say_cart)(name, &titled(sku), *pieces),
        Greeting::LookedAt { sku, .. } => (words.say_looked)(name, &titled(sku)),
        Greeting::FirstVisit => (words.say_first)(name),
        Greeting::LongTime { months } => (words.say_long)(name, *months),
        Greeting::WelcomeBack => (words.say_welcome)(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;

    fn card(say: &serde_json::Value) -> CustomerCard {
        serde_json::from_value(serde_json::json!({
            "customer": {"id": "c", "name": {"given": "Ana", "family": "Souza"}, "home_store": "1"},
            "say": say, "say_title": "Storm boots", "active": false, "profile": {}, "items": [],
            "recommendations": [], "model": null, "orders": [], "notes": []}))
        .unwrap()
    }

    #[test]
    fn every_greeting_names_her_in_every_language() {
        for say in [
            serde_json::json!({"say": "birthday"}),
            serde_json::json!({"say": "wish_in_stock", "sku": "b"}),
            serde_json::json!({"say": "cart_waiting", "sku": "b", "pieces": 2}),
            serde_json::json!({"say": "looked_at", "sku": "b", "at": "2026-05-17T10:00:00Z"}),
            serde_json::json!({"say": "first_visit"}),
            serde_json::json!({"say": "long_time", "months": 5}),
            serde_json::json!({"say": "welcome_back"}),
        ] {
            for lang in Lang::ALL {
                let line = line(&card(&say), lang.words());
                assert!(line.contains("Ana") && !line.contains('!'), "{line}");
                let titled = say.get("sku").is_some();
                assert_eq!(line.contains("Storm boots"), titled, "{line}");
            }
        }
    }
}
