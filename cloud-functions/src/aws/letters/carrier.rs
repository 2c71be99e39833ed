//! Carries letters: mail by SES, text messages by SNS.

use crate::ports::letters::Letter;
use aws_sdk_sesv2::error::ProvideErrorMetadata as _;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
use aws_types::SdkConfig;

/// The longest subject, in characters; a letter's first line is its subject.
const MAX_SUBJECT_CHARS: usize = 80;

/// Why a letter was not carried. Nothing of it is repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CarrierError {
    /// The service refused it, by this code.
    #[error("the service refused it: {0}")]
    Refused(String),
    /// It has no address that can be used.
    #[error("it cannot be addressed")]
    Address,
}

/// Sends mail and text messages.
pub struct Carrier {
    mail: aws_sdk_sesv2::Client,
    texts: aws_sdk_sns::Client,
    from: String,
}

impl Carrier {
    /// Mail comes from this address.
    #[must_use]
    pub fn new(config: &SdkConfig, from: impl Into<String>) -> Self {
        Self {
            mail: aws_sdk_sesv2::Client::new(config),
            texts: aws_sdk_sns::Client::new(config),
            from: from.into(),
        }
    }

    /// Carries one: to whoever has an `@` in her address by mail, to others as a text message.
    ///
    /// # Errors
    /// Where the service does not take it.
    pub async fn carry(&self, letter: &Letter) -> Result<(), CarrierError> {
        match letter.to.contains('@') {
            true => self.mail(letter).await,
            false => self.text(letter).await,
        }
    }

    async fn mail(&self, letter: &Letter) -> Result<(), CarrierError> {
        let content = |text: &str| {
            let content = Content::builder().data(text).charset("UTF-8").build();
            content.map_err(|_| CarrierError::Address)
        };
        let first_line = letter.text.lines().next().unwrap_or_default();
        let subject: String = first_line.chars().take(MAX_SUBJECT_CHARS).collect();
        let body = Body::builder().text(content(&letter.text)?).build();
        let message = Message::builder().subject(content(&subject)?).body(body);
        let content = EmailContent::builder().simple(message.build()).build();
        let to = Destination::builder().to_addresses(&letter.to).build();
        let send = self.mail.send_email().from_email_address(&self.from);
        let sent = send.destination(to).content(content).send().await;
        sent.map(drop).map_err(|error| refused(error.code()))
    }

    async fn text(&self, letter: &Letter) -> Result<(), CarrierError> {
        let number = e164(&letter.to).ok_or(CarrierError::Address)?;
        let publish = self.texts.publish().phone_number(number);
        let sent = publish.message(&letter.text).send().await;
        sent.map(drop).map_err(|error| refused(error.code()))
    }
}

fn refused(code: Option<&str>) -> CarrierError {
    CarrierError::Refused(code.unwrap_or("no answer").to_owned())
}

/// A telephone number as SNS takes it (E.164); `None` where its country is not said.
fn e164(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let international = typed.strip_prefix('+').or_else(|| typed.strip_prefix("00"));
    let digits: String = international?
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    (8..=15)
        .contains(&digits.len())
        .then(|| format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_needs_its_country() {
        assert_eq!(e164("+49 (151) 234-567"), Some("+49151234567".to_owned()));
        assert_eq!(e164("0049151234567"), Some("+49151234567".to_owned()));
        assert_eq!(e164("0151 234567"), None);
        assert_eq!(e164("+1"), None);
        assert_eq!(e164(""), None);
    }
}
