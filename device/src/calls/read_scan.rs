//! Reads what a scanner typed, and finds what it stands for.

use super::access::Caller;
use crate::device::Shared;
use crate::refusal::of_replica;
use domain::api::device::{ReadScan, Refusal, ScanFound};
use domain::gtin::Gtin;
use domain::ids::{CardNumber, Sku};
use domain::scan::{Scan, read_scan as read};

pub(super) fn read_scan(
    shared: &Shared,
    caller: &Caller,
    request: &ReadScan,
) -> Result<ScanFound, Refusal> {
    let scan = read(&request.text);
    match &scan {
        Scan::Item { gtin } => {
            if let Some(found) = item(shared, *gtin)? {
                return Ok(found);
            }
        }
        Scan::Card { card } => {
            let found = customer(shared, caller, card)?;
            return Ok(found.unwrap_or(ScanFound::Card { scan }));
        }
        Scan::Unknown { text } => {
            if let Some(found) = item_by_sku(shared, text)? {
                return Ok(found);
            }
        }
    }
    // A retailer's cards from before Aisle may carry any number, an EAN too.
    let card = CardNumber::parse(request.text.trim()).ok();
    let found = match card {
        Some(card) => customer(shared, caller, &card)?,
        None => None,
    };
    Ok(found.unwrap_or(ScanFound::Nothing { scan }))
}

fn item(shared: &Shared, gtin: Gtin) -> Result<Option<ScanFound>, Refusal> {
    let item = shared.replica.item_by_gtin(gtin).map_err(of_replica)?;
    Ok(item.map(|item| ScanFound::Item { sku: item.sku }))
}

/// Shelf labels often carry the retailer's own number.
fn item_by_sku(shared: &Shared, text: &str) -> Result<Option<ScanFound>, Refusal> {
    let Ok(sku) = Sku::parse(text.trim()) else {
        return Ok(None);
    };
    let item = shared.replica.item(&sku).map_err(of_replica)?;
    Ok(item.map(|item| ScanFound::Item { sku: item.sku }))
}

/// Whose card it is: told to who is signed in only. A kiosk holds no customers at all.
fn customer(
    shared: &Shared,
    caller: &Caller,
    card: &CardNumber,
) -> Result<Option<ScanFound>, Refusal> {
    if caller.signed_in().is_err() {
        return Ok(None);
    }
    let customer = shared.replica.customer_by_card(card).map_err(of_replica)?;
    Ok(customer.map(|customer| ScanFound::Customer {
        customer: customer.id,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use domain::api::identity::DeviceKind;

    async fn scan(bench: &Bench, text: &str) -> ScanFound {
        let text = text.to_owned();
        bench.ask(ReadScan { text }).await.unwrap()
    }

    #[tokio::test]
    async fn an_item_is_found_by_bar_code_and_by_label() {
        let kiosk = Bench::stocked(DeviceKind::Kiosk);
        let sku = Sku::parse("boots").unwrap();
        assert_eq!(
            scan(&kiosk, "4006381333931").await,
            ScanFound::Item { sku: sku.clone() }
        );
        assert_eq!(scan(&kiosk, "boots").await, ScanFound::Item { sku });
        let unknown = scan(&kiosk, "9780201379624").await;
        assert!(matches!(
            unknown,
            ScanFound::Nothing {
                scan: Scan::Item { .. }
            }
        ));
        assert!(matches!(
            scan(&kiosk, "\u{0}??").await,
            ScanFound::Nothing { .. }
        ));
    }

    #[tokio::test]
    async fn whose_card_it_is_only_a_signed_in_associate_learns() {
        let card = "AISLE-CARD:2900000000001";
        let tablet = Bench::with_ana().await;
        assert!(
            matches!(scan(&tablet, card).await, ScanFound::Customer { customer } if customer.as_str() == "c-1")
        );
        let tablet = Bench::stocked(DeviceKind::Tablet);
        assert!(matches!(scan(&tablet, card).await, ScanFound::Card { .. }));
        let kiosk = Bench::stocked(DeviceKind::Kiosk);
        assert!(matches!(scan(&kiosk, card).await, ScanFound::Card { .. }));
    }
}
