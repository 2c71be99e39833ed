//! What a cart or an order costs: goods, what is off, tax by rate, and the sum.

use crate::model::cart::{off, reason};
use crate::model::money;
use crate::words::Lang;
use domain::cart::{TaxMode, TaxTotal, Totals};
use domain::money::Money;
use leptos::prelude::*;

/// The figures, as a list of names and amounts.
pub(crate) fn totals(totals: &Totals, lang: Lang) -> impl IntoView + use<> {
    let (words, shown) = (lang.cart(), lang.words());
    let lines = off::of_lines(totals);
    let shared: Vec<_> = off::of_all(totals)
        .into_iter()
        .map(|(title, sum)| less(title.to_owned(), sum, lang))
        .collect();
    let split = totals.discount.minor > 0 || totals.mode == TaxMode::Exclusive;
    let mode = totals.mode;
    let taxes = totals.taxes.iter().filter(|tax| tax.tax.minor != 0);
    let taxes: Vec<_> = taxes.map(|one| tax(one, mode, lang)).collect();
    let (before, after) = match mode {
        TaxMode::Exclusive => (taxes, Vec::new()),
        TaxMode::Inclusive => (Vec::new(), taxes),
    };
    view! {
        <dl class="totals figure">
            {split.then(|| pair("totals-row", words.goods.to_owned(), totals.goods, lang))}
            {(lines.minor > 0).then(|| less(words.off.to_owned(), lines, lang))}
            {shared}
            {before}
            {pair("totals-row totals-sum", shown.total.to_owned(), totals.total, lang)}
            {after}
        </dl>
    }
}

fn tax(tax: &TaxTotal, mode: TaxMode, lang: Lang) -> impl IntoView + use<> {
    let words = lang.cart();
    let rate = reason::percent(tax.rate, lang);
    let (style, name) = match mode {
        TaxMode::Inclusive => ("totals-row totals-in", (words.tax_in)(&rate)),
        TaxMode::Exclusive => ("totals-row", (words.tax_on)(&rate)),
    };
    pair(style, name, tax.tax, lang)
}

fn less(name: String, amount: Money, lang: Lang) -> impl IntoView {
    let amount = Money::new(-amount.minor, amount.currency);
    pair("totals-row totals-off", name, amount, lang)
}

fn pair(style: &'static str, name: String, amount: Money, lang: Lang) -> impl IntoView {
    view! { <div class=style><dt dir="auto">{name}</dt> <dd>{money::format(amount, lang)}</dd></div> }
}
