//! Carts with the network down: durable, shown at once, taken back, and what the cloud makes of them.

use super::*;
use crate::testing::{Carts, Feeds};
use domain::api::device::{
    Delivery, LeaseView, ListCarts, ListUnsent, MendCommand, ReadCart, RefusalCode, SetAside,
    SetPick, Signal,
};
use domain::api::sync::{CommandStatus, command};
use domain::cart::{Entry, Observed, PriceSource};
use domain::pick::Verdict;

#[tokio::test]
async fn a_cart_is_filled_changed_and_emptied_with_the_network_down() {
    let tablet = Bench::with_ana().await;
    let page = begin(&tablet, Some(zoe())).await;
    let cart = id(&page);
    assert_eq!(page.customer_name.as_deref(), Some("Zoë Łukasz"));
    assert_eq!((page.unsent, page.lease), (1, LeaseView::Free));
    assert_eq!(
        id(&begin(&tablet, Some(zoe())).await),
        cart,
        "the same again"
    );
    let mut listener = tablet.device.listen();
    let changed = add(&tablet, &cart, "boots", 2).await;
    assert_eq!(
        listener.next().await,
        Some(Signal::Cart { cart: cart.clone() })
    );
    let page = changed.page.value;
    assert_eq!(lines(&page), [("boots", 2)]);
    assert_eq!(page.totals.unwrap().total.minor, 2_500);
    assert_eq!(page.items[0].item.title, "The boots");
    assert_eq!(page.shelves[0].items[0].view.item.sku, sku("socks"));
    let line = &page.cart.lines[0];
    let price = line.price.as_ref().unwrap();
    assert_eq!(price.version, 1, "the version of the feed's row");
    assert!(matches!(price.source, PriceSource::List { .. }));
    assert_eq!(line.by.associate.as_ref().unwrap().as_str(), "ana");
    let changed = add(&tablet, &cart, "boots", 1).await;
    assert_eq!(
        lines(&changed.page.value),
        [("boots", 3)],
        "on the same line"
    );
    let line = changed.page.value.cart.lines[0].clone();
    let (line_id, text) = (line.id.clone(), "a gift".to_owned());
    let changed = act(&tablet, &cart, Action::NoteLine { line_id, text }).await;
    let line = changed.page.value.cart.lines[0].clone();
    let removal = Action::RemoveLine {
        line_id: line.id.clone(),
        observed: line.observed(),
    };
    let changed = act(&tablet, &cart, removal).await;
    assert_eq!(lines(&changed.page.value), []);
    let undo = changed.undo.unwrap();
    for _ in 0..2 {
        let back = change(&tablet, &cart, undo.clone()).await.unwrap();
        assert_eq!(
            lines(&back.page.value),
            [("boots", 3)],
            "once, however often it is tapped"
        );
        assert_eq!(back.page.value.cart.lines[0].note, "a gift");
    }
}

#[tokio::test]
async fn each_change_can_be_taken_back() {
    let tablet = Bench::with_ana().await;
    let cart = id(&begin(&tablet, None).await);
    let first = add(&tablet, &cart, "boots", 2).await;
    let line = first.page.value.cart.lines[0].clone();
    let line_id = line.id.clone();
    let actions = [
        line.step(3),
        Action::SetQuantity {
            line_id: line_id.clone(),
            quantity: 9,
            base_version: line.version,
        },
        Action::NoteLine {
            line_id,
            text: "a gift".into(),
        },
    ];
    for action in actions {
        let before = tablet
            .ask(ReadCart { cart: cart.clone() })
            .await
            .unwrap()
            .value;
        let changed = act(&tablet, &cart, action).await;
        assert_ne!(changed.page.value.cart.lines, before.cart.lines);
        let back = change(&tablet, &cart, changed.undo.unwrap()).await.unwrap();
        let (was, is) = (&before.cart.lines[0], &back.page.value.cart.lines[0]);
        assert_eq!((was.quantity(), &was.note), (is.quantity(), &is.note));
    }
    let undone = change(&tablet, &cart, first.undo.unwrap()).await.unwrap();
    assert_eq!(lines(&undone.page.value), [], "the add itself, too");
}

