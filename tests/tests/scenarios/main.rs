//! The one integration binary: the architecture test and the scenarios.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, which is what it is for"
)]

mod a_board_moves_with_the_clicks;
mod a_cart_walks;
mod a_cart_walks_from_phone_to_desktop;
mod a_click_reaches_an_open_card;
mod a_guest_signs_in_and_buys;
mod a_kiosk_asks_for_somebody;
mod a_kiosk_forgets_its_guest;
mod a_note_arrives_once;
mod a_payment_times_out;
mod a_retailers_own_files_import;
mod a_tablet_is_set_back;
mod a_tablet_works_without_the_cloud;
mod a_tap_opens_what_is_under_the_finger;
mod an_associate_works_in_a_browser;
mod an_associate_works_in_the_window;
mod architecture;
mod bad_input_is_refused_in_words;
mod kills;
mod lambda_takes_what_it_is_given;
mod models;
mod nobody_is_in_the_traces;
mod on_amazon_a_click_reaches_a_tablet;
mod one_function_on_each_platform;
mod one_tap_is_one_trace;
mod races;
mod segments_clients_are_heard;
mod simulation;
mod two_tablets_change_one_note;
mod two_tablets_race_for_one_cart;
