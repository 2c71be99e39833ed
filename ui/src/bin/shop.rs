//! The demo shop: a storefront whose clicks go through ingest.

fn main() {
    ui::show_shop();
}
