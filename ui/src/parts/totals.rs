//! What a cart or an order costs: goods, what is off, tax by rate, and the sum.

use crate::model::cart::reason;
use crate::model::money;
use crate::words::Lang;
use domain::cart::{TaxMode, TaxTotal, Totals};
use domain::money::Money;
use leptos::prelude::*;

/// The figures, as a list of names and amounts.
pub(crate) fn totals(totals: &Totals, lang: Lang) -> impl IntoView + use<> {
    let (words, shown) = (lang.cart(), lang.words());
    let off = Money::new(-totals.discount.minor.max(0), totals.discount.currency);
    let is_reduced = off.minor < 0;
    let split = is_reduced || totals.mode == TaxMode::Exclusive;
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
            {is_reduced.then(|| pair("totals-row totals-off", words.off.to_owned(), off, lang))}
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

fn pair(style: &'static str, name: String, amount: Money, lang: Lang) -> impl IntoView {
    view! { <div class=style><dt>{name}</dt> <dd>{money::format(amount, lang)}</dd></div> }
}
