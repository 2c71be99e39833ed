//! The item finder: search, departments, rows or a grid.

use crate::asking;
use crate::backend::memory;
use crate::load::Load;
use crate::model::department;
use crate::parts::icon::icon;
use crate::parts::item::{row, tile};
use crate::parts::loaded::loaded;
use crate::parts::notice;
use crate::parts::rows::rows;
use crate::place::{Address, is_plain};
use crate::route::Route;
use crate::screens::associate::item_page;
use crate::tablet::Tablet;
use domain::api::content::ItemView;
use domain::api::device::{Aged, DepartmentTile, ItemHits, ListDepartments, SearchItems};
use domain::ids::DepartmentId;
use leptos::prelude::*;

/// Rows of one page, and of the longest list: whoever needs more types another letter.
const PAGE: usize = 40;
const LIMIT_MAX: usize = domain::api::device::MAX_ROWS;
/// Under which name the layout is kept.
const LAYOUT: &str = "aisle-items-layout";

/// The search.
#[derive(Clone, Copy)]
struct Finder {
    query: RwSignal<String>,
    department: RwSignal<Option<DepartmentId>>,
    limit: RwSignal<usize>,
    grid: RwSignal<bool>,
    load: RwSignal<Load<Aged<ItemHits>>>,
    /// Whether an answer is on its way.
    busy: Memo<bool>,
    /// What the rows that are shown were found by.
    answered: Memo<String>,
}

impl Finder {
    fn new() -> Self {
        let query = RwSignal::new(String::new());
        let load: RwSignal<Load<Aged<ItemHits>>> = RwSignal::new(Load::default());
        Self {
            query,
            department: RwSignal::new(None),
            limit: RwSignal::new(PAGE),
            grid: RwSignal::new(memory::recall(LAYOUT).as_deref() != Some("rows")),
            load,
            busy: Memo::new(move |_| load.with(Load::is_waiting)),
            answered: asking::answered(load, query),
        }
    }

    fn search(self) {
        asking::ask(
            self.load,
            SearchItems {
                query: self.query.get_untracked(),
                department: self.department.get_untracked(),
                offset: 0,
                limit: self.limit.get_untracked(),
            },
        );
    }

    fn search_anew(self) {
        self.limit.set(PAGE);
        self.search();
    }

    fn lay_out(self, grid: bool) {
        memory::keep(LAYOUT, if grid { "grid" } else { "rows" });
        self.grid.set(grid);
    }
}

/// The room: the finder, or the item that the address names.
pub(crate) fn items(tablet: Tablet) -> impl IntoView {
    let finder = Finder::new();
    finder.search();
    let opened = Memo::new(move |_| match tablet.place.route() {
        Route::Items(sku) => sku,
        _ => None,
    });
    view! {
        <div class="items">
            <div class="items-find" hidden=move || opened.get().is_some()>
                <h1 class="visually-hidden">{tablet.words().items}</h1>
                <div class="items-head">
                    {field(tablet, finder)}
                    {layout(tablet, finder)}
                </div>
                {departments(tablet, finder)}
                {hits(tablet, finder)}
            </div>
            {move || opened.get().map(|sku| item_page::item_page(tablet, sku))}
        </div>
    }
}

fn field(tablet: Tablet, finder: Finder) -> impl IntoView {
    let words = tablet.words();
    let typed = move |text: String| {
        finder.query.set(text);
        finder.search_anew();
    };
    view! {
        <div class="search grow">
            {icon("search")}
            <input class="input" type="search" data-testid="items-search" aria-label=words.search_items
                placeholder=words.search_items autocomplete="off" spellcheck="false"
                prop:value=move || finder.query.get() on:input:target=move |event| typed(event.target().value())/>
            <button class="button button-icon button-quiet search-clear" aria-label=words.clear
                class:unseen=move || finder.query.with(String::is_empty)
                on:click=move |_| typed(String::new())>{icon("close")}</button>
        </div>
    }
}

fn layout(tablet: Tablet, finder: Finder) -> impl IntoView {
    let words = tablet.words();
    let one = move |grid: bool, name: &'static str, label: &'static str| {
        view! {
            <button class="button button-icon" aria-label=label aria-pressed=move || (finder.grid.get() == grid).to_string()
                on:click=move |_| finder.lay_out(grid)>{icon(name)}</button>
        }
    };
    view! { <div class="line">{one(true, "grid", words.as_grid)} {one(false, "menu", words.as_rows)}</div> }
}

