//! Nobody is here yet: three large invitations. And how to scan.

use crate::model::trail::Stop;
use crate::parts::icon::icon;
use crate::screens::kiosk::Kiosk;
use crate::tablet::Tablet;
use leptos::prelude::*;

/// Drawings along the top: what the store is about, at a glance.
const BAND: [&str; 7] = [
    "rain-jacket",
    "lamp",
    "boots",
    "teapot",
    "headphones",
    "plant-pot",
    "kite",
];
/// Their tints.
const TINTS: [&str; 7] = [
    "mustard",
    "coral",
    "chestnut",
    "teal",
    "plum",
    "terracotta",
    "sky",
];

/// The attract screen.
pub(crate) fn attract(tablet: Tablet, kiosk: Kiosk) -> impl IntoView {
    let words = tablet.words();
    let store = move || {
        tablet
            .status
            .with(|status| Some(status.ready()?.store.as_ref()?.name.clone()))
    };
    let drawn = BAND.iter().zip(TINTS).map(|(name, tint)| {
        view! {
            <svg data-colour=tint focusable="false"><use href=format!("#{name}")></use></svg>
        }
    });
    view! {
        <div class="attract" data-testid="kiosk-attract">
            <div class="attract-band" aria-hidden="true">{drawn.collect_view()}</div>
            <p class="label" dir="auto">{store}</p>
            <h1 class="attract-title">{words.attract}</h1>
            <div class="invitations">
                {invitation(kiosk, Stop::Browse, "kiosk-browse", "store", words.browse, words.browse_help)}
                {invitation(kiosk, Stop::Identify, "kiosk-identify", "person", words.its_me, words.its_me_help)}
                {invitation(kiosk, Stop::Scan, "kiosk-scan", "scan", words.scan, words.scan_help)}
            </div>
        </div>
    }
}

fn invitation(
    kiosk: Kiosk,
    stop: Stop,
    testid: &'static str,
    name: &'static str,
    title: &'static str,
    help: &'static str,
) -> impl IntoView {
    view! {
        <button class="invitation" data-testid=testid on:click=move |_| kiosk.go(stop.clone())>
            {icon(name)}
            <span class="invitation-title">{title}</span>
            <span class="soft">{help}</span>
        </button>
    }
}

/// How to scan; the scanner itself is heard on every screen.
pub(crate) fn scan(tablet: Tablet) -> impl IntoView {
    let words = tablet.words();
    view! {
        <div class="state kiosk-scan" data-testid="kiosk-scan-screen">
            {icon("scan")}
            <h1>{words.scan_now}</h1>
            <p>{words.scan_help}</p>
        </div>
    }
}
