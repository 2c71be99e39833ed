//! What a customer allows, as one chip.

use domain::customer::{Channel, Customer, Purpose};

/// Channels in the order that a card names them.
const CHANNELS: [Channel; 4] = [Channel::Email, Channel::Sms, Channel::Push, Channel::Phone];

/// The channels by which she allows marketing; empty means none.
#[must_use]
pub fn allowed_channels(customer: &Customer) -> Vec<Channel> {
    CHANNELS
        .into_iter()
        .filter(|channel| customer.consents_to(Purpose::Marketing, Some(*channel)))
        .collect()
}

/// Whether she asked that her browsing is not looked at.
#[must_use]
pub fn hides_browsing(customer: &Customer) -> bool {
    customer.refuses(Purpose::Personalisation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_granted_is_named() {
        let customer: Customer = serde_json::from_value(serde_json::json!({
            "id": "c", "name": {"given": "Ana"}, "home_store": "1", "consents": [
                {"purpose": "marketing", "channel": "sms", "granted": true, "at": "2026-01-01T00:00:00Z"},
                {"purpose": "marketing", "channel": "email", "granted": false, "at": "2026-01-01T00:00:00Z"},
                {"purpose": "personalisation", "granted": false, "at": "2026-01-01T00:00:00Z"}]}))
        .unwrap();
        assert_eq!(allowed_channels(&customer), [Channel::Sms]);
        assert!(hides_browsing(&customer));
    }
}
