//! A drawing of an item, tinted by its colour on the ground of its department.

use domain::ids::DepartmentId;
use domain::item::Item;
use leptos::prelude::*;

/// What stands for an item that nobody drew.
const FALLBACK: &str = "tote";

/// The drawing of an item. It says nothing that the words beside it do not, so a screen reader passes it over.
pub(crate) fn art(item: &Item) -> impl IntoView + use<> {
    drawing(&item.art, &item.colour, &item.department)
}

/// A drawing by name. One that is not on the page becomes [`FALLBACK`].
pub(crate) fn drawing(
    name: &str,
    colour: &str,
    department: &DepartmentId,
) -> impl IntoView + use<> {
    let known = !name.is_empty() && document().get_element_by_id(name).is_some();
    let href = format!("#{}", if known { name } else { FALLBACK });
    view! {
        <span class="art" data-department=department.to_string() data-colour=colour.to_owned() aria-hidden="true">
            <svg focusable="false"><use href=href></use></svg>
        </span>
    }
}
