//! Where a cart is seen and changed, in words and as an icon.

use crate::words::CartWords;
use domain::cart::Channel;

/// Its name in a sentence: `on her phone`.
#[must_use]
pub const fn place(channel: Channel, words: &CartWords) -> &'static str {
    match channel {
        Channel::Phone => words.on_phone,
        Channel::Online => words.online_shop,
        Channel::Kiosk => words.at_kiosk,
        Channel::Tablet => words.on_tablet,
    }
}

/// The icon that stands for it.
#[must_use]
pub const fn drawn(channel: Channel) -> &'static str {
    match channel {
        Channel::Phone => "phone",
        Channel::Online => "globe",
        Channel::Kiosk => "store",
        Channel::Tablet => "hand",
    }
}
