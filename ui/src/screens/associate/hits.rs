//! The results of a customer search, as rows.

use crate::model::marks::runs;
use crate::model::money;
use crate::parts::face::face;
use crate::parts::loaded::loaded;
use crate::parts::notice;
use crate::parts::rows::rows;
use crate::place::{Address, is_plain};
use crate::route::Route;
use crate::screens::associate::people_finder::{Finder, row_id};
use crate::tablet::Tablet;
use crate::words::Words;
use domain::api::device::{Aged, CustomerHit, CustomerHits};
use domain::ids::CustomerId;
use domain::loyalty::Tier;
use leptos::prelude::*;

/// The results.
pub(crate) fn hits(
    tablet: Tablet,
    finder: Finder,
    selected: Memo<Option<CustomerId>>,
) -> impl IntoView {
    let words = tablet.words();
    let retry = Callback::new(move |()| finder.search());
    scroll_along(finder);
    view! {
        <div class="hits">
            {loaded(finder.load, words, retry, move |found| list(tablet, finder, selected, found))}
        </div>
    }
}

fn list(
    tablet: Tablet,
    finder: Finder,
    selected: Memo<Option<CustomerId>>,
    found: Signal<Aged<CustomerHits>>,
) -> impl IntoView {
    let words = tablet.words();
    let hits = Memo::new(move |_| found.with(|found| found.value.hits.clone()));
    let count = Memo::new(move |_| hits.with(Vec::len));
    let one = move |hit| row(tablet, finder, selected, hit);
    view! {
        <p class="hits-head label" role="status" data-testid="hits-count">
            {move || head(tablet, &finder.answered.get(), count.get(), found.with(|found| found.value.known))}
        </p>
        <ul class="hits-rows" role="listbox" id="people-hits" aria-label=words.people data-testid="people-hits"
            aria-busy=move || finder.busy.get().to_string() data-for=move || finder.answered.get()>
            {rows(hits.into(), |hit| hit.id.clone(), one)}
        </ul>
        {move || (count.get() == 0).then(|| empty(words, &finder.answered.get()))}
        {move || found.with(|found| found.value.more).then(|| view! { <p class="hits-more soft small">{words.more_people}</p> })}
    }
}

fn head(tablet: Tablet, query: &str, count: usize, known: u64) -> String {
    let words = tablet.words();
    if query.trim().is_empty() {
        let known = money::count(known, tablet.lang.get_untracked());
        format!("{} · {}", words.recent_people, (words.people_here)(&known))
    } else {
        (words.results)(u32::try_from(count).unwrap_or(u32::MAX))
    }
}

fn empty(words: &'static Words, query: &str) -> AnyView {
    if query.trim().is_empty() {
        notice::empty(
            "notebook",
            words.find_someone.to_owned(),
            words.find_someone_help,
        )
        .into_any()
    } else {
        notice::empty(
            "notebook",
            (words.no_people)(query.trim()),
            words.no_people_help,
        )
        .into_any()
    }
}

fn row(
    tablet: Tablet,
    finder: Finder,
    selected: Memo<Option<CustomerId>>,
    hit: Signal<CustomerHit>,
) -> impl IntoView {
    let id = hit.with_untracked(|hit| hit.id.clone());
    let route = Route::People(Some(id.clone()));
    let href = route.path();
    let (mine, shown) = (id.clone(), id.clone());
    let current = move || (selected.get().as_ref() == Some(&mine)).then_some("true");
    let marked = move || (finder.marked.get().as_ref() == Some(&shown)).to_string();
    let (element, customer) = (row_id(&id), id.to_string());
    let open = move |click: leptos::ev::MouseEvent| {
        if is_plain(&click) {
            click.prevent_default();
            finder.mark(id.clone());
            tablet.place.go(route.clone());
        }
    };
    view! {
        <li role="none">
            <a class="row hit" role="option" id=element href=href tabindex="-1" data-testid="customer-hit"
                data-customer=customer aria-selected=marked aria-current=current on:click=open>
                {move || hit.with(|hit| inside(tablet, hit))}
            </a>
        </li>
    }
}

/// The inside of a row: who she is, and what tells her from others of her name.
pub(crate) fn inside(tablet: Tablet, hit: &CustomerHit) -> impl IntoView + use<> {
    let marked = runs(&hit.name, &hit.matched).into_iter().map(|run| {
        if run.marked {
            view! { <mark>{run.text}</mark> }.into_any()
        } else {
            run.text.into_any()
        }
    });
    view! {
        {face(&hit.name, "")}
        <span class="row-words">
            <span class="row-title"><span class="one-line" dir="auto">{marked.collect_view()}</span> {tier(hit.tier, tablet.words())}</span>
            <span class="row-detail soft one-line">{detail(tablet, hit)}</span>
            {soft_line(tablet, hit)}
        </span>
    }
}

/// A customer's standing as a chip; everybody's standing needs none.
pub(crate) fn tier(tier: Tier, words: &'static Words) -> impl IntoView {
    let (name, style) = match tier {
        Tier::Member => (words.member, "member"),
        Tier::Silver => (words.silver, "silver"),
        Tier::Gold => (words.gold, "gold"),
    };
    view! { <span class="chip tier" data-tier=style>{name}</span> }
}

fn detail(tablet: Tablet, hit: &CustomerHit) -> impl Fn() -> String + use<> {
    let words = tablet.words();
    let (visit, matched) = (hit.last_visit_at, hit.matched_by.clone());
    move || {
        let visit = visit.map_or_else(
            || words.never_here.to_owned(),
            |at| (words.last_visit)(&(words.ago)(tablet.age(at))),
        );
        matched
            .iter()
            .cloned()
            .chain([visit])
            .collect::<Vec<_>>()
            .join(" · ")
    }
}

/// The one soft line: what she looked at.
fn soft_line(tablet: Tablet, hit: &CustomerHit) -> impl IntoView + use<> {
    let words = tablet.words();
    hit.looked_at.clone().map(|(title, at)| {
        view! {
            <span class="row-detail hit-looked one-line" dir="auto">
                {move || (words.looked_at)(&title, &(words.ago)(tablet.age(at)))}
            </span>
        }
    })
}

/// Keeps the row that Enter opens in sight.
fn scroll_along(finder: Finder) {
    Effect::new(move |last: Option<Option<CustomerId>>| {
        let marked = finder.marked.get();
        if last.is_some_and(|last| last != marked)
            && let Some(row) = marked.as_ref().map(row_id)
            && let Some(element) = document().get_element_by_id(&row)
        {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            element.scroll_into_view_with_scroll_into_view_options(&options);
        }
        marked
    });
}
