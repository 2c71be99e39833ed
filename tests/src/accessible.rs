//! Whether people can use a screen with a keyboard, a screen reader, or weak eyes: what axe-core finds.

use crate::browser::Browser;
use crate::paths;
use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

/// WCAG 2.2 up to level AA.
const RUN: &str = "const done = arguments[0]; \
    axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}) \
        .then(found => done(JSON.stringify(found.violations.map(one => ({ \
            rule: one.id, help: one.help, where: one.nodes.map(node => node.html) \
        }))))) \
        .catch(error => done(JSON.stringify([{rule: 'axe', help: String(error), where: []}])))";

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only shown, where there is something to show")]
struct Violation {
    rule: String,
    help: String,
    #[serde(rename = "where")]
    places: Vec<String>,
}

impl Browser {
    /// Fails where the page as it is now violates WCAG 2.2 AA.
    ///
    /// # Errors
    /// With what is violated, and where; or when axe-core is not installed.
    pub async fn check_accessible(&self) -> Result<()> {
        let file = paths::root().join("tests/peers/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(file)
            .context("axe-core is not installed: `cargo xtask test` does it")?;
        self.driver.execute(axe, Vec::new()).await?;
        let found = self.driver.execute_async(RUN, Vec::new()).await?;
        let found: String = found.convert()?;
        let violations: Vec<Violation> = serde_json::from_str(&found)?;
        if violations.is_empty() {
            Ok(())
        } else {
            bail!("the page is not accessible: {violations:#?}")
        }
    }
}
