//! How a race ends: nobody taps any more, nothing goes wrong any more, and every checkout comes to its end.

use super::world::{CARTS, Races};
use crate::simulation::ledger::Rates;
use crate::simulation::violation::Violation;
use anyhow::{Context, Result};
use cloud_functions::functions::cart;
use domain::cart::{Cart, Status};

/// How often upkeep runs before what has not ended counts as stuck.
const ROUNDS: usize = 12;
/// How often what waits on tablets is sent before it counts as stuck.
const PUSHES: usize = 20;
/// Longer than goods are kept back, and than a payment is in doubt, s.
const ROUND_SECONDS: u64 = 20 * 60;

impl Races {
    /// Calls end, then upkeep alone has to bring everything to its end.
    pub(super) async fn come_to_rest(&mut self) -> Result<()> {
        self.cloud.ledger.set_rates(Rates::default());
        self.provider.calm();
        self.finish_calls()?;
        self.send_the_rest(PUSHES)?;
        self.gate.set_open(true);
        for _ in 0..ROUNDS {
            self.pass_seconds(ROUND_SECONDS);
            let services = self.cloud.services(0).context("there is an instance")?;
            cart::upkeep(services).await;
        }
        for cart in self.carts()? {
            if let Status::Checkout(checkout) = &cart.status {
                let what = format!("{} is still at {checkout:?}", cart.opening.id);
                self.violations.push(Violation::new("rest", what));
            }
        }
        Ok(())
    }

    /// All carts, as they lie in the ledger.
    pub(super) fn carts(&self) -> Result<Vec<Cart>> {
        let model = self.cloud.ledger.backup().context("a model")?;
        let mut carts = Vec::new();
        for number in 0..CARTS {
            let key = cloud_functions::feed::entity_key("cart", &format!("k-{number}"));
            if let Some(stored) = model.read(&key) {
                carts.push(serde_json::from_str(&stored.body)?);
            }
        }
        Ok(carts)
    }
}
