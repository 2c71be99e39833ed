//! What an associate says of a recommended item: first for her, or never again.

use crate::backend;
use crate::parts::icon::icon;
use crate::parts::notice;
use crate::tablet::Tablet;
use domain::api::content::ShelfItem;
use domain::api::device::{Aged, CustomerCard, SetPick};
use domain::customer::Purpose;
use domain::pick::Verdict;
use domain::recommendation::Reason;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A recommended item on somebody's card.
#[derive(Clone, Copy)]
struct Said {
    tablet: Tablet,
    card: Signal<Aged<CustomerCard>>,
    shown: Signal<ShelfItem>,
    busy: RwSignal<bool>,
}

impl Said {
    fn is_first(self) -> bool {
        self.shown
            .with(|shown| shown.recommendation.reason == Reason::Picked)
    }

    fn label(self, words: fn(&str) -> String) -> String {
        self.shown.with(|shown| words(&shown.view.item.title))
    }

    /// The card follows by itself: the device says that it has changed.
    fn say(self, verdict: Option<Verdict>) {
        let call = SetPick {
            customer: self
                .card
                .with_untracked(|card| card.value.customer.id.clone()),
            sku: self
                .shown
                .with_untracked(|shown| shown.view.item.sku.clone()),
            verdict,
        };
        self.busy.set(true);
        spawn_local(async move {
            if let Err(refusal) = backend::call(&call).await {
                let said = notice::sentence(&refusal, self.tablet.words());
                self.tablet.tell(said.to_owned());
            }
            self.busy.try_set(false);
            self.tablet.refresh();
        });
    }
}

/// The two buttons; none where she does not want personal recommendations.
pub(super) fn said(
    tablet: Tablet,
    card: Signal<Aged<CustomerCard>>,
    shown: Signal<ShelfItem>,
) -> impl IntoView {
    let said = Said {
        tablet,
        card,
        shown,
        busy: RwSignal::new(false),
    };
    let may = Memo::new(move |_| {
        card.with(|card| !card.value.customer.refuses(Purpose::Personalisation))
    });
    move || may.get().then(|| buttons(said))
}

fn buttons(said: Said) -> impl IntoView {
    let words = said.tablet.words();
    let busy = move || said.busy.get();
    let first = move || match said.is_first() {
        true => said.label(words.put_back),
        false => said.label(words.put_first),
    };
    let put = move |_| said.say((!said.is_first()).then_some(Verdict::Pinned));
    let never = move |_| said.say(Some(Verdict::Dismissed));
    view! {
        <button type="button" class="button button-icon button-quiet" aria-label=first title=first data-testid="pick-pin"
            aria-pressed=move || said.is_first().to_string() disabled=busy on:click=put>{icon("pin")}</button>
        <button type="button" class="button button-icon button-quiet" aria-label=move || said.label(words.suggest_not)
            title=move || said.label(words.suggest_not) data-testid="pick-dismiss" disabled=busy on:click=never>{icon("close")}</button>
    }
}