#[tokio::test]
async fn what_the_rules_refuse_is_not_kept() {
    let tablet = Bench::with_ana().await;
    let cart = id(&begin(&tablet, None).await);
    let line_id = domain::ids::LineId::parse("nowhere").unwrap();
    let unknown = Action::ChangeQuantity { line_id, delta: 1 };
    let refused = async |action: CartChange| change(&tablet, &cart, action).await.unwrap_err();
    let refusal = refused(CartChange::Line { action: unknown }).await;
    assert_eq!(refusal.code, RefusalCode::Refused);
    assert_eq!(refusal.message, "There is no such line");
    for (item, quantity) in [("boots", 0), ("boots", 10_000), ("hat", 1)] {
        let add = CartChange::Add {
            sku: sku(item),
            quantity,
        };
        assert_eq!(
            refused(add).await.code,
            RefusalCode::Invalid,
            "{item} {quantity}"
        );
    }
    assert_eq!(
        tablet.ask(ListUnsent {}).await.unwrap().len(),
        1,
        "the cart alone"
    );
    let cart = CartId::parse("elsewhere").unwrap();
    let missing = tablet.ask(ReadCart { cart }).await.unwrap_err();
    assert_eq!(missing.code, RefusalCode::NotFound);
}

#[tokio::test]
async fn a_restart_keeps_the_cart_and_what_was_done_to_it() {
    let tablet = Bench::with_ana().await;
    let cart = id(&begin(&tablet, None).await);
    add(&tablet, &cart, "boots", 2).await;
    let shown = add(&tablet, &cart, "wax", 1).await.page.value;
    let tablet = tablet.restart("http://127.0.0.1:9").await;
    tablet.sign_in("ana", "1357").await.unwrap();
    let page = begin(&tablet, None).await;
    assert_eq!((page.cart, page.unsent), (shown.cart, 3));
    let anew = BeginCart {
        anew: true,
        ..BeginCart::default()
    };
    assert_ne!(id(&tablet.ask(anew).await.unwrap().value), cart);
}

