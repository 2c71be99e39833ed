//! Associate, kiosk and manager, in a window or a browser.

fn main() {
    ui::show_app();
}
