//! The keys of what a payment provider tells by itself, and its signatures (Standard Webhooks).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use ring::hmac;

/// How far the clock of who signed may be from this one, in seconds.
pub const TOLERANCE_SECONDS: i64 = 300;
/// Bytes that a key may have.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// The most signatures that are looked at.
const MAX_SIGNATURES: usize = 16;
/// The most characters of a message's id.
const MAX_ID_CHARS: usize = 256;

/// A key that a provider signs with.
#[derive(Clone)]
pub struct HookKey(hmac::Key);

impl std::fmt::Debug for HookKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HookKey(..)")
    }
}

/// A text that is no key; it is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a webhook's secret is whsec_ and the Base64 of 24 to 64 bytes")]
pub struct NoHookKey;

/// Why nobody believes a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HookFault {
    /// A header is missing, or makes no sense.
    #[error("the header {0} is missing or makes no sense")]
    Header(&'static str),
    /// It is too old, or from too far ahead.
    #[error("its time is more than {TOLERANCE_SECONDS} seconds away")]
    Time,
    /// No signature of it is good.
    #[error("no signature of it is good")]
    Signature,
}

/// What the headers of a message say.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// `webhook-id`: the same for every delivery of a message.
    pub id: &'a str,
    /// `webhook-timestamp`: seconds since 1970, of this delivery.
    pub timestamp: &'a str,
    /// `webhook-signature`: one for each key, with a space between.
    pub signature: &'a str,
}

impl HookKey {
    /// Reads one: `whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`.
    pub fn parse(text: &str) -> Result<Self, NoHookKey> {
        let text = text.strip_prefix("whsec_").ok_or(NoHookKey)?;
        let bytes = STANDARD.decode(text).map_err(|_| NoHookKey)?;
        let fits = KEY_BYTES.contains(&bytes.len());
        fits.then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
            .ok_or(NoHookKey)
    }

    /// Reads several, with spaces between: the old and the new while one is changed.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, NoHookKey> {
        text.split_whitespace().map(Self::parse).collect()
    }

    /// Signs a message, as a provider does.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let signed = hmac::sign(&self.0, &content(id, &timestamp.to_string(), body));
        format!("v1,{}", STANDARD.encode(signed))
    }
}

fn content(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat()
}

impl Envelope<'_> {
    /// Checks that somebody with one of the keys sent this body just now.
    pub fn check(
        &self,
        keys: &[HookKey],
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), HookFault> {
        if !(1..=MAX_ID_CHARS).contains(&self.id.len()) {
            return Err(HookFault::Header("webhook-id"));
        }
        let at: i64 = self
            .timestamp
            .parse()
            .map_err(|_| HookFault::Header("webhook-timestamp"))?;
        if now.timestamp().abs_diff(at) > TOLERANCE_SECONDS.unsigned_abs() {
            return Err(HookFault::Time);
        }
        let content = content(self.id, self.timestamp, body);
        let tags = self.signature.split(' ').take(MAX_SIGNATURES);
        let mut tags = tags.filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok());
        // `verify` takes the same time whatever differs.
        let is_good = |tag: Vec<u8>| {
            keys.iter()
                .any(|key| hmac::verify(&key.0, &content, &tag).is_ok())
        };
        tags.any(is_good).then_some(()).ok_or(HookFault::Signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    fn check(signature: &str, body: &[u8], seconds: i64) -> Result<(), HookFault> {
        let envelope = Envelope {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: "1614265330",
            signature,
        };
        let other = HookKey::parse("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
        let keys = [other, HookKey::parse(SECRET).unwrap()];
        let now = DateTime::from_timestamp(1_614_265_330 + seconds, 0).unwrap();
        envelope.check(&keys, body, now)
    }

    #[test]
    fn the_example_of_the_specification_is_good() {
        let good = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(check(good, BODY, 0), Ok(()));
        let several = format!("v1a,abc v1,AAAA {good}");
        assert_eq!(check(&several, BODY, 300), Ok(()));
        assert_eq!(check(good, BODY, 301), Err(HookFault::Time));
        assert_eq!(check(good, BODY, -301), Err(HookFault::Time));
        assert_eq!(check(good, b"{}", 0), Err(HookFault::Signature));
        for bad in ["", "v1,", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="] {
            assert_eq!(check(bad, BODY, 0), Err(HookFault::Signature), "{bad}");
        }
        let key = HookKey::parse(SECRET).unwrap();
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        assert_eq!(key.sign(id, 1_614_265_330, BODY), good);
        assert!(!format!("{key:?}").contains("MfKQ"));
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for bad in [
            "",
            "whsec_",
            "whsec_AAAA",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_?",
        ] {
            assert_eq!(HookKey::parse(bad).err(), Some(NoHookKey), "{bad}");
        }
        assert_eq!(
            HookKey::parse_all(&format!(" {SECRET} {SECRET}\n"))
                .unwrap()
                .len(),
            2
        );
    }
}
