//! What people do at a screen, in their words. It works in a browser and in the window alike.

use crate::browser::Browser;
use crate::until::until;
use anyhow::{Result, bail};

impl Browser {
    /// An associate taps her face and types her PIN.
    ///
    /// # Errors
    /// When the tablet does not let her in.
    pub async fn sign_in(&self, (associate, pin): (&str, &str)) -> Result<()> {
        self.click(&format!("face-{associate}")).await?;
        self.find("pin-pad").await?;
        for digit in pin.chars() {
            self.click(&format!("pin-{digit}")).await?;
        }
        self.click("pin-done").await?;
        self.find("people-search").await.map(|_| ())
    }

    /// Types into a search and waits, as people do, until the rows are those that she asked for.
    ///
    /// # Errors
    /// When the rows do not come.
    pub async fn search(&self, search: &str, rows: &str, text: &str) -> Result<()> {
        self.type_into(search, text).await?;
        self.wait_for_value(search, text).await?;
        let look = || async {
            let rows = self.find(rows).await?;
            let busy = rows.attr("aria-busy").await?;
            let answers = rows.attr("data-for").await?.unwrap_or_default();
            if busy.as_deref() == Some("false") && answers == text {
                Ok(Some(()))
            } else {
                bail!("busy: {busy:?}, they answer “{answers}”")
            }
        };
        until(&format!("{rows} for “{text}”"), look).await
    }

    /// Searches for people and opens the one who has this number.
    ///
    /// # Errors
    /// When she is not found.
    pub async fn open_customer(&self, typed: &str, customer: &str) -> Result<()> {
        self.search("people-search", "people-hits", typed).await?;
        let row = format!("[data-testid='customer-hit'][data-customer='{customer}']");
        self.click_by(&row).await?;
        let card = format!("[data-testid='card'][data-customer='{customer}']");
        self.find_by(&card).await.map(|_| ())
    }

    /// Writes a note on the card that is open.
    ///
    /// # Errors
    /// When it does not appear on the card.
    pub async fn write_note(&self, text: &str) -> Result<()> {
        self.type_into("note-input", text).await?;
        self.wait_for_value("note-input", text).await?;
        self.click("note-save").await?;
        self.wait_for_text("note", text).await
    }
}
