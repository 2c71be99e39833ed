//! The app from its start: the screen that the address names, in the language that was chosen.

use crate::route::Route;
use crate::screens::{associate, door, kiosk};
use crate::tablet::Tablet;
use domain::api::identity::DeviceKind;
use leptos::prelude::*;

/// Which of the apps the address names.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Undecided,
    Associate,
    Manager,
    Kiosk,
}

/// The app.
pub(crate) fn app() -> impl IntoView {
    crate::finger::watch();
    let tablet = Tablet::start();
    let kiosk = kiosk::Kiosk::new();
    crate::keyboard::listen(move |text| scanned(tablet, kiosk, text));
    leave_the_start(tablet);
    let part = Memo::new(move |_| match tablet.place.route() {
        Route::Start => Part::Undecided,
        Route::Kiosk => Part::Kiosk,
        Route::Manager => Part::Manager,
        Route::People(_)
        | Route::Items(_)
        | Route::Carts(_)
        | Route::Order(_)
        | Route::Repair
        | Route::Board => Part::Associate,
    });
    Effect::new(move |_| dress(tablet, part.get()));
    move || {
        // Everything is drawn again in another language; what matters outlives it in `tablet` and `kiosk`.
        tablet.lang.track();
        match part.get() {
            Part::Undecided => door::waiting(tablet).into_any(),
            Part::Kiosk => kiosk::kiosk(tablet, kiosk).into_any(),
            Part::Associate => associate::associate(tablet).into_any(),
            Part::Manager => associate::manager(tablet).into_any(),
        }
    }
}

/// `/` is nobody's: the device says what it is for.
fn leave_the_start(tablet: Tablet) {
    Effect::new(move |_| {
        if tablet.place.route() != Route::Start {
            return;
        }
        let kind = tablet
            .status
            .with(|status| status.ready().map(|status| status.kind));
        match kind {
            Some(DeviceKind::Kiosk) => tablet.place.replace(Route::Kiosk),
            Some(DeviceKind::Tablet) => tablet.place.replace(Route::People(None)),
            None => {}
        }
    });
}

/// Language, direction and scale of the page.
fn dress(tablet: Tablet, part: Part) {
    let lang = tablet.lang.get();
    let Some(root) = document().document_element() else {
        return;
    };
    let scale = if part == Part::Kiosk {
        "kiosk"
    } else {
        crate::place::scale()
    };
    for (name, value) in [
        ("lang", lang.tag()),
        ("dir", lang.direction()),
        ("data-scale", scale),
    ] {
        let _ = root.set_attribute(name, value);
    }
}

fn scanned(tablet: Tablet, kiosk: kiosk::Kiosk, text: String) {
    if tablet.place.route_now() == Route::Kiosk {
        kiosk::scanned(tablet, kiosk, text);
    } else {
        associate::scanned(tablet, text);
    }
}
