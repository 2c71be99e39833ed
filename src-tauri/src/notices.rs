//! Tells people beside the screen, as a desktop notice. Numbers only: whoever walks past reads it too.

use domain::api::device::Notice;
use notify_rust::Notification;

/// A notice in words: a headline and a sentence.
fn words(notice: &Notice) -> (&'static str, String) {
    match notice {
        Notice::Sent { commands: 1 } => (
            "Back online",
            "What was kept on this device has been sent.".to_owned(),
        ),
        Notice::Sent { commands } => (
            "Back online",
            format!("All {commands} changes that were kept on this device have been sent."),
        ),
        Notice::NeedsAttention { commands: 1 } => (
            "One change needs you",
            "It was refused and is kept until somebody looks at it.".to_owned(),
        ),
        Notice::NeedsAttention { commands } => (
            "Some changes need you",
            format!("{commands} were refused and are kept until somebody looks at them."),
        ),
    }
}

/// Shows a notice. Blocks on the desktop; one without notices is none of anybody's business.
pub(crate) fn show(notice: &Notice) {
    let (headline, sentence) = words(notice);
    let shown = Notification::new()
        .appname("Aisle")
        .summary(headline)
        .body(&sentence)
        .show();
    if let Err(error) = shown {
        tracing::info!(%error, "this desktop shows no notices");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_said_as_many() {
        assert!(!words(&Notice::Sent { commands: 1 }).1.contains('1'));
        assert!(words(&Notice::Sent { commands: 3 }).1.contains("All 3"));
        let (headline, sentence) = words(&Notice::NeedsAttention { commands: 2 });
        assert!(headline.starts_with("Some") && sentence.starts_with("2 were"));
    }
}