#[tokio::test]
async fn what_was_shown_is_what_the_cloud_decides_and_shows_once_on_its_whole_way() {
    let tablet = Bench::with_ana().await;
    let (mut carts, mut feeds) = (Carts::default(), Feeds::default());
    let cart = id(&begin(&tablet, Some(zoe())).await);
    add(&tablet, &cart, "boots", 2).await;
    add(&tablet, &cart, "wax", 1).await;
    let before = add(&tablet, &cart, "boots", 1).await.page.value;
    let decided = tablet.sync(&mut carts, &mut feeds);
    assert!(
        decided
            .iter()
            .all(|result| result.status == CommandStatus::Applied)
    );
    let after = tablet
        .ask(ReadCart { cart: cart.clone() })
        .await
        .unwrap()
        .value;
    assert_eq!(after.cart, before.cart);
    assert_eq!(
        after.cart,
        carts.carts[cart.as_str()],
        "as the cloud has it"
    );
    assert_eq!((before.unsent, after.unsent), (4, 0));
    assert!(tablet.ask(ListUnsent {}).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_refused_change_waits_with_words_and_is_done_again_or_set_aside() {
    let tablet = Bench::with_ana().await;
    let (mut carts, mut feeds) = (Carts::default(), Feeds::default());
    let cart = id(&begin(&tablet, Some(zoe())).await);
    let page = add(&tablet, &cart, "boots", 2).await.page.value;
    let line = page.cart.lines[0].clone();
    tablet.sync(&mut carts, &mut feeds);
    // A phone takes the line away and puts it back, while the tablet is off.
    let mut moved = carts.carts[cart.as_str()].clone();
    let phone = |n: u32, action: Action| {
        let mut command = super::super::super::cart::tests::capsules::command(n, action);
        command.by.channel = domain::cart::Channel::Phone;
        Entry::Command(command)
    };
    let removal = Action::RemoveLine {
        line_id: line.id.clone(),
        observed: Observed {
            added: line.added.clone(),
            version: line.version,
        },
    };
    moved.apply(&phone(1, removal));
    carts.put(&mut feeds, moved, None);
    act(&tablet, &cart, line.step(1)).await;
    tablet.sync(&mut carts, &mut feeds);
    let unsent = tablet.ask(ListUnsent {}).await.unwrap();
    assert_eq!(unsent.len(), 1);
    let refused = unsent[0].clone();
    assert_eq!(refused.kind, command::CART_CHANGE);
    assert_eq!(
        refused.state,
        Delivery::Refused("the line was taken away".into())
    );
    assert_eq!(refused.code.as_deref(), Some("cart-line-gone"));
    assert_eq!(refused.about.as_deref(), Some("Zoë Łukasz"));
    let again = MendCommand {
        id: refused.id.clone(),
        text: None,
        pinned: None,
        base: None,
    };
    let refusal = tablet.ask(again).await.unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Refused, "it is still gone");
    tablet.ask(SetAside { id: refused.id }).await.unwrap();
    assert!(tablet.ask(ListUnsent {}).await.unwrap()[0].set_aside);
    let page = tablet.ask(ReadCart { cart }).await.unwrap().value;
    assert_eq!((lines(&page), page.unsent), (vec![], 0));
}

#[tokio::test]
async fn a_refused_add_is_done_again_under_an_id_of_its_own() {
    let tablet = Bench::with_ana().await;
    let (mut carts, mut feeds) = (Carts::default(), Feeds::default());
    let cart = id(&begin(&tablet, None).await);
    add(&tablet, &cart, "boots", 2).await;
    // The cloud does not know the cart: a backup of before it was begun.
    let begun = tablet.device.shared().replica.unsent(1).unwrap().remove(0);
    tablet.sync(&mut carts, &mut feeds);
    add(&tablet, &cart, "wax", 1).await;
    let there = carts.carts.remove(cart.as_str()).unwrap();
    tablet.sync(&mut carts, &mut feeds);
    carts.put(&mut feeds, there, None);
    let refused = tablet.ask(ListUnsent {}).await.unwrap().remove(0);
    assert_ne!(refused.id, begun.id);
    let again = MendCommand {
        id: refused.id.clone(),
        text: None,
        pinned: None,
        base: None,
    };
    tablet.ask(again).await.unwrap();
    tablet.sync(&mut carts, &mut feeds);
    assert!(tablet.ask(ListUnsent {}).await.unwrap().is_empty());
    let page = tablet.ask(ReadCart { cart }).await.unwrap().value;
    assert_eq!(lines(&page), [("boots", 2), ("wax", 1)]);
}

#[tokio::test]
async fn open_carts_are_listed_hers_and_the_stores() {
    let tablet = Bench::with_ana().await;
    let hers = id(&begin(&tablet, Some(zoe())).await);
    add(&tablet, &hers, "boots", 2).await;
    add(&tablet, &hers, "wax", 1).await;
    let guests = id(&begin(&tablet, None).await);
    let list = async |customer| {
        let tiles = tablet.ask(ListCarts { customer }).await.unwrap().value;
        tiles.into_iter().map(|tile| tile.cart).collect::<Vec<_>>()
    };
    assert_eq!(list(Some(zoe())).await, std::slice::from_ref(&hers));
    assert_eq!(list(None).await, [hers, guests]);
    let customer = Some(zoe());
    let tiles = tablet.ask(ListCarts { customer }).await.unwrap().value;
    let tile = &tiles[0];
    assert_eq!((tile.pieces, tile.unsent), (3, 3));
    assert_eq!(tile.total.unwrap().minor, 3_750);
    assert_eq!(tile.titles, ["The boots", "The wax"]);
    assert_eq!(tile.customer_name.as_deref(), Some("Zoë Łukasz"));
}

#[tokio::test]
async fn of_a_thousand_carts_the_latest_are_listed() {
    let tablet = Bench::with_ana().await;
    let (mut carts, mut feeds) = (Carts::default(), Feeds::default());
    let mine = id(&begin(&tablet, Some(zoe())).await);
    add(&tablet, &mine, "boots", 1).await;
    let waiting = tablet
        .device
        .shared()
        .replica
        .waiting_of_cart(&mine)
        .unwrap();
    for n in 0..1_000 {
        let mut cart = tablet
            .ask(ReadCart { cart: mine.clone() })
            .await
            .unwrap()
            .value
            .cart;
        cart.opening.id = CartId::parse(format!("k-{n}")).unwrap();
        cart.opening.customer = None;
        carts.put(&mut feeds, cart, None);
    }
    tablet.pull(&feeds, 0);
    let tiles = tablet.ask(ListCarts::default()).await.unwrap().value;
    let page = add(&tablet, &mine, "wax", 1).await.page.value;
    assert_eq!(tiles.len(), domain::api::device::MAX_CARTS);
    assert_eq!((page.unsent, waiting.len()), (3, 1));
}

#[tokio::test]
async fn what_she_does_not_want_is_on_no_shelf_of_her_cart() {
    let tablet = Bench::with_ana().await;
    let hers = id(&begin(&tablet, Some(zoe())).await);
    let guests = id(&begin(&tablet, None).await);
    let no = SetPick {
        customer: zoe(),
        sku: sku("socks"),
        verdict: Some(Verdict::Dismissed),
    };
    tablet.ask(no).await.unwrap();
    let mut offered = Vec::new();
    for cart in [hers, guests] {
        let page = add(&tablet, &cart, "boots", 1).await.page.value;
        let items = page.shelves.iter().flat_map(|shelf| &shelf.items);
        let socks = |item: &domain::api::content::ShelfItem| item.view.item.sku == sku("socks");
        offered.push(items.into_iter().any(socks));
    }
    assert_eq!(offered, [false, true]);
}
