//! Pins or dismisses an item for a customer: it counts here at once, and everywhere when the cloud has it.

use super::access::Caller;
use super::keep::{Form, keep};
use crate::device::Shared;
use crate::refusal::{invalid, not_found, of_replica};
use domain::api::device::{Done, Refusal, SetPick};
use domain::api::sync::command;
use domain::customer::Purpose;
use domain::pick::PickChange;

/// What is said of an item as a command.
const FORM: Form = Form {
    kind: command::PICK_SET,
    version: 1,
};

pub(super) fn set_pick(
    shared: &Shared,
    caller: &Caller,
    request: &SetPick,
) -> Result<Done, Refusal> {
    let author = caller.signed_in()?.session.face.id.clone();
    let customer = shared.replica.customer(&request.customer);
    let customer = customer.map_err(of_replica)?;
    let customer = customer.ok_or_else(|| not_found("customer"))?;
    if request.verdict.is_some() && customer.refuses(Purpose::Personalisation) {
        return Err(invalid(
            "customer",
            "does not want personal recommendations",
        ));
    }
    let at = shared.now();
    let change = PickChange {
        customer: request.customer.clone(),
        sku: request.sku.clone(),
        verdict: request.verdict,
        author,
        at,
    };
    let mut picks = shared
        .replica
        .picks(&request.customer)
        .map_err(of_replica)?;
    // What stands so already is nothing to send.
    if picks.set(&change) {
        keep(shared, FORM, &change, at, &request.customer)?;
    }
    Ok(Done {})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use domain::api::content::ShelfItem;
    use domain::api::device::{ListUnsent, OpenCustomer, RefusalCode};
    use domain::ids::{CustomerId, Sku};
    use domain::pick::Verdict;
    use domain::recommendation::Reason;

    fn pick(customer: &str, sku: &str, verdict: Option<Verdict>) -> SetPick {
        SetPick {
            customer: CustomerId::parse(customer).unwrap(),
            sku: Sku::parse(sku).unwrap(),
            verdict,
        }
    }

    async fn shown(tablet: &Bench) -> Vec<ShelfItem> {
        let customer = CustomerId::parse("c-1").unwrap();
        let card = tablet.ask(OpenCustomer { customer }).await.unwrap();
        card.value.recommendations
    }

    fn sku(item: &ShelfItem) -> &str {
        item.recommendation.sku.as_str()
    }

    #[tokio::test]
    async fn what_is_dismissed_is_gone_and_what_is_pinned_comes_first() {
        let tablet = Bench::with_ana().await;
        let before = shown(&tablet).await;
        let (first, last) = (sku(&before[0]), sku(before.last().unwrap()));
        assert_ne!(first, last);
        for (sku, verdict) in [(first, Verdict::Dismissed), (last, Verdict::Pinned)] {
            tablet.ask(pick("c-1", sku, Some(verdict))).await.unwrap();
            // Said twice is said once.
            tablet.ask(pick("c-1", sku, Some(verdict))).await.unwrap();
        }
        let after = shown(&tablet).await;
        assert_eq!(sku(&after[0]), last);
        assert_eq!(after[0].recommendation.reason, Reason::Picked);
        assert!(after.iter().all(|item| sku(item) != first));
        assert_eq!(tablet.ask(ListUnsent {}).await.unwrap().len(), 2);
        for sku in [first, last] {
            tablet.ask(pick("c-1", sku, None)).await.unwrap();
        }
        assert_eq!(shown(&tablet).await, before);
    }

    #[tokio::test]
    async fn nothing_is_said_of_who_refused_or_is_not_known() {
        let tablet = Bench::with_ana().await;
        let refused = pick("c-2", "socks", Some(Verdict::Pinned));
        let refusal = tablet.ask(refused).await.unwrap_err();
        assert_eq!(refusal.code, RefusalCode::Invalid);
        let unknown = pick("c-9", "socks", Some(Verdict::Pinned));
        let refusal = tablet.ask(unknown).await.unwrap_err();
        assert_eq!(refusal.code, RefusalCode::NotFound);
        assert_eq!(tablet.ask(ListUnsent {}).await.unwrap(), []);
    }
}
