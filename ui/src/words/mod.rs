//! Every word on every screen, in every language: typed, so that a missing one does not compile.

mod ages;
mod ar;
mod cart;
mod de;
mod en;
mod es;
mod shopper;

use crate::model::age::Age;

pub use cart::CartWords;
pub use shopper::ShopperWords;

/// A language that the screens speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// Spanish.
    Es,
    /// Arabic.
    Ar,
}

impl Lang {
    /// Every language, in the order of the language button.
    pub const ALL: [Self; 4] = [Self::En, Self::De, Self::Es, Self::Ar];

    /// Its words.
    #[must_use]
    pub const fn words(self) -> &'static Words {
        match self {
            Self::En => &en::WORDS,
            Self::De => &de::WORDS,
            Self::Es => &es::WORDS,
            Self::Ar => &ar::WORDS,
        }
    }

    /// Its BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Es => "es",
            Self::Ar => "ar",
        }
    }

    /// Its own name for itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Es => "Español",
            Self::Ar => "العربية",
        }
    }

    /// `ltr` or `rtl`.
    #[must_use]
    pub const fn direction(self) -> &'static str {
        match self {
            Self::Ar => "rtl",
            _ => "ltr",
        }
    }

    /// The language of a BCP 47 tag: `de-AT` is German. `None` for one that the screens do not speak.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?;
        Self::ALL
            .into_iter()
            .find(|lang| lang.tag().eq_ignore_ascii_case(primary))
    }
}

