//! What happened to a cart elsewhere, in plain words.

use crate::model::cart::{channel, line};
use crate::words::CartWords;
use domain::api::device::CartPage;
use domain::cart::{Notice, NoticeKind, Status};

/// The most notices that are shown at a time.
const SHOWN_MAX: usize = 3;

/// The notices that are newer than version `seen`, newest first.
#[must_use]
pub fn fresh(page: &CartPage, seen: u64) -> Vec<Notice> {
    let notices = page.cart.notices.iter().rev();
    let fresh = notices.filter(|notice| notice.version > seen && !is_over(notice, page));
    fresh.take(SHOWN_MAX).cloned().collect()
}

/// Whether nothing follows from it any more: what waited for a payment came in when that ended, and prices that were
/// agreed to are on the receipt.
fn is_over(notice: &Notice, page: &CartPage) -> bool {
    let paying = matches!(page.cart.status, Status::Checkout(_));
    let bought = matches!(page.cart.status, Status::Ordered { .. });
    match notice.kind {
        NoticeKind::HeldDuringCheckout { .. } => !paying,
        NoticeKind::PricesConfirmed { .. } => bought,
        _ => false,
    }
}

/// The version that somebody has seen who read everything.
#[must_use]
pub fn newest(page: &CartPage) -> u64 {
    let versions = page.cart.notices.iter().map(|notice| notice.version);
    versions.max().unwrap_or_default()
}

/// What a notice says.
#[must_use]
pub fn sentence(notice: &Notice, page: &CartPage, words: &CartWords) -> String {
    let of_line = |id| {
        let title = line::title_of_line(page, id);
        if title.is_empty() {
            words.a_line.to_owned()
        } else {
            title
        }
    };
    match &notice.kind {
        NoticeKind::StaleQuantity {
            line,
            by,
            before,
            now,
        } => {
            let place = channel::place(by.channel, words);
            (words.news_quantity)(&of_line(line), *before, *now, place)
        }
        NoticeKind::RemovedWhileChanged {
            sku, by, quantity, ..
        } => {
            let place = channel::place(by.channel, words);
            (words.news_removed)(&line::title(page, sku), *quantity, place)
        }
        NoticeKind::LineRenamed { given, .. } => (words.news_twice)(&of_line(given)),
        NoticeKind::HeldDuringCheckout { line } => (words.news_held)(&of_line(line)),
        NoticeKind::FollowUp { line, .. } => (words.news_follow_up)(&of_line(line)),
        NoticeKind::HeldThenRefused { line, .. } => (words.news_held_refused)(&of_line(line)),
        NoticeKind::PricesConfirmed { lines } => (words.news_prices)(*lines),
        NoticeKind::Absorbed { .. } => words.news_absorbed.to_owned(),
        NoticeKind::MergeUndone { .. } => words.news_separated.to_owned(),
        NoticeKind::SoldTwice { .. } => words.news_sold_twice.to_owned(),
        NoticeKind::SoldApart { .. } => words.news_sold_apart.to_owned(),
        NoticeKind::ReceiptTwice { receipt, .. } => {
            (words.news_receipt_twice)(&receipt.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;
    use serde_json::json;

    fn with_notices() -> CartPage {
        let mut page = line::tests::page();
        let by = json!({"channel": "phone", "device": "d-1"});
        let kinds = [
            json!({"type": "stale_quantity", "line": "l-1", "by": by, "before": 1, "now": 2}),
            json!({"type": "removed_while_changed", "line": "l-9", "sku": "mug", "by": by, "quantity": 2}),
            json!({"type": "line_renamed", "asked": "l-1", "given": "l-2"}),
            json!({"type": "held_during_checkout", "line": "l-1"}),
            json!({"type": "follow_up", "order": "o-1", "line": "l-1"}),
            json!({"type": "held_then_refused", "line": "l-9", "refusal": {"code": "line_gone"}}),
            json!({"type": "prices_confirmed", "lines": 2}),
            json!({"type": "absorbed", "from": "k-2"}),
            json!({"type": "merge_undone", "from": "k-2"}),
        ];
        for (version, mut kind) in kinds.into_iter().enumerate() {
            kind["version"] = json!(version + 1);
            page.cart
                .notices
                .push(serde_json::from_value(kind).unwrap());
        }
        page
    }

    #[test]
    fn only_what_is_new_is_told_and_the_newest_first() {
        let page = with_notices();
        assert_eq!(newest(&page), 9);
        let versions: Vec<u64> = fresh(&page, 7)
            .iter()
            .map(|notice| notice.version)
            .collect();
        assert_eq!(versions, [9, 8]);
        assert_eq!(fresh(&page, 0).len(), SHOWN_MAX);
        assert!(fresh(&page, 9).is_empty());
    }

    #[test]
    fn what_waited_for_a_payment_is_no_news_once_that_has_ended() {
        let mut page = with_notices();
        page.cart.notices.retain(|notice| notice.version == 4);
        assert!(fresh(&page, 0).is_empty());
        page.cart.status = serde_json::from_value(json!({"state": "checkout", "attempt": 1, "frozen": 3,
            "fence": 1, "total": {"minor": 900, "currency": "EUR"}, "reserved_until": "2026-11-23T10:15:00Z",
            "phase": {"phase": "reserved"}}))
        .unwrap();
        assert_eq!(fresh(&page, 0).len(), 1);
    }

    #[test]
    fn every_notice_is_worded_in_every_language() {
        let page = with_notices();
        for lang in Lang::ALL {
            for notice in &page.cart.notices {
                let said = sentence(notice, &page, lang.cart());
                assert!(said.chars().count() > 8, "{said}");
                assert!(!said.contains("l-9"), "no number of ours: {said}");
            }
        }
        let first = page.cart.notices.first().unwrap();
        let said = sentence(first, &page, Lang::En.cart());
        assert!(said.contains("Boots") && said.contains('2'), "{said}");
    }
}
