//! Rows that stay: an element is made once for each key, and only what is inside it changes. A tap that begins on a row
//! ends on it, whatever arrives meanwhile.

use crate::finger;
use leptos::prelude::*;
use std::hash::Hash;

/// Draws `list` in its order. While something is pressed no row comes, goes or moves; what rows say may change.
pub(crate) fn rows<T, K, V>(
    list: Signal<Vec<T>>,
    key: fn(&T) -> K,
    row: impl Fn(Signal<T>) -> V + Clone + Send + 'static,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let press = finger::press();
    let order = Memo::new(move |last: Option<&Vec<K>>| match last {
        Some(last) if finger::is_down(press) => last.clone(),
        _ => list.with(|list| list.iter().map(key).collect()),
    });
    let one = move |wanted: K| {
        let newest = move |list: &Vec<T>| list.iter().find(|one| key(one) == wanted).cloned();
        let first = list.with_untracked(&newest)?;
        let content = Memo::new(move |last: Option<&T>| {
            // A row that is about to go says what it said.
            let kept = || last.unwrap_or(&first).clone();
            list.with(&newest).unwrap_or_else(kept)
        });
        Some(row(content.into()))
    };
    view! { <For each=move || order.get() key=K::clone children=one/> }
}