/// The words of one language. A function makes a phrase of what it is given.
#[derive(Debug)]
pub struct Words {
    /// Closes a panel.
    pub close: &'static str,
    /// Goes back.
    pub back: &'static str,
    /// Empties a field.
    pub clear: &'static str,
    /// Asks once more.
    pub try_again: &'static str,
    /// Told to a screen reader while a skeleton is shown.
    pub loading: &'static str,
    /// No contact.
    pub offline: &'static str,
    /// In contact.
    pub online: &'static str,
    /// The next rows of a list.
    pub show_more: &'static str,
    /// Which language the screen speaks.
    pub language: &'static str,
    /// An age in a corner: `12 min`.
    pub age: fn(Age) -> String,
    /// An age in a sentence: `12 min ago`.
    pub ago: fn(Age) -> String,
    /// There is no network and the answer is not on the device.
    pub refused_offline: &'static str,
    /// Not for this role or device.
    pub refused_forbidden: &'static str,
    /// There is no such thing here.
    pub refused_not_found: &'static str,
    /// The request makes no sense.
    pub refused_invalid: &'static str,
    /// The disk is full.
    pub refused_storage: &'static str,
    /// A fault of ours.
    pub refused_fault: &'static str,
    /// Nobody is signed in any more.
    pub refused_sign_in: &'static str,
    /// Title of the faces.
    pub who_works: &'static str,
    /// Title of the PIN pad, with the name.
    pub pin_of: fn(&str) -> String,
    /// How many digits were keyed, for a screen reader.
    pub digits_entered: fn(u32) -> String,
    /// Signs in.
    pub sign_in: &'static str,
    /// Signs out.
    pub sign_out: &'static str,
    /// Takes the last digit back.
    pub delete_digit: &'static str,
    /// The PIN is wrong.
    pub wrong_pin: &'static str,
    /// Too many wrong PINs; how long to wait.
    pub locked: fn(&str) -> String,
    /// Back to the faces.
    pub someone_else: &'static str,
    /// Nobody to sign in.
    pub no_team: &'static str,
    /// What to do about it.
    pub no_team_help: &'static str,
    /// Beside the name of a manager.
    pub manager_tag: &'static str,
    /// The device belongs to no store.
    pub not_enrolled: &'static str,
    /// What to do about it.
    pub not_enrolled_help: &'static str,
    /// The device was locked out.
    pub revoked: &'static str,
    /// What to do about it.
    pub revoked_help: &'static str,
    /// The database key lies in a file.
    pub key_in_file: &'static str,
    /// The device program does not answer.
    pub no_device: &'static str,
    /// Name of the rail.
    pub navigation: &'static str,
    /// Customers.
    pub people: &'static str,
    /// The item finder.
    pub items: &'static str,
    /// The manager’s board.
    pub board: &'static str,
    /// Title of the sync panel.
    pub sync_title: &'static str,
    /// What waits to be sent.
    pub unsent: fn(u32) -> String,
    /// What was refused.
    pub attention: fn(u32) -> String,
    /// Nothing waits.
    pub all_sent: &'static str,
    /// Nothing waits, in the panel.
    pub all_sent_help: &'static str,
    /// The oldest that waits.
    pub oldest: &'static str,
    /// When the cloud last answered.
    pub last_contact: &'static str,
    /// No contact yet.
    pub never: &'static str,
    /// A note that waits.
    pub command_note: &'static str,
    /// Something else that waits.
    pub command_other: &'static str,
    /// Label of the search.
    pub search_people: &'static str,
    /// Title before anything is typed.
    pub find_someone: &'static str,
    /// How.
    pub find_someone_help: &'static str,
    /// How many customers the tablet knows; the number is written out.
    pub people_here: fn(&str) -> String,
    /// The list before anything is typed.
    pub recent_people: &'static str,
    /// Nothing found.
    pub no_people: fn(&str) -> String,
    /// What to try.
    pub no_people_help: &'static str,
    /// There are more hits.
    pub more_people: &'static str,
    /// How many hits, for a screen reader.
    pub results: fn(u32) -> String,
    /// When she was last here, with an age.
    pub last_visit: fn(&str) -> String,
    /// She has not been here.
    pub never_here: &'static str,
    /// What she looked at, and when.
    pub looked_at: fn(&str, &str) -> String,
    /// A tier.
    pub member: &'static str,
    /// A tier.
    pub silver: &'static str,
    /// A tier.
    pub gold: &'static str,
    /// What she does now.
    pub now: &'static str,
    /// What is recommended to her.
    pub for_name: fn(&str) -> String,
    /// What was.
    pub story: &'static str,
    /// Her points; the number is written out.
    pub points: fn(&str) -> String,
    /// Since when she is a customer.
    pub since: fn(i32) -> String,
    /// She allows no marketing.
    pub no_messages: &'static str,
    /// Before the channels that she allows.
    pub messages_by: &'static str,
    /// A channel.
    pub by_email: &'static str,
    /// A channel.
    pub by_sms: &'static str,
    /// A channel.
    pub by_push: &'static str,
    /// A channel.
    pub by_phone: &'static str,
    /// Label of the line.
    pub say_this: &'static str,
    /// Today is her birthday.
    pub say_birthday: fn(&str) -> String,
    /// Something of her wish list is in stock.
    pub say_wish: fn(&str, &str) -> String,
    /// Her cart waits.
    pub say_cart: fn(&str, &str, u32) -> String,
    /// She looked at something that is in stock.
    pub say_looked: fn(&str, &str) -> String,
    /// Her first visit.
    pub say_first: fn(&str) -> String,
    /// She has not been here for months.
    pub say_long: fn(&str, u32) -> String,
    /// Nothing more to say.
    pub say_welcome: fn(&str) -> String,
    /// She is on the web now.
    pub browsing_now: &'static str,
    /// She did nothing on the web lately.
    pub no_browsing: &'static str,
    /// She asked that her browsing is not shown.
    pub browsing_hidden: &'static str,
    /// She searched.
    pub searched: fn(&str) -> String,
    /// Her cart in the online shop.
    pub online_cart: &'static str,
    /// No recommendation.
    pub nothing_to_suggest: &'static str,
    /// A reason.
    pub because_viewed: fn(&str) -> String,
    /// A reason.
    pub because_bought_with: fn(&str) -> String,
    /// A reason.
    pub because_bought_before: fn(u32) -> String,
    /// A reason.
    pub because_wished: &'static str,
    /// A reason.
    pub because_picked: &'static str,
    /// Pins a recommended item, by its title.
    pub put_first: fn(&str) -> String,
    /// Takes that back.
    pub put_back: fn(&str) -> String,
    /// Dismisses a recommended item, by its title.
    pub suggest_not: fn(&str) -> String,
    /// A reason.
    pub because_similar: fn(&str) -> String,
    /// A reason.
    pub because_popular: &'static str,
    /// A reason.
    pub because_popular_in: fn(&str) -> String,
    /// Her orders.
    pub orders: &'static str,
    /// None.
    pub no_orders: &'static str,
    /// An order of a store.
    pub in_store: &'static str,
    /// An order of the online shop.
    pub in_shop: &'static str,
    /// A return.
    pub brought_back: &'static str,
    /// Lines that a row does not name.
    pub and_others: fn(usize) -> String,
    /// Her sizes.
    pub sizes: &'static str,
    /// Her wish list.
    pub wish_list: &'static str,
    /// Her birthday.
    pub birthday: &'static str,
    /// Notes on her.
    pub notes: &'static str,
    /// None.
    pub no_notes: &'static str,
    /// Label of the field.
    pub write_note: &'static str,
    /// Keeps the note.
    pub keep_note: &'static str,
    /// Room in the note.
    pub letters_left: fn(usize) -> String,
    /// On this device, will be sent.
    pub kept: &'static str,
    /// Confirmed.
    pub sent: &'static str,
    /// Pieces here.
    pub stock_here: fn(u32) -> String,
    /// None here.
    pub stock_none: &'static str,
    /// Not counted.
    pub stock_unknown: &'static str,
    /// No valid price.
    pub no_price: &'static str,
    /// The price before.
    pub was: fn(&str) -> String,
    /// Label of the search.
    pub search_items: &'static str,
    /// No filter.
    pub all_departments: &'static str,
    /// The departments.
    pub departments: &'static str,
    /// Shows rows.
    pub as_rows: &'static str,
    /// Shows a grid.
    pub as_grid: &'static str,
    /// Nothing found.
    pub no_items: fn(&str) -> String,
    /// What to try.
    pub no_items_help: &'static str,
    /// An empty department or catalogue.
    pub no_items_here: &'static str,
    /// What to do about an empty list before the first sync.
    pub comes_later: &'static str,
    /// The variants of a style.
    pub variants: &'static str,
    /// The SKU.
    pub number: &'static str,
    /// A shelf.
    pub for_you: &'static str,
    /// A shelf.
    pub popular: &'static str,
    /// A shelf.
    pub similar: &'static str,
    /// A shelf.
    pub bought_together: &'static str,
    /// A scan that leads nowhere.
    pub scan_nothing: fn(&str) -> String,
    /// A card that is not known here.
    pub scan_card_unknown: &'static str,
    /// Title of the attract screen.
    pub attract: &'static str,
    /// An invitation.
    pub browse: &'static str,
    /// Under it.
    pub browse_help: &'static str,
    /// An invitation.
    pub its_me: &'static str,
    /// Under it.
    pub its_me_help: &'static str,
    /// An invitation.
    pub scan: &'static str,
    /// Under it.
    pub scan_help: &'static str,
    /// What to do with the scanner.
    pub scan_now: &'static str,
    /// Items in a department.
    pub items_count: fn(u32) -> String,
    /// Wipes and begins again.
    pub start_over: &'static str,
    /// Moves the controls down.
    pub reach_on: &'static str,
    /// Moves them up again.
    pub reach_off: &'static str,
    /// Title of the screen.
    pub identify_title: &'static str,
    /// By card.
    pub identify_card: &'static str,
    /// By phone.
    pub identify_phone: &'static str,
    /// Looks her up.
    pub find_me: &'static str,
    /// She is not known.
    pub guest_unknown: &'static str,
    /// What becomes of her data.
    pub guest_promise: &'static str,
    /// Greets her.
    pub hello: fn(&str) -> String,
    /// She has bought before.
    pub hello_returning: &'static str,
    /// She has not.
    pub hello_new: &'static str,
    /// The warning.
    pub still_there: &'static str,
    /// What happens.
    pub still_there_help: &'static str,
    /// For a screen reader.
    pub seconds_left: fn(u32) -> String,
    /// Stays.
    pub i_am_here: &'static str,
    /// A figure.
    pub shoppers_now: &'static str,
    /// A figure.
    pub views: &'static str,
    /// A figure.
    pub adds: &'static str,
    /// A figure.
    pub sales: &'static str,
    /// How many orders made the sales; the number is written out.
    pub orders_count: fn(i64, &str) -> String,
    /// What the figures cover.
    pub last_hour: &'static str,
    /// What the shoppers cover.
    pub last_five: &'static str,
    /// What is looked at most.
    pub top_items: &'static str,
    /// Nothing is.
    pub no_top_items: &'static str,
    /// For associates.
    pub board_forbidden: &'static str,
    /// What to do.
    pub board_forbidden_help: &'static str,
    /// Label of the search.
    pub shop_search: &'static str,
    /// Headline of the first page.
    pub shop_intro: &'static str,
    /// Under it.
    pub shop_intro_help: &'static str,
    /// The cart.
    pub cart: &'static str,
    /// Adds.
    pub add_to_cart: &'static str,
    /// How many pieces of the item the cart holds.
    pub in_cart: fn(u32) -> String,
    /// Nothing in it.
    pub cart_empty: &'static str,
    /// What to do.
    pub cart_empty_help: &'static str,
    /// One piece less.
    pub fewer: &'static str,
    /// One piece more.
    pub more: &'static str,
    /// The sum.
    pub total: &'static str,
    /// Orders.
    pub check_out: &'static str,
    /// Title after the order.
    pub ordered: &'static str,
    /// With the order’s number.
    pub ordered_help: fn(&str) -> String,
    /// Back to the shop.
    pub keep_looking: &'static str,
    /// Who she says she is.
    pub account: &'static str,
    /// What is typed.
    pub account_help: &'static str,
    /// What it does.
    pub account_demo: &'static str,
    /// Who browses.
    pub signed_in_as: fn(&str) -> String,
    /// The shop cannot be reached.
    pub shop_down: &'static str,
    /// What happens to her cart.
    pub shop_down_help: &'static str,
    /// Pulling or mending, without a figure.
    pub working: &'static str,
    /// How far the first load has come, in per cent.
    pub loading_part: fn(u32) -> String,
    /// What the first load means for work.
    pub loading_help: &'static str,
    /// Something differed and is mended by itself.
    pub repairing: &'static str,
    /// Label of how many commands wait.
    pub waiting: &'static str,
    /// How old what a kiosk shows is.
    pub shown_as_of: fn(&str) -> String,
    /// Refused commands wait for somebody.
    pub needs_you: fn(u32) -> String,
    /// What that means.
    pub needs_you_help: &'static str,
    /// Goes to the repair screen.
    pub look_at_them: &'static str,
    /// Title of the repair screen.
    pub repair: &'static str,
    /// It is empty.
    pub nothing_to_mend: &'static str,
    /// What that means.
    pub nothing_to_mend_help: &'static str,
    /// What was set aside.
    pub put_aside: &'static str,
    /// Sets aside.
    pub set_aside: &'static str,
    /// Writes a file with everything that is not in the cloud.
    pub export: &'static str,
    /// It was written, under which name.
    pub exported: fn(&str) -> String,
    /// A changed note that waits.
    pub command_change: &'static str,
    /// A removed note that waits.
    pub command_removal: &'static str,
    /// About whom it is.
    pub about: fn(&str) -> String,
    /// Somebody else was quicker.
    pub why_moved: &'static str,
    /// The note is not there any more.
    pub why_gone: &'static str,
    /// The customer is unknown.
    pub why_customer: &'static str,
    /// Whoever wrote it does not work here.
    pub why_author: &'static str,
    /// Written by a program that is too old.
    pub why_old: &'static str,
    /// It makes no sense to the cloud.
    pub why_invalid: &'static str,
    /// Any other reason.
    pub why_other: &'static str,
    /// What was wanted here.
    pub yours: &'static str,
    /// What the cloud has.
    pub theirs: &'static str,
    /// Yours, where it was removed.
    pub you_removed: &'static str,
    /// Sends this one over theirs.
    pub send_mine: &'static str,
    /// Removes although it was changed.
    pub remove_anyway: &'static str,
    /// Leaves theirs.
    pub keep_theirs: &'static str,
    /// Makes a new note of it.
    pub keep_as_new: &'static str,
    /// Changes it.
    pub edit: &'static str,
    /// Sends once more.
    pub send_again: &'static str,
    /// Told after it was queued anew.
    pub mended: &'static str,
    /// Leaves everything as it was.
    pub cancel: &'static str,
    /// Keeps a change.
    pub save: &'static str,
    /// Label of the button on a note.
    pub edit_note: &'static str,
    /// Keeps a note on top.
    pub pin: &'static str,
    /// It is on top.
    pub pinned: &'static str,
    /// Takes a note away.
    pub remove_note: &'static str,
    /// Once more, to be sure.
    pub remove_sure: &'static str,
    /// Skips the navigation.
    pub skip: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_finds_its_language() {
        assert_eq!(Lang::of_tag("de-AT"), Some(Lang::De));
        assert_eq!(Lang::of_tag("AR"), Some(Lang::Ar));
        assert_eq!(Lang::of_tag("fr-FR"), None);
        assert_eq!(Lang::of_tag(""), None);
    }

    #[test]
    fn one_is_not_many() {
        let words = Lang::En.words();
        assert_eq!((words.results)(1), "1 result");
        assert_eq!((words.results)(3), "3 results");
        assert_eq!(
            (words.say_cart)("Ana", "Lamp", 1),
            "Welcome back, Ana – Lamp is waiting in the online cart"
        );
    }
}
