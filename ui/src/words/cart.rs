//! The words of carts, checkouts, receipts and returns, in every language.

mod ar;
mod de;
mod en;
mod es;

use super::Lang;

impl Lang {
    /// Its words for carts.
    #[must_use]
    pub const fn cart(self) -> &'static CartWords {
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
pub struct CartWords {
    /// The room.
    pub carts: &'static str,
    /// Title of a cart, with her name.
    pub cart_of: fn(&str) -> String,
    /// Title of the cart of somebody unknown.
    pub guest_cart: &'static str,
    /// There is none.
    pub no_carts: &'static str,
    /// The next step then.
    pub no_carts_help: &'static str,
    /// Begins one for somebody unknown.
    pub new_cart: &'static str,
    /// All carts of the store.
    pub all_carts: &'static str,
    /// Opens hers.
    pub open_this: &'static str,
    /// Her open carts, on her card.
    pub open_carts: &'static str,
    /// She has none.
    pub no_open_carts: &'static str,
    /// Opens one.
    pub open: &'static str,
    /// Puts an item into the cart of somebody.
    pub add_for: fn(&str) -> String,
    /// Pieces in a cart.
    pub pieces: fn(u64) -> String,
    /// Nothing is in it, for an associate.
    pub empty: &'static str,
    /// The next step then.
    pub empty_help: &'static str,
    /// A channel.
    pub on_phone: &'static str,
    /// A channel.
    pub online_shop: &'static str,
    /// A channel.
    pub at_kiosk: &'static str,
    /// A channel.
    pub on_tablet: &'static str,
    /// Label of a line's pieces for a screen reader.
    pub quantity_of: fn(&str) -> String,
    /// One piece fewer of something.
    pub fewer_of: fn(&str) -> String,
    /// One piece more of something.
    pub more_of: fn(&str) -> String,
    /// Takes a line out.
    pub remove_of: fn(&str) -> String,
    /// Opens the note of a line.
    pub note_of: fn(&str) -> String,
    /// What one piece costs.
    pub each: fn(&str) -> String,
    /// Something was taken out.
    pub removed: fn(&str) -> String,
    /// Something was put in.
    pub added: fn(&str) -> String,
    /// Something else was done.
    pub changed: &'static str,
    /// Takes that back.
    pub undo: &'static str,
    /// Label of the note's field.
    pub line_note: &'static str,
    /// What such a note may say.
    pub line_note_help: &'static str,
    /// Pieces that may be sold without a network.
    pub allotted: fn(u64) -> String,
    /// All lines before anything is off.
    pub goods: &'static str,
    /// What is off in all.
    pub off: &'static str,
    /// Tax that is in the sum, with its rate.
    pub tax_in: fn(&str) -> String,
    /// Tax that comes on top, with its rate.
    pub tax_on: fn(&str) -> String,
    /// A line has no price.
    pub no_total: &'static str,
    /// Changes wait here.
    pub unsent: fn(u32) -> String,
    /// A reason why something is off.
    pub percent_off: fn(&str) -> String,
    /// A reason.
    pub amount_off: fn(&str) -> String,
    /// A reason: taken, paid, free.
    pub n_for_m: fn(u32, u32, u32) -> String,
    /// A reason.
    pub threshold: fn(&str) -> String,
    /// Title of what happened elsewhere.
    pub news: &'static str,
    /// It was read.
    pub news_read: &'static str,
    /// Something of the cart that has no name any more.
    pub a_line: &'static str,
    /// Two set a quantity: title, before, now, where.
    pub news_quantity: fn(&str, u32, u32, &str) -> String,
    /// Somebody took out what another changed: title, pieces, where.
    pub news_removed: fn(&str, u32, &str) -> String,
    /// The same item was put in twice.
    pub news_twice: fn(&str) -> String,
    /// Something came during the checkout.
    pub news_held: fn(&str) -> String,
    /// Something came after the order.
    pub news_follow_up: fn(&str) -> String,
    /// Something could not be done after the checkout.
    pub news_held_refused: fn(&str) -> String,
    /// Prices were confirmed.
    pub news_prices: fn(u32) -> String,
    /// Another cart came in.
    pub news_absorbed: &'static str,
    /// It went out again.
    pub news_separated: &'static str,
    /// It was sold without a network, and elsewhere too.
    pub news_sold_twice: &'static str,
    /// A sale without a network became an order beside this cart.
    pub news_sold_apart: &'static str,
    /// Two sales have one receipt number: which.
    pub news_receipt_twice: fn(&str) -> String,
    /// Somebody else may check out: where, until when.
    pub held_elsewhere: fn(&str, &str) -> String,
    /// The same, in a list: where.
    pub held_now: fn(&str) -> String,
    /// What can be done meanwhile.
    pub held_help: &'static str,
    /// Opens the card of whose cart it is.
    pub to_customer: &'static str,
    /// Gives a guest's cart to a customer.
    pub whose: &'static str,
    /// How.
    pub whose_help: &'static str,
    /// It was given to her.
    pub assigned: fn(&str) -> String,
    /// Her other carts.
    pub other_carts: &'static str,
    /// Puts another cart into this one.
    pub put_in: &'static str,
    /// It was.
    pub put_in_done: &'static str,
    /// Takes it out again.
    pub separate: &'static str,
    /// This cart went into another.
    pub merged_away: &'static str,
    /// Opens that.
    pub open_that: &'static str,
    /// Begins a checkout.
    pub check_out: &'static str,
    /// It asks.
    pub asking: &'static str,
    /// What is due.
    pub due: fn(&str) -> String,
    /// Ways of paying.
    pub pay_how: &'static str,
    /// A way.
    pub by_terminal: &'static str,
    /// A way.
    pub by_link: &'static str,
    /// A way.
    pub by_cash: &'static str,
    /// The terminal was asked.
    pub paying: &'static str,
    /// What to do.
    pub paying_help: &'static str,
    /// Asks where it stands.
    pub ask_again: &'static str,
    /// Nobody knows.
    pub unknown: &'static str,
    /// What to do.
    pub unknown_help: &'static str,
    /// Waits no longer.
    pub give_up: &'static str,
    /// When that can be done: minutes and seconds.
    pub give_up_in: fn(&str) -> String,
    /// The money is taken.
    pub paid: &'static str,
    /// The order is being made.
    pub making_order: &'static str,
    /// It was not paid.
    pub failed: &'static str,
    /// Why.
    pub failed_declined: &'static str,
    /// Why.
    pub failed_no_answer: &'static str,
    /// Why.
    pub failed_amount: &'static str,
    /// Opens the cart again.
    pub reopen: &'static str,
    /// The goods are kept back for so long.
    pub reserved: fn(&str) -> String,
    /// They are not any more.
    pub reserved_over: &'static str,
    /// Prices moved.
    pub prices_title: &'static str,
    /// What to do.
    pub prices_help: &'static str,
    /// She agrees to one.
    pub agrees: &'static str,
    /// Takes the new prices.
    pub take_prices: &'static str,
    /// Why.
    pub price_moved: &'static str,
    /// Why.
    pub price_expired: &'static str,
    /// Why.
    pub price_new: &'static str,
    /// Why.
    pub price_none: &'static str,
    /// The sum moved: before, now.
    pub total_moved: fn(&str, &str) -> String,
    /// Some items are short.
    pub short_title: &'static str,
    /// So many are left of one.
    pub short_of: fn(&str, u64) -> String,
    /// Takes as many as there are.
    pub take_what_is_left: &'static str,
    /// A refusal.
    pub refused_empty: &'static str,
    /// A refusal.
    pub refused_unpriced: &'static str,
    /// A refusal.
    pub refused_lease: &'static str,
    /// A refusal.
    pub refused_lease_over: &'static str,
    /// A refusal.
    pub refused_moved: &'static str,
    /// A refusal.
    pub refused_reservation: &'static str,
    /// A refusal.
    pub refused_unknown: &'static str,
    /// A refusal.
    pub refused_late: &'static str,
    /// A refusal.
    pub refused_customer: &'static str,
    /// A refusal.
    pub refused_full: &'static str,
    /// A refusal.
    pub refused_line: &'static str,
    /// A refusal.
    pub refused_other: &'static str,
    /// Sells without a network.
    pub sell_here: &'static str,
    /// What that means.
    pub sell_help: &'static str,
    /// Not enough was allotted.
    pub sell_short: &'static str,
    /// Of what: title, wanted, allotted.
    pub sell_short_of: fn(&str, u64, u64) -> String,
    /// The cash was taken.
    pub cash_taken: &'static str,
    /// The terminal took it.
    pub terminal_taken: &'static str,
    /// What the terminal printed.
    pub slip: &'static str,
    /// A receipt.
    pub receipt: &'static str,
    /// A till, by its number.
    pub till: fn(&str) -> String,
    /// Who sold.
    pub sold_by: fn(&str) -> String,
    /// Prints.
    pub print: &'static str,
    /// It was bought.
    pub bought: &'static str,
    /// How it was paid.
    pub paid_with: &'static str,
    /// The provider's reference.
    pub reference: &'static str,
    /// Opens its receipt.
    pub show_receipt: &'static str,
    /// The sale waits here.
    pub sale_kept: &'static str,
    /// What was given back.
    pub given_back: &'static str,
    /// Takes goods back.
    pub take_back: &'static str,
    /// What to do.
    pub take_back_help: &'static str,
    /// Pieces that can still come back.
    pub can_come_back: fn(u32) -> String,
    /// Gives an amount back.
    pub give_back: fn(&str) -> String,
    /// It was.
    pub give_back_done: fn(&str) -> String,
    /// Everything is back.
    pub all_back: &'static str,
    /// Finds a receipt by its number.
    pub find_receipt: &'static str,
    /// Finds.
    pub find: &'static str,
    /// Hands a cart over.
    pub hand_over: &'static str,
    /// Hands it to her phone.
    pub to_phone: &'static str,
    /// How.
    pub hand_scan: &'static str,
    /// Or so.
    pub hand_type: &'static str,
    /// The code ends in so long.
    pub ends_in: fn(&str) -> String,
    /// It has ended.
    pub code_ended: &'static str,
    /// Makes another.
    pub new_code: &'static str,
    /// Label of a QR for a screen reader.
    pub qr_label: &'static str,
    /// Pictures instead of a code.
    pub capsule_help: &'static str,
    /// One of them: which, of how many.
    pub picture: fn(u32, u32) -> String,
    /// Without the cloud.
    pub use_capsule: &'static str,
    /// The next picture.
    pub next_picture: &'static str,
    /// Stops and goes on.
    pub pause: &'static str,
    /// Takes a cart over.
    pub take_over: &'static str,
    /// How.
    pub take_help: &'static str,
    /// The field of the code.
    pub code: &'static str,
    /// Not a code.
    pub code_bad: &'static str,
    /// Nobody offered that.
    pub code_unknown: &'static str,
    /// Turns the camera on.
    pub camera: &'static str,
    /// There is none.
    pub camera_none: &'static str,
    /// What to do.
    pub camera_help: &'static str,
    /// Pictures seen: how many, of how many.
    pub pictures_seen: fn(u32, u32) -> String,
    /// The cart is here.
    pub taken: &'static str,
    /// A shopper's own cart.
    pub your_cart: &'static str,
    /// Calls somebody.
    pub ask_team: &'static str,
    /// What to do.
    pub ask_team_help: &'static str,
    /// They know.
    pub team_told: &'static str,
    /// Somebody waits at a kiosk: its number, where it has one, and since when.
    pub kiosk_asks: fn(Option<u16>, &str) -> String,
    /// Somebody goes there.
    pub on_my_way: &'static str,
    /// What happens to it.
    pub kiosk_promise: &'static str,
}
