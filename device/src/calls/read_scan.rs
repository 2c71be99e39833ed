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
