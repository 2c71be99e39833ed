//! A cart goes from one tablet to another while neither sees a network: whichever uploads first, everything counts once.

use super::*;
use crate::testing::{Carts, Feeds};
use domain::api::device::{ClaimCart, OfferCart, Offered, ReadCart, RefusalCode};
use domain::api::sync::CommandStatus;
use domain::cart::{Author, CartCommand, Channel};
use domain::ids::{CommandId, DeviceId};

/// A command of somebody else's.
pub(super) fn command(n: u32, action: Action) -> CartCommand {
    CartCommand {
        id: CommandId::derived("other", &[&n.to_string()]),
        by: Author {
            channel: Channel::Tablet,
            device: DeviceId::parse("d-9").unwrap(),
            associate: None,
        },
        issued_at_device: crate::testing::NOW.parse().unwrap(),
        action,
    }
}

/// Two tablets that have heard of each other, and see no network since.
async fn two(carts: &mut Carts, feeds: &mut Feeds) -> (Bench, Bench) {
    let (one, two) = (Bench::with_ana().await, Bench::another("d-2").await);
    for (bench, device) in [(&one, "d-1"), (&two, "d-2")] {
        let key = bench.device.shared().signer().unwrap().public_key();
        carts.register(feeds, device, &key);
    }
    one.pull(feeds, 0);
    two.pull(feeds, 0);
    (one, two)
}

async fn offer(bench: &Bench, cart: &CartId) -> Vec<String> {
    let offer = OfferCart {
        cart: cart.clone(),
        capsule: false,
    };
    match bench.ask(offer).await.unwrap() {
        Offered::Capsule { frames } => frames,
        code @ Offered::Code { .. } => panic!("{code:?}"),
    }
}

async fn goes_over(first_uploads: bool) {
    let (mut carts, mut feeds) = (Carts::default(), Feeds::default());
    let (one, two) = two(&mut carts, &mut feeds).await;
    let cart = id(&begin(&one, Some(zoe())).await);
    for item in ["boots", "wax", "socks"] {
        add(&one, &cart, item, 2).await;
    }
    let proof = offer(&one, &cart).await.join("\n");
    let claim = ClaimCart { proof };
    let taken = two.ask(claim.clone()).await.unwrap().value;
    assert_eq!(lines(&taken), [("boots", 2), ("wax", 2), ("socks", 2)]);
    assert_eq!(taken.unsent, 4);
    assert_eq!(
        two.ask(claim).await.unwrap().value.unsent,
        4,
        "a repeat queues nothing"
    );
    assert_eq!(
        id(&begin(&two, Some(zoe())).await),
        cart,
        "she works on it there"
    );
    let there = add(&two, &cart, "boots", 1).await.page.value;
    let (first, second) = if first_uploads {
        (&one, &two)
    } else {
        (&two, &one)
    };
    first.sync(&mut carts, &mut feeds);
    let decided = second.sync(&mut carts, &mut feeds);
    let refused = decided
        .iter()
        .filter(|result| result.status == CommandStatus::Rejected);
    assert_eq!(refused.count(), 0, "{decided:?}");
    first.pull(&feeds, 4);
    for bench in [&one, &two] {
        let page = bench
            .ask(ReadCart { cart: cart.clone() })
            .await
            .unwrap()
            .value;
        assert_eq!(lines(&page), lines(&there));
        assert_eq!(
            (page.cart, page.unsent),
            (carts.carts[cart.as_str()].clone(), 0)
        );
    }
}

#[tokio::test]
async fn it_counts_once_where_the_one_who_offered_uploads_first() {
    goes_over(true).await;
}

#[tokio::test]
async fn it_counts_once_where_the_one_who_claimed_uploads_first() {
    goes_over(false).await;
}

#[tokio::test]
async fn a_capsule_of_a_stranger_or_a_forged_one_is_refused() {
    let (mut carts, mut feeds) = (Carts::default(), Feeds::default());
    let (one, two) = two(&mut carts, &mut feeds).await;
    let cart = id(&begin(&one, None).await);
    add(&one, &cart, "boots", 2).await;
    let proof = offer(&one, &cart).await.join("\n");
    let refused = async |bench: &Bench, proof: String| {
        let refusal = bench.ask(ClaimCart { proof }).await.unwrap_err();
        assert_eq!(refusal.code, RefusalCode::Refused);
        refusal.message
    };
    let own = refused(&one, proof.clone()).await;
    assert!(own.contains("this device"), "{own}");
    let stranger = Bench::another("d-3").await;
    let unknown = refused(&stranger, proof.clone()).await;
    assert!(unknown.contains("does not know"), "{unknown}");
    let frames: Vec<&str> = proof.lines().collect();
    let part = refused(&two, frames[0].replace("aisle:1/1", "aisle:1/2")).await;
    assert!(part.contains("2 of 2 is missing"), "{part}");
    // Another key under the name of the first: its signature is not good.
    carts.register(
        &mut feeds,
        "d-1",
        &two.device.shared().signer().unwrap().public_key(),
    );
    two.pull(&feeds, 0);
    let forged = refused(&two, proof).await;
    assert!(forged.contains("signature"), "{forged}");
    assert_eq!(two.device.shared().replica.standing().unwrap().unsent, 0);
}
