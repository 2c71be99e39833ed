//! Receipt numbers.

use crate::cart::*;
use crate::ids::StoreId;
use chrono::NaiveDate;
use proptest::prelude::*;

#[test]
fn a_business_day_ends_when_the_store_closes_not_at_midnight() {
    let berlin = chrono_tz::Europe::Berlin;
    let day = |text: &str, hour| business_day(text.parse().unwrap(), berlin, hour).to_string();
    assert_eq!(day("2026-11-23T22:59:59Z", 0), "2026-11-23");
    assert_eq!(day("2026-11-23T23:00:00Z", 0), "2026-11-24");
    assert_eq!(day("2026-11-24T02:59:59Z", 4), "2026-11-23");
    assert_eq!(day("2026-11-24T03:00:00Z", 4), "2026-11-24");
    // The clocks go forward at 2 in the morning; the wall says 4 at 2:00 UTC.
    assert_eq!(day("2026-03-29T01:59:59Z", 4), "2026-03-28");
    assert_eq!(day("2026-03-29T02:00:00Z", 4), "2026-03-29");
}

#[test]
fn what_is_not_a_receipt_number_is_refused() {
    for bad in [
        "",
        "17",
        "17-003-20261123-42",
        "17-003-20261123-000000",
        "17-000-20261123-000042",
        "17-003-20261323-000042",
        "17-0x3-20261123-000042",
        "-003-20261123-000042",
        "17-003-20261123-+00042",
    ] {
        assert!(bad.parse::<ReceiptNumber>().is_err(), "{bad}");
    }
    let number: ReceiptNumber = "17-003-20261123-999999".parse().unwrap();
    assert_eq!(number.next(), Err(ReceiptFault::Sequence));
    assert!(Workstation::new(1_000).is_err());
}

proptest! {
    #[test]
    fn a_printed_number_reads_back(
        store in "[a-z0-9-]{1,12}",
        till in 1_u16..=999,
        day in 0_i32..3_000_000,
        sequence in 1_u32..=MAX_SEQUENCE,
    ) {
        let store = StoreId::parse(store).unwrap();
        let till = Workstation::new(till).unwrap();
        let day = NaiveDate::from_num_days_from_ce_opt(400_000 + day).unwrap();
        let number = ReceiptNumber::new(store, till, day, sequence).unwrap();
        prop_assert_eq!(&number.to_string().parse::<ReceiptNumber>().unwrap(), &number);
        let json = serde_json::to_string(&number).unwrap();
        prop_assert_eq!(serde_json::from_str::<ReceiptNumber>(&json).unwrap(), number);
    }
}
