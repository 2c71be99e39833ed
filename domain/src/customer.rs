//! An identified person and what she allowed.

use crate::contact::Phone;
use crate::ids::{CardNumber, CustomerId, Sku, StoreId};
use crate::loyalty::Tier;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A person's name, in the parts that people search and greet by.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PersonName {
    /// Given name or names.
    #[serde(default)]
    pub given: String,
    /// Family name or names.
    #[serde(default)]
    pub family: String,
    /// What she wants to be called, where it is not the given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred: Option<String>,
}

impl PersonName {
    /// Given and family name.
    #[must_use]
    pub fn full(&self) -> String {
        format!("{} {}", self.given, self.family).trim().to_owned()
    }

    /// The name to greet her by.
    #[must_use]
    pub fn greeting(&self) -> &str {
        let given = if self.given.is_empty() {
            &self.family
        } else {
            &self.given
        };
        self.preferred
            .as_deref()
            .filter(|name| !name.is_empty())
            .unwrap_or(given)
    }
}

/// A way to reach her.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// E-mail.
    Email,
    /// Text message.
    Sms,
    /// Push notification.
    Push,
    /// A call.
    Phone,
}

/// What a consent is for.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Offers and news.
    Marketing,
    /// Recommendations and live browsing on her card.
    Personalisation,
}

/// A yes or a no that she gave, for one purpose and, where it is about contact, one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Consent {
    /// For what.
    pub purpose: Purpose,
    /// By which way; `None` where the purpose needs no contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Whether she agreed.
    pub granted: bool,
    /// When she said so.
    pub at: DateTime<Utc>,
    /// Which wording she was shown.
    #[serde(default)]
    pub wording: String,
}

/// A size that fits her, by kind of item: `boots` / `39`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SizeFit {
    /// Of what.
    pub of: String,
    /// The size as printed.
    pub size: String,
}

/// An identified person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Customer {
    /// Her key: the retailer's customer number.
    pub id: CustomerId,
    /// Her name.
    pub name: PersonName,
    /// Her telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Her e-mail, folded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Her loyalty card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardNumber>,
    /// Her standing.
    #[serde(default)]
    pub tier: Tier,
    /// Points that she can spend.
    #[serde(default)]
    pub points: u64,
    /// The store whose associates know her.
    pub home_store: StoreId,
    /// When she became a customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// Her language, BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// What fits her.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<SizeFit>,
    /// What she wishes for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wish_list: Vec<Sku>,
    /// What she allowed; the newest for a purpose and channel counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<Consent>,
    /// Her birthday as `MM-DD`: the year is nobody's business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthday: Option<String>,
    /// When she was last in a store or bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_visit_at: Option<DateTime<Utc>>,
}

impl Customer {
    /// Whether she agreed: the newest word counts, and silence is no.
    #[must_use]
    pub fn consents_to(&self, purpose: Purpose, channel: Option<Channel>) -> bool {
        let about = |consent: &&Consent| consent.purpose == purpose && consent.channel == channel;
        self.consents
            .iter()
            .filter(about)
            .max_by_key(|consent| consent.at)
            .is_some_and(|consent| consent.granted)
    }

    /// Whether anything she said about a purpose is a no, on any channel.
    #[must_use]
    pub fn refuses(&self, purpose: Purpose) -> bool {
        let newest = self
            .consents
            .iter()
            .filter(|consent| consent.purpose == purpose)
            .max_by_key(|consent| consent.at);
        newest.is_some_and(|consent| !consent.granted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(consents: Vec<Consent>) -> Customer {
        let body = serde_json::json!({"id": "c-1", "name": {"given": "Ana", "family": "Souza"}, "home_store": "1"});
        Customer {
            consents,
            ..serde_json::from_value(body).unwrap()
        }
    }

    fn consent(granted: bool, at: &str) -> Consent {
        Consent {
            purpose: Purpose::Marketing,
            channel: Some(Channel::Email),
            granted,
            at: at.parse().unwrap(),
            wording: String::new(),
        }
    }

    #[test]
    fn silence_is_no_and_the_newest_word_counts() {
        assert!(!customer(vec![]).consents_to(Purpose::Marketing, Some(Channel::Email)));
        let changed = vec![
            consent(false, "2026-02-01T00:00:00Z"),
            consent(true, "2026-01-01T00:00:00Z"),
        ];
        assert!(!customer(changed.clone()).consents_to(Purpose::Marketing, Some(Channel::Email)));
        assert!(customer(changed).refuses(Purpose::Marketing));
        let granted = customer(vec![consent(true, "2026-01-01T00:00:00Z")]);
        assert!(granted.consents_to(Purpose::Marketing, Some(Channel::Email)));
        assert!(!granted.consents_to(Purpose::Marketing, Some(Channel::Sms)));
    }

    #[test]
    fn she_is_greeted_by_the_name_she_prefers() {
        let mut name = customer(vec![]).name;
        assert_eq!(name.greeting(), "Ana");
        name.preferred = Some("Nani".into());
        assert_eq!(name.greeting(), "Nani");
        assert_eq!(name.full(), "Ana Souza");
    }
}
