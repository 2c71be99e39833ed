//! Browsing: departments in big tiles, then their items.

use crate::asking;
use crate::load::Load;
use crate::model::department as departments_of;
use crate::model::trail::Stop;
use crate::parts::art::drawing;
use crate::parts::item::tile;
use crate::parts::loaded::loaded;
use crate::parts::rows::rows;
use crate::screens::associate::asked;
use crate::screens::kiosk::{Kiosk, home};
use crate::tablet::Tablet;
use domain::api::content::{ItemView, Shelf};
use domain::api::device::{Aged, DepartmentTile, ItemHits, ListDepartments, ReadHome, SearchItems};
use domain::ids::DepartmentId;
use leptos::prelude::*;

/// Items of one page.
const PAGE: usize = 24;

/// The departments, and what many like here.
pub(crate) fn departments(tablet: Tablet, kiosk: Kiosk) -> impl IntoView {
    let words = tablet.words();
    let load: RwSignal<Load<Aged<Vec<DepartmentTile>>>> = RwSignal::new(Load::default());
    let shelves: RwSignal<Load<Aged<Vec<Shelf>>>> = RwSignal::new(Load::default());
    asking::ask(shelves, ReadHome {});
    let popular = move || {
        shelves.with(|load| {
            load.ready()
                .map(|shelves| home::shelves(tablet, kiosk, &shelves.value))
        })
    };
    view! {
        <h1>{words.departments}</h1>
        {asked(tablet, load, ListDepartments {}, move |tiles| view! {
            <ul class="departments" role="list">
                {rows(Signal::derive(move || tiles.with(|tiles| tiles.value.clone())), |tile| tile.department.clone(),
                    move |tile| department_tile(tablet, kiosk, tile))}
            </ul>
        })}
        {popular}
    }
}

fn department_tile(tablet: Tablet, kiosk: Kiosk, tile: Signal<DepartmentTile>) -> impl IntoView {
    let words = tablet.words();
    let department = tile.with_untracked(|tile| tile.department.clone());
    let stop = Stop::Department(department.clone());
    let inside = move || {
        tile.with(|tile| {
            view! {
                {drawing(&tile.art, &tile.colour, &tile.department)}
                <span class="department-name" dir="auto">{departments_of::name(&tile.department)}</span>
                <span class="soft">{(words.items_count)(tile.items)}</span>
            }
        })
    };
    view! {
        <li>
            <button class="department" data-testid="department" data-department=department.to_string()
                on:click=move |_| kiosk.go(stop.clone())>{inside}</button>
        </li>
    }
}

/// The items of a department, page by page.
pub(crate) fn department(tablet: Tablet, kiosk: Kiosk, department: DepartmentId) -> impl IntoView {
    let load: RwSignal<Load<Aged<ItemHits>>> = RwSignal::new(Load::default());
    let limit = RwSignal::new(PAGE);
    let name = departments_of::name(&department);
    let search = move || {
        asking::ask(
            load,
            SearchItems {
                query: String::new(),
                department: Some(department.clone()),
                offset: 0,
                limit: limit.get_untracked(),
            },
        );
    };
    search();
    let search = Callback::new(move |()| search());
    view! {
        <h1 dir="auto">{name}</h1>
        {loaded(load, tablet.words(), search, move |found| list(tablet, kiosk, found, limit, search))}
    }
}

fn list(
    tablet: Tablet,
    kiosk: Kiosk,
    found: Signal<Aged<ItemHits>>,
    limit: RwSignal<usize>,
    search: Callback<()>,
) -> impl IntoView {
    let words = tablet.words();
    let most = domain::api::device::MAX_ROWS;
    let more = move || found.with(|found| found.value.more) && limit.get() < most;
    let hits = Memo::new(move |_| found.with(|found| found.value.hits.clone()));
    let nothing = move || hits.with(Vec::is_empty);
    view! {
        {move || nothing().then(|| crate::screens::associate::nothing(tablet))}
        <ul class="tiles" role="list">
            {rows(hits.into(), |hit| hit.item.sku.clone(), move |hit| view! { <li>{item_button(tablet, kiosk, hit)}</li> })}
        </ul>
        {move || more().then(|| view! {
            <button class="button button-wide" on:click=move |_| {
                limit.update(|limit| *limit = (*limit + PAGE).min(most));
                search.run(());
            }>{words.show_more}</button>
        })}
    }
}

fn item_button(tablet: Tablet, kiosk: Kiosk, view: Signal<ItemView>) -> impl IntoView {
    let sku = view.with_untracked(|view| view.item.sku.clone());
    let stop = Stop::Item(sku.clone());
    view! {
        <button class="tile" data-testid="item-hit" data-sku=sku.to_string() on:click=move |_| kiosk.go(stop.clone())>
            {move || view.with(|view| tile(view, tablet.lang.get_untracked(), true))}
        </button>
    }
}
