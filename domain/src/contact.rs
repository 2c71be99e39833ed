//! Ways to reach a person, normalised for look-up; what was typed is kept beside it.

use serde::{Deserialize, Serialize};

/// A telephone number: raw as given, and E.164 where it could be made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Phone {
    /// As somebody wrote it.
    pub raw: String,
    /// `+` and up to 15 digits (ITU-T E.164), when the number or its country told the country code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e164: Option<String>,
}

impl Phone {
    /// Normalises what was written. `country_code` (digits, such as `49`) is used for national numbers, which
    /// begin with one `0` that is dropped.
    #[must_use]
    pub fn new(raw: &str, country_code: Option<&str>) -> Self {
        Self {
            raw: raw.trim().to_owned(),
            e164: e164(raw, country_code),
        }
    }

    /// The digits to search by: of E.164 where known, else of what was written.
    #[must_use]
    pub fn digits(&self) -> String {
        self.e164
            .as_deref()
            .unwrap_or(&self.raw)
            .chars()
            .filter(char::is_ascii_digit)
            .collect()
    }
}

fn e164(raw: &str, country_code: Option<&str>) -> Option<String> {
    let raw = raw.trim();
    let digits: String = raw.chars().filter(char::is_ascii_digit).collect();
    let full = if raw.starts_with('+') {
        digits
    } else if let Some(international) = digits.strip_prefix("00") {
        international.to_owned()
    } else {
        let national = digits.strip_prefix('0').unwrap_or(&digits);
        format!("{}{national}", country_code?)
    };
    ((7..=15).contains(&full.len()) && !full.starts_with('0')).then(|| format!("+{full}"))
}

/// Folds an e-mail address for look-up: trimmed, lower case. `None` where it has no `@` with text on both sides.
#[must_use]
pub fn fold_email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (name, host) = text.rsplit_once('@')?;
    (!name.is_empty()
        && host.contains('.')
        && !text.contains(char::is_whitespace)
        && text.len() <= 254)
        .then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_national_number_gets_its_country() {
        assert_eq!(
            Phone::new("040 / 123 456", Some("49")).e164.as_deref(),
            Some("+4940123456")
        );
        assert_eq!(
            Phone::new("+49 40 123456", None).e164.as_deref(),
            Some("+4940123456")
        );
        assert_eq!(
            Phone::new("0049 40 123456", None).e164.as_deref(),
            Some("+4940123456")
        );
        assert_eq!(Phone::new("123", Some("49")).e164, None);
        assert_eq!(Phone::new("040 123456", None).digits(), "040123456");
    }

    #[test]
    fn an_email_folds_or_is_refused() {
        assert_eq!(
            fold_email(" Ana@Example.COM ").as_deref(),
            Some("ana@example.com")
        );
        assert_eq!(fold_email("ana@"), None);
        assert_eq!(fold_email("ana example@x.org"), None);
    }
}
