//! A face without a picture: letters on a colour.

use leptos::prelude::*;

/// The monogram of a name on a colour's soft ground.
pub(crate) fn face(name: &str, colour: &str) -> impl IntoView + use<> {
    let letters = domain::text::monogram(name);
    let colour = Some(colour.to_owned()).filter(|colour| !colour.is_empty());
    view! { <span class="monogram" data-colour=colour aria-hidden="true">{letters}</span> }
}
