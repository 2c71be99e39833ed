//! English.

use super::CartWords;

pub(super) const WORDS: CartWords = CartWords {
    carts: "Cart",
    cart_of: |a| format!("Cart of {a}"),
    guest_cart: "Cart of a guest",
    no_carts: "No open carts",
    no_carts_help: "Begin one here, from a customer’s card, or take one over from another screen.",
    new_cart: "New cart",
    all_carts: "All carts",
    open_this: "Open cart",
    open_carts: "Open carts",
    no_open_carts: "No open carts.",
    open: "Open",
    add_for: |a| format!("Add to cart of {a}"),
    pieces: |a| {
        if a == 1 {
            "1 piece".to_owned()
        } else {
            format!("{a} pieces")
        }
    },
    empty: "Nothing in it yet",
    empty_help: "Scan a label, or add from an item’s page.",
    on_phone: "on the phone",
    online_shop: "in the online shop",
    at_kiosk: "at a kiosk",
    on_tablet: "on a tablet",
    quantity_of: |a| format!("Pieces of {a}"),
    fewer_of: |a| format!("One less: {a}"),
    more_of: |a| format!("One more: {a}"),
    remove_of: |a| format!("Take out: {a}"),
    note_of: |a| format!("Note on {a}"),
    each: |a| format!("{a} each"),
    removed: |a| format!("{a} taken out"),
    added: |a| format!("{a} added"),
    changed: "Changed",
    undo: "Undo",
    line_note: "Note on this line",
    line_note_help: "As a gift, to be shortened …",
    allotted: |a| format!("{a} can be sold offline"),
    goods: "Goods",
    off: "Reductions",
    tax_in: |a| format!("Tax in it, {a}"),
    tax_on: |a| format!("Tax, {a}"),
    no_total: "A price is missing",
    unsent: |a| {
        if a == 1 {
            "1 change kept on this device".to_owned()
        } else {
            format!("{a} changes kept on this device")
        }
    },
    percent_off: |a| format!("{a} off"),
    amount_off: |a| format!("{a} off each"),
    n_for_m: |take, pay, free| format!("{take} for {pay}: {free} free"),
    threshold: |a| format!("For carts from {a} on"),
    news: "Changed elsewhere",
    news_read: "Got it",
    a_line: "A line",
    news_quantity: |title, before, now, place| {
        format!("{title}: {now} instead of {before}, set {place} at the same time")
    },
    news_removed: |title, count, place| {
        format!("{title} ({count}) was taken out {place} while it was being changed")
    },
    news_twice: |a| format!("{a} was added twice; both are here"),
    news_held: |a| format!("{a}: this change came during payment and waits until that is done"),
    news_follow_up: |a| format!("{a} came after the order was made: it begins the next one"),
    news_held_refused: |a| {
        format!("{a}: a change that came during payment could not be made any more")
    },
    news_prices: |a| {
        if a == 1 {
            "The new price of 1 line was confirmed".to_owned()
        } else {
            format!("New prices of {a} lines were confirmed")
        }
    },
    news_absorbed: "Another cart was put into this one",
    news_separated: "The carts were separated again",
    news_sold_twice: "This cart was sold here without network, and elsewhere too: look at both orders",
    news_sold_apart: "Something sold without network is an order beside this cart",
    news_receipt_twice: |a| format!("Receipt {a} was given to two sales: look at both"),
    held_elsewhere: |place, until| format!("In use {place} until {until}"),
    held_now: |place| format!("In use {place}"),
    held_help: "You can change it. To check out, take it over with the code on that screen.",
    to_customer: "Customer’s card",
    whose: "Whose cart is it?",
    whose_help: "Scan the loyalty card, or find the customer here.",
    assigned: |a| format!("This is now the cart of {a}"),
    other_carts: "Other open carts",
    put_in: "Put into this cart",
    put_in_done: "Both carts are one now",
    separate: "Separate again",
    merged_away: "This cart was put into another one",
    open_that: "Open that cart",
    check_out: "Check out",
    asking: "One moment …",
    due: |a| format!("{a} to pay"),
    pay_how: "How is it paid?",
    by_terminal: "Card terminal",
    by_link: "Pay link",
    by_cash: "Cash",
    paying: "Waiting for the payment",
    paying_help: "Nothing to press here: the answer comes by itself.",
    ask_again: "Ask again",
    unknown: "It is not clear yet whether it was paid",
    unknown_help: "Do not take the money a second time. We keep asking.",
    give_up: "Stop waiting",
    give_up_in: |a| format!("Stop waiting: possible in {a}"),
    paid: "Paid",
    making_order: "The order is being made …",
    failed: "Not paid",
    failed_declined: "The payment was declined. Nothing was charged.",
    failed_no_answer: "No answer came. Should money come after all, it is given back.",
    failed_amount: "Another amount than asked for came. It is given back.",
    reopen: "Back to the cart",
    reserved: |a| format!("The goods are kept for {a}"),
    reserved_over: "The goods are no longer kept. Go back to the cart and check out again.",
    prices_title: "Prices have changed",
    prices_help: "Confirm each one with the customer.",
    agrees: "Agreed",
    take_prices: "Continue with these prices",
    price_moved: "New price",
    price_expired: "The offer has ended",
    price_new: "Had no price before",
    price_none: "No longer sold: take it out",
    total_moved: |was, now| {
        format!("The total moved from {was} to {now}. Check out again if that is fine.")
    },
    short_title: "Not enough in stock",
    short_of: |title, left| {
        if left == 0 {
            format!("{title}: none left")
        } else {
            format!("{title}: {left} left")
        }
    },
    take_what_is_left: "Take what is left",
    refused_empty: "There is nothing in the cart.",
    refused_unpriced: "A line has no price, so it cannot be sold.",
    refused_lease: "The cart is in use on another screen. Take it over first.",
    refused_lease_over: "The hold on the cart has run out. Try again.",
    refused_moved: "The cart has changed meanwhile. Look at it and check out again.",
    refused_reservation: "The goods were no longer kept. Check out again.",
    refused_unknown: "It is not clear yet whether it was paid. Ask again in a moment.",
    refused_late: "The order is already made.",
    refused_customer: "This is another customer’s cart.",
    refused_full: "The cart is full.",
    refused_line: "This line was taken out meanwhile.",
    refused_other: "That is not possible right now. Look at the cart and try again.",
    sell_here: "Sell without network",
    sell_help: "The sale is kept on this tablet and sent later.",
    sell_short: "Without network only what is set aside for this tablet can be sold:",
    sell_short_of: |title, wanted, allotted| {
        format!("{title}: {wanted} in the cart, {allotted} set aside")
    },
    cash_taken: "Cash taken",
    terminal_taken: "Paid by card",
    slip: "Number on the terminal’s slip",
    receipt: "Receipt",
    till: |a| format!("Till {a}"),
    sold_by: |a| format!("Served by {a}"),
    print: "Print",
    bought: "Bought",
    paid_with: "Paid",
    reference: "Reference",
    show_receipt: "Show the receipt",
    sale_kept: "Kept on this tablet, will be sent",
    given_back: "Given back",
    take_back: "Take goods back",
    take_back_help: "Choose the pieces that come back.",
    can_come_back: |a| format!("{a} can come back"),
    give_back: |a| format!("Give back {a}"),
    give_back_done: |a| format!("{a} given back"),
    all_back: "Everything of this order has come back.",
    find_receipt: "Receipt number",
    find: "Find",
    hand_over: "Hand over",
    to_phone: "Hand to phone",
    hand_scan: "Scan it with a phone’s camera or the other device",
    hand_type: "or type this code there",
    ends_in: |a| format!("Ends in {a}"),
    code_ended: "The code has ended",
    new_code: "New code",
    qr_label: "QR code that hands this cart over",
    capsule_help: "No network needed: the other tablet scans all pictures. To check out, a network is needed.",
    picture: |a, b| format!("Picture {a} of {b}"),
    use_capsule: "Hand over without network",
    next_picture: "Next picture",
    pause: "Stop here",
    take_over: "Take over",
    take_help: "Scan the QR of the other screen, or type its code.",
    code: "Code",
    code_bad: "A code has eight letters and digits",
    code_unknown: "This code is not known, was used, or has ended",
    camera: "Use the camera",
    camera_none: "There is no camera here that can be used. Type the code, or use a scanner.",
    camera_help: "Hold the QR before the camera",
    pictures_seen: |a, b| format!("{a} of {b} pictures seen"),
    taken: "The cart is here",
    your_cart: "Your cart",
    ask_team: "Ask the team",
    ask_team_help: "Show this code to anybody of the team. They take your cart over and help you finish.",
    team_told: "The team knows that you wait here.",
    kiosk_asks: |kiosk, since| {
        let which = kiosk.map_or_else(|| "A kiosk".to_owned(), |number| format!("Kiosk {number}"));
        format!("{which} asks for somebody · {since}")
    },
    on_my_way: "On my way",
    kiosk_promise: "The cart is wiped from this screen when you leave. Take it along on your phone.",
};
