//! What is not in the cloud: asked for by the panel and by the repair screen, and saved as a file by both.

use crate::asking;
use crate::backend;
use crate::backend::save::save;
use crate::load::Load;
use crate::parts::icon::icon;
use crate::parts::notice;
use crate::tablet::Tablet;
use domain::api::device::{ExportUnsent, ListUnsent, Signal as DeviceSignal, UnsentCommand};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The queue, as long as the screen at hand is shown.
pub(crate) type Queue = RwSignal<Load<Vec<UnsentCommand>>>;

/// Asks for the queue, and again whenever something of it may have moved.
pub(crate) fn queue() -> Queue {
    let load = RwSignal::new(Load::default());
    asking::ask(load, ListUnsent {});
    asking::hear_here(move |signal| {
        // What the cloud has beside a refused change moves with its customer.
        if !matches!(signal, DeviceSignal::Notice { .. }) {
            asking::ask(load, ListUnsent {});
        }
    });
    load
}

/// Saves everything that is not in the cloud as a file, where there is something.
pub(crate) fn export(tablet: Tablet, queue: Queue) -> impl IntoView {
    let words = tablet.words();
    let something = Memo::new(move |_| {
        queue.with(|load| load.ready().is_some_and(|commands| !commands.is_empty()))
    });
    let write = move |_| {
        spawn_local(async move {
            let said = match backend::call(&ExportUnsent {}).await {
                Ok(file) if save(&file.file_name, &file.json) => (words.exported)(&file.file_name),
                Ok(_) => words.refused_fault.to_owned(),
                Err(refusal) => notice::sentence(&refusal, words).to_owned(),
            };
            tablet.tell(said);
        });
    };
    move || {
        something.get().then(|| {
            view! {
                <div>
                    <button class="button" data-testid="export" on:click=write>{icon("receipt")} {words.export}</button>
                </div>
            }
        })
    }
}
