//! The words of a shopper's own web app: what nobody says to an associate.

mod ar;
mod de;
mod en;
mod es;

use super::Lang;

impl Lang {
    /// Its words for shoppers.
    #[must_use]
    pub const fn shopper(self) -> &'static ShopperWords {
        match self {
            Self::En => &en::WORDS,
            Self::De => &de::WORDS,
            Self::Es => &es::WORDS,
            Self::Ar => &ar::WORDS,
        }
    }
}

/// The words of one language. A function makes a phrase of what it is given.
#[derive(Debug)]
pub struct ShopperWords {
    /// The browser keeps nothing.
    pub not_kept: &'static str,
    /// Nothing more fits, or nothing can be added.
    pub no_room: &'static str,
    /// A tab.
    pub shop: &'static str,
    /// A tab, and a title.
    pub your_orders: &'static str,
    /// A tab.
    pub you: &'static str,
    /// Nobody answers.
    pub offline: &'static str,
    /// Under a sum that the cloud did not compute.
    pub estimate: &'static str,
    /// Two carts were merged.
    pub joined: &'static str,
    /// It was undone.
    pub apart: &'static str,
    /// Title.
    pub other_carts: &'static str,
    /// Shows another cart.
    pub use_this: &'static str,
    /// Merges it into this one.
    pub put_together: &'static str,
    /// Begins a handoff.
    pub in_store: &'static str,
    /// How.
    pub in_store_help: &'static str,
    /// Somebody took it over; where.
    pub went: fn(&str) -> String,
    /// Takes a cart from another screen.
    pub bring_here: &'static str,
    /// How.
    pub bring_help: &'static str,
    /// It is under way.
    pub taking: &'static str,
    /// Too many wrong codes.
    pub wait_tries: &'static str,
    /// Pays an amount.
    pub pay: fn(&str) -> String,
    /// Title.
    pub pay_title: &'static str,
    /// What happens.
    pub pay_help: &'static str,
    /// Tries once more.
    pub pay_again: &'static str,
    /// Nobody knows whether it was paid.
    pub unknown_help: &'static str,
    /// Prices changed.
    pub prices_help: &'static str,
    /// Confirms.
    pub agree: &'static str,
    /// Another device holds the cart.
    pub elsewhere: &'static str,
    /// Paying needs the network.
    pub offline_pay: &'static str,
    /// Any other refusal.
    pub not_now: &'static str,
    /// It was bought on another screen.
    pub bought_there: &'static str,
    /// Begins another.
    pub new_cart: &'static str,
    /// Title after the order.
    pub thanks: &'static str,
    /// None.
    pub no_orders: &'static str,
    /// The next step.
    pub no_orders_help: &'static str,
    /// For a guest.
    pub orders_guest: &'static str,
    /// Its number.
    pub order_number: fn(&str) -> String,
    /// What signing in does.
    pub sign_in_help: &'static str,
    /// Label of the field.
    pub contact: &'static str,
    /// Asks for a code.
    pub send_code: &'static str,
    /// It was sent, to where.
    pub code_sent: fn(&str) -> String,
    /// Label of the field.
    pub six_digits: &'static str,
    /// It is not the one.
    pub wrong_code: &'static str,
    /// Goes back.
    pub other_contact: &'static str,
    /// Nobody answers a sign-in.
    pub no_answer: &'static str,
    /// Greets her.
    pub hello: fn(&str) -> String,
    /// Her card.
    pub your_card: &'static str,
    /// What it is for.
    pub card_help: &'static str,
    /// What it does.
    pub sign_out_help: &'static str,
    /// She signs out while something waits.
    pub unsent_stays: &'static str,
    /// It is done.
    pub signed_out: &'static str,
}
