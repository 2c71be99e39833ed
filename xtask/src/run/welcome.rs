//! What the user reads once the store is open: where everything is, and the
//! demo store's PINs.

use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Plan;
use super::open::{Host, STORE, url};
use crate::paths;

/// One of the people in the demo store.
#[derive(Deserialize)]
struct Associate {
    name: String,
    role: String,
    store: String,
    pin: String,
}

/// The addresses and PINs, as one text.
///
/// # Errors
/// When the demo store's associates cannot be read.
pub(super) fn welcome(plan: &Plan) -> Result<String> {
    let mut text = addresses(plan);
    text.push_str("\n  PINs of the demo store:\n");
    for associate in associates()? {
        let Associate {
            name, role, pin, ..
        } = associate;
        text.push_str(&format!("    {pin}  {name}, {role}\n"));
    }
    text.push_str(&format!("\n  Data and logs: {}\n", plan.data.display()));
    text.push_str("  Ctrl-C stops everything.");
    Ok(text)
}

fn addresses(plan: &Plan) -> String {
    let tablet = url(plan.port_of(Host::Tablet));
    let kiosk = url(plan.port_of(Host::Kiosk));
    let shop = url(plan.port);
    let (associate, manager) = if plan.window {
        ("the window".to_owned(), "the window".to_owned())
    } else {
        (format!("{tablet}/associate"), format!("{tablet}/manager"))
    };
    format!(
        "\nAisle is open.\n  \
         Associate  {associate}\n  \
         Manager    {manager}\n  \
         Kiosk      {kiosk}/kiosk\n  \
         Demo shop  {shop}/shop/\n"
    )
}

/// The people of the store that the devices join.
fn associates() -> Result<Vec<Associate>> {
    let file = paths::root().join("assets/demo/associates.json");
    let text =
        fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut associates: Vec<Associate> = serde_json::from_str(&text)
        .with_context(|| format!("{} is not as expected", file.display()))?;
    associates.retain(|associate| associate.store == STORE);
    Ok(associates)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn plan(window: bool) -> Plan {
        Plan {
            data: PathBuf::from("data"),
            import: Vec::new(),
            port: 4170,
            window,
        }
    }

    #[test]
    fn every_address_is_printed() {
        let text = addresses(&plan(false));
        for address in [
            "http://127.0.0.1:4171/associate",
            "http://127.0.0.1:4171/manager",
            "http://127.0.0.1:4172/kiosk",
            "http://127.0.0.1:4170/shop/",
        ] {
            assert!(text.contains(address), "{address}");
        }
        assert!(addresses(&plan(true)).contains("the window"));
    }

    #[test]
    fn the_store_has_somebody_to_sign_in_as() {
        let associates = associates().unwrap();
        assert!(
            associates
                .iter()
                .any(|associate| associate.role == "manager")
        );
        assert!(
            associates
                .iter()
                .any(|associate| associate.role == "associate")
        );
    }
}
