//! A guest's cart at a kiosk: there while she is, and gone with her.

use super::*;
use domain::api::device::{ForgetGuest, ListCarts, ReadCart, ReadPicture, RefusalCode};
use domain::api::identity::DeviceKind;
use domain::cart::Channel;

#[tokio::test]
async fn a_guest_has_her_cart_until_she_leaves_and_what_she_did_goes_up() {
    let kiosk = Bench::stocked(DeviceKind::Kiosk);
    let page = begin(&kiosk, None).await;
    let cart = id(&page);
    let page = add(&kiosk, &cart, "boots", 2).await.page.value;
    assert_eq!((lines(&page), page.unsent), (vec![("boots", 2)], 2));
    let by = &page.cart.lines[0].by;
    assert_eq!((by.channel, by.associate.clone()), (Channel::Kiosk, None));
    let tiles = kiosk.ask(ListCarts::default()).await.unwrap().value;
    assert_eq!((tiles.len(), tiles[0].pieces), (1, 2));
    kiosk.ask(ForgetGuest {}).await.unwrap();
    let gone = kiosk
        .ask(ReadCart { cart: cart.clone() })
        .await
        .unwrap_err();
    assert_eq!(gone.code, RefusalCode::NotFound);
    assert!(
        kiosk
            .ask(ListCarts::default())
            .await
            .unwrap()
            .value
            .is_empty()
    );
    assert_ne!(
        id(&begin(&kiosk, None).await),
        cart,
        "the next guest has her own"
    );
    let waits = kiosk
        .device
        .shared()
        .replica
        .waiting_of_cart(&cart)
        .unwrap();
    assert_eq!(waits.len(), 1, "what she did goes up all the same");
}

#[tokio::test]
async fn what_is_answered_after_she_left_is_not_kept() {
    let kiosk = Bench::stocked(DeviceKind::Kiosk);
    let page = begin(&kiosk, None).await;
    let shared = kiosk.device.shared();
    shared.answered(&page.cart);
    kiosk.ask(ForgetGuest {}).await.unwrap();
    shared.answered(&page.cart);
    assert_eq!(shared.carts.guest(), None);
    assert_eq!(shared.carts.answer(&id(&page), shared.now()), None);
}

#[tokio::test]
async fn a_kiosk_begins_no_customers_cart() {
    let kiosk = Bench::stocked(DeviceKind::Kiosk);
    let hers = BeginCart {
        customer: Some(zoe()),
        anew: false,
    };
    assert_eq!(
        kiosk.ask(hers).await.unwrap_err().code,
        RefusalCode::Forbidden
    );
}

#[tokio::test]
async fn a_picture_of_a_code_is_read_and_bounds_are_checked() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let kiosk = Bench::stocked(DeviceKind::Kiosk);
    let text = "https://shop.example/h/0123456789abcdef0123456789abcdef";
    let qr = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Medium).unwrap();
    let (modules, scale) = (qr.size() + 8, 4);
    let side = modules * scale;
    let pixel = |place: i32| {
        let (x, y) = (place % side / scale - 4, place / side / scale - 4);
        if qr.get_module(x, y) { 20 } else { 230 }
    };
    let luma: Vec<u8> = (0..side * side).map(pixel).collect();
    let picture = ReadPicture {
        width: side.unsigned_abs(),
        height: side.unsigned_abs(),
        luma: STANDARD.encode(&luma),
    };
    let read = kiosk.ask(picture.clone()).await.unwrap();
    assert_eq!(read.texts, [text]);
    let nothing = ReadPicture {
        luma: STANDARD.encode(vec![200; luma.len()]),
        ..picture.clone()
    };
    assert!(kiosk.ask(nothing).await.unwrap().texts.is_empty());
    let wrong = [
        ReadPicture {
            width: 1_281,
            ..picture.clone()
        },
        ReadPicture {
            height: 0,
            ..picture.clone()
        },
        ReadPicture {
            width: picture.width - 1,
            ..picture.clone()
        },
        ReadPicture {
            width: picture.width + 1,
            ..picture.clone()
        },
        ReadPicture {
            luma: "!".into(),
            ..picture
        },
    ];
    for picture in wrong {
        let refusal = kiosk.ask(picture).await.unwrap_err();
        assert_eq!(refusal.code, RefusalCode::Invalid);
    }
}
