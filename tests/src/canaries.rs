//! People who must never appear where operators look: unmistakable words, and a search for them however they are written.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// What is searched for: each is nowhere in our code, and no part of anything else.
pub const CANARIES: &[&str] = &[
    GIVEN,
    FAMILY,
    EMAIL,
    PHONE,
    PHONE_DIGITS,
    CARD,
    NOTE,
    ADDRESS,
    ODD,
];
/// A given name.
pub const GIVEN: &str = "Zephyrinaquill";
/// A family name.
pub const FAMILY: &str = "Brambleworthy";
/// An e-mail address.
pub const EMAIL: &str = "quillwren.canary@example.com";
/// A telephone number.
pub const PHONE: &str = "+49 170 5550198 7";
/// The same in digits: how it is kept.
pub const PHONE_DIGITS: &str = "1705550198";
/// A loyalty card.
pub const CARD: &str = "7700551122334455";
/// What a note says.
pub const NOTE: &str = "Allergictomothballsandviolets";
/// A street.
pub const ADDRESS: &str = "Featherstonehaughlane";
/// What somebody typed where something else belongs.
pub const ODD: &str = "Wobblethatch";

/// The canaries that are in `haystack`, with how they are written there.
#[must_use]
pub fn found(haystack: &[u8]) -> Vec<String> {
    // What is no text is replaced; what is searched for is ASCII, which stays.
    let folded = String::from_utf8_lossy(haystack).to_ascii_lowercase();
    let mut found = Vec::new();
    for canary in CANARIES {
        for (form, text) in forms(canary) {
            if folded.contains(&text.to_ascii_lowercase()) {
                found.push(format!("{canary} ({form})"));
            }
        }
    }
    found
}

/// How a text may be written. Base64 is searched for in all three places that a text may begin at; what its neighbours
/// have a part in is left out. Case is folded: that finds a little more, never less.
fn forms(text: &str) -> Vec<(&'static str, String)> {
    let mut forms = vec![
        ("plain", text.to_owned()),
        ("percent-encoded", percent(text)),
        ("with pluses", text.replace(' ', "+")),
        (
            "hex",
            text.bytes().map(|byte| format!("{byte:02x}")).collect(),
        ),
        (
            "debug bytes",
            text.bytes().map(|byte| format!("{byte}, ")).collect(),
        ),
    ];
    for shift in 0..3 {
        let shifted = [vec![0; shift], text.as_bytes().to_vec()].concat();
        // The first and last group hold bits of the neighbours.
        let whole = |encoded: String| {
            let from = if shift == 0 { 0 } else { 4 };
            let until = encoded.len() / 4 * 4 - if shifted.len() % 3 == 0 { 0 } else { 4 };
            encoded
                .get(from..until.max(from))
                .unwrap_or_default()
                .to_owned()
        };
        let (standard, url) = (
            STANDARD_NO_PAD.encode(&shifted),
            URL_SAFE_NO_PAD.encode(&shifted),
        );
        forms.push(("base64", whole(standard)));
        forms.push(("base64url", whole(url)));
    }
    forms.retain(|(_, form)| form.len() >= 8);
    forms
}

fn percent(text: &str) -> String {
    let escaped = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    });
    escaped.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn a_canary_is_found_however_it_is_written() {
        for canary in CANARIES {
            for text in [
                format!("x {canary} y"),
                canary.to_uppercase(),
                percent(canary),
                STANDARD.encode(canary),
                STANDARD.encode(format!("a:{canary}:b")),
                STANDARD.encode(format!("{{\"q\":\"{canary}\"}}")),
                URL_SAFE_NO_PAD.encode(format!("ab{canary}")),
            ] {
                assert!(!found(text.as_bytes()).is_empty(), "{canary} in {text}");
            }
        }
        assert_eq!(found(b"nobody is here"), [""; 0]);
    }
}
