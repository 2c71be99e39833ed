//! The lines of a cart.

use crate::model::cart::line::{CartLine, lines as lines_of};
use crate::parts::rows::rows;
use crate::screens::cart::desk::Desk;
use crate::screens::cart::line::line;
use domain::api::device::{Aged, CartPage};
use leptos::prelude::*;

/// The list. It takes the focus when a line that had it is taken out.
pub(crate) fn lines(desk: Desk, page: Signal<Aged<CartPage>>) -> impl IntoView {
    let lines = Memo::new(move |_| page.with(|page| lines_of(&page.value)));
    let open = Memo::new(move |_| desk.is_open());
    view! {
        <ul class="cart-lines" role="list" id="cart-lines" tabindex="-1" data-testid="cart-lines">
            {rows(lines.into(), |line: &CartLine| line.id().clone(), move |one| line(desk, one, open))}
        </ul>
    }
}