fn departments(tablet: Tablet, finder: Finder) -> impl IntoView {
    let words = tablet.words();
    let load: RwSignal<Load<Aged<Vec<DepartmentTile>>>> = RwSignal::new(Load::default());
    asking::ask(load, ListDepartments {});
    let chip = move |department: Option<DepartmentId>, name: String| {
        let mine = department.clone();
        let pressed = move || finder.department.with(|chosen| *chosen == mine).to_string();
        view! {
            <button class="chip" aria-pressed=pressed on:click=move |_| {
                finder.department.set(department.clone());
                finder.search_anew();
            }>{name}</button>
        }
    };
    let tiles = move || {
        let tiles = load
            .with(|load| load.ready().map(|found| found.value.clone()))
            .unwrap_or_default();
        tiles
            .into_iter()
            .map(|tile| {
                chip(
                    Some(tile.department.clone()),
                    department::name(&tile.department),
                )
            })
            .collect_view()
    };
    view! {
        <div class="filters" role="group" aria-label=words.departments>
            {chip(None, words.all_departments.to_owned())} {tiles}
        </div>
    }
}

fn hits(tablet: Tablet, finder: Finder) -> impl IntoView {
    let words = tablet.words();
    let retry = Callback::new(move |()| finder.search());
    view! {
        <div class="items-hits">
            {loaded(finder.load, words, retry, move |found| list(tablet, finder, found))}
        </div>
    }
}

fn list(tablet: Tablet, finder: Finder, found: Signal<Aged<ItemHits>>) -> impl IntoView {
    let words = tablet.words();
    let hits = Memo::new(move |_| found.with(|found| found.value.hits.clone()));
    let count = Memo::new(move |_| hits.with(Vec::len));
    let more = move || found.with(|found| found.value.more) && finder.limit.get() < LIMIT_MAX;
    let nothing = move || {
        let query = finder.answered.get();
        if query.trim().is_empty() {
            notice::empty("basket", words.no_items_here.to_owned(), words.comes_later).into_any()
        } else {
            notice::empty(
                "basket",
                (words.no_items)(query.trim()),
                words.no_items_help,
            )
            .into_any()
        }
    };
    let style = move || if finder.grid.get() { "tiles" } else { "rows" };
    view! {
        <p class="visually-hidden" role="status" data-testid="items-count">
            {move || (words.results)(u32::try_from(count.get()).unwrap_or(u32::MAX))}
        </p>
        {move || (count.get() == 0).then(nothing)}
        <ul class=style role="list" data-testid="items-hits" aria-busy=move || finder.busy.get().to_string()
            data-for=move || finder.answered.get()>
            {rows(hits.into(), |hit| hit.item.sku.clone(), move |hit| view! { <li>{item_link(tablet, hit, finder.grid.into())}</li> })}
        </ul>
        {move || more().then(|| view! {
            <button class="button button-wide" on:click=move |_| {
                finder.limit.update(|limit| *limit = (*limit + PAGE).min(LIMIT_MAX));
                finder.search();
            }>{words.show_more}</button>
        })}
    }
}

/// An item that opens its page, as a tile or a row.
fn item_link(tablet: Tablet, view: Signal<ItemView>, grid: Signal<bool>) -> impl IntoView {
    let sku = view.with_untracked(|view| view.item.sku.clone());
    let route = Route::Items(Some(sku.clone()));
    let href = route.path();
    let lang = tablet.lang.get_untracked();
    let open = move |click: leptos::ev::MouseEvent| {
        if is_plain(&click) {
            click.prevent_default();
            tablet.place.go(route.clone());
        }
    };
    let style = move || if grid.get() { "tile" } else { "row" };
    let inside = move || {
        view.with(|view| {
            if grid.get() {
                tile(view, lang, true).into_any()
            } else {
                row(view, lang).into_any()
            }
        })
    };
    view! {
        <a class=style href=href data-testid="item-hit" data-sku=sku.to_string() on:click=open>{inside}</a>
    }
}
