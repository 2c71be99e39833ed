//! The live board: four figures with sparklines, and what is looked at most. Seconds fresh.

use crate::asking;
use crate::backend::clock;
use crate::load::Load;
use crate::model::{age, money, spark};
use crate::parts::loaded::loaded;
use crate::parts::notice;
use crate::screens::associate::sees_board;
use crate::tablet::Tablet;
use chrono::{DateTime, Utc};
use domain::api::board::{Board, TopItem};
use domain::api::device::{Aged, ReadBoard, Session, Signal as DeviceSignal};
use leptos::prelude::*;
use std::time::Duration;

/// Between two looks at the figures.
const EVERY: Duration = Duration::from_secs(2);
/// Between two looks at the clock.
const TICK: Duration = Duration::from_secs(1);

/// The board, or why it is closed.
pub(crate) fn board(tablet: Tablet, session: &Session) -> impl IntoView + use<> {
    if sees_board(session.face.role) {
        open(tablet).into_any()
    } else {
        let words = tablet.words();
        let closed = notice::empty(
            "clock",
            words.board_forbidden.to_owned(),
            words.board_forbidden_help,
        );
        view! { <div class="board-closed" data-testid="board-forbidden">{closed}</div> }.into_any()
    }
}

fn open(tablet: Tablet) -> impl IntoView {
    let words = tablet.words();
    let load: RwSignal<Load<Aged<Board>>> = RwSignal::new(Load::default());
    let now = RwSignal::new(clock::now());
    asking::ask(load, ReadBoard {});
    every(EVERY, move || {
        if !document().hidden() {
            asking::ask(load, ReadBoard {});
        }
    });
    every(TICK, move || now.set(clock::now()));
    asking::hear_here(move |signal| {
        if matches!(signal, DeviceSignal::Everything) {
            asking::ask(load, ReadBoard {});
        }
    });
    let retry = Callback::new(move |()| asking::ask(load, ReadBoard {}));
    view! {
        <div class="board" data-testid="board">
            <header class="line apart">
                <h1>{words.board}</h1>
                {freshness(tablet, load, now)}
            </header>
            {loaded(load, words, retry, move |board| figures(tablet, board))}
        </div>
    }
}

/// Does something again and again for as long as the screen is shown.
fn every(pause: Duration, action: impl Fn() + 'static) {
    if let Ok(handle) = set_interval_with_handle(action, pause) {
        on_cleanup(move || handle.clear());
    }
}

/// How old the figures are; where the last question was refused, that too.
fn freshness(
    tablet: Tablet,
    load: RwSignal<Load<Aged<Board>>>,
    now: RwSignal<DateTime<Utc>>,
) -> impl IntoView {
    let words = tablet.words();
    let as_of = Memo::new(move |_| load.with(|load| load.ready().map(|board| board.value.as_of)));
    let stale = Memo::new(move |_| load.with(|load| load.refusal().is_some()));
    let said = move || {
        let age = (words.age)(age::fine_age(as_of.get()?, now.get(), clock::here()));
        Some(if stale.get() {
            format!("{age} – {}", words.offline)
        } else {
            age
        })
    };
    view! {
        <span class="age" data-age=move || if stale.get() { "stale" } else { "fresh" } data-testid="board-age">
            {move || (!stale.get() && as_of.get().is_some()).then(|| view! { <i class="live-dot"></i> })} {said}
        </span>
    }
}

fn figures(tablet: Tablet, board: Signal<Aged<Board>>) -> impl IntoView {
    let words = tablet.words();
    let lang = tablet.lang.get_untracked();
    let count = move |value: i64| money::count(u64::try_from(value).unwrap_or(0), lang);
    let of = move |pick: fn(&Board) -> (i64, &[i64])| {
        Memo::new(move |_| {
            board.with(|board| {
                let (value, minutes) = pick(&board.value);
                (count(value), minutes.to_vec())
            })
        })
    };
    let sales = Memo::new(move |_| {
        board.with(|board| {
            (
                money::format(board.value.sales, lang),
                board.value.sales_minutes.clone(),
            )
        })
    });
    let orders = Signal::derive(move || {
        let made = board.with(|board| board.value.orders.value);
        (words.orders_count)(made, &count(made))
    });
    view! {
        <div class="figures">
            {figure("tile-shoppers", words.shoppers_now, words.last_five.into(), of(|board| (board.shoppers_now.value, &board.shoppers_now.minutes)))}
            {figure("tile-views", words.views, words.last_hour.into(), of(|board| (board.views.value, &board.views.minutes)))}
            {figure("tile-adds", words.adds, words.last_hour.into(), of(|board| (board.adds.value, &board.adds.minutes)))}
            {figure("tile-sales", words.sales, orders, sales)}
        </div>
        {top(tablet, board)}
    }
}

fn figure(
    testid: &'static str,
    name: &'static str,
    covers: Signal<String>,
    shown: Memo<(String, Vec<i64>)>,
) -> impl IntoView {
    let drawn = Memo::new(move |_| shown.with(|(_, minutes)| spark::spark(minutes)));
    let view_box = format!("0 0 {} {}", spark::WIDTH, spark::HEIGHT);
    view! {
        <section class="card figure-card" data-testid=testid>
            <h2 class="label">{name}</h2>
            <p class="display figure" data-testid="value">{move || shown.with(|(value, _)| value.clone())}</p>
            <p class="small soft">{covers}</p>
            <svg class="spark" viewBox=view_box preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <path class="spark-area" d=move || drawn.with(|drawn| drawn.area.clone())></path>
                <path class="spark-line" d=move || drawn.with(|drawn| drawn.line.clone())></path>
            </svg>
        </section>
    }
}

fn top(tablet: Tablet, board: Signal<Aged<Board>>) -> impl IntoView {
    let words = tablet.words();
    let items = Memo::new(move |_| board.with(|board| board.value.top_items.clone()));
    let most = move || {
        items.with(|items| {
            items
                .iter()
                .map(|item| item.views)
                .max()
                .unwrap_or(1)
                .max(1)
        })
    };
    let row = move |item: &TopItem| {
        let share = f64::from(item.views) / f64::from(most()) * 100.0;
        view! {
            <li class="top-item" data-testid="top-item">
                <span class="top-bar" style=format!("inline-size:{share:.0}%")></span>
                <span class="one-line" dir="auto">{item.title.clone()}</span>
                <span class="figure">{money::count(u64::from(item.views), tablet.lang.get_untracked())}</span>
            </li>
        }
    };
    view! {
        <section class="card board-top">
            <h2 class="label">{words.top_items}</h2>
            {move || items.with(Vec::is_empty).then(|| view! { <p class="soft">{words.no_top_items}</p> })}
            <ol class="top-items" role="list">{move || items.with(|items| items.iter().map(row).collect_view())}</ol>
        </section>
    }
}
