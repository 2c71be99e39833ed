//! A flash sale, drawn from a seed: who comes when, and what each does.
//!
//! Visits begin as a Poisson process whose rate climbs from nothing, stays, and falls to nothing, whatever the server
//! does; within a visit one thing follows the other, and waits for its answer (a partly open system: Schroeder, Wierman,
//! Harchol-Balter, "Open versus closed: a cautionary tale", NSDI 2006).

use aisle_tests::simulation::chance::Chance;
use std::time::Duration;

/// Requests of a visit on average; with it a rate of requests becomes one of visits.
const PER_VISIT: f64 = 10.4;
/// What somebody thinks between two requests, on average, in seconds.
const THINKS_S: f64 = 0.8;
/// Of a thousand items that are looked at, how many are in the sale.
const SALE_PERMILLE: u64 = 700;
/// Of a thousand visits, in how many something goes into the cart.
const CART_PERMILLE: u64 = 500;
/// Of a thousand carts, how many are checked out.
const BUY_PERMILLE: u64 = 600;
/// The most items that one visit looks at.
const MAX_LOOKS: u64 = 5;

/// A request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Act {
    /// Reads a page of the catalogue.
    Browse,
    /// Reads the shelves of the front page.
    Shelves,
    /// Tells that the item at this place of the list was looked at.
    Look(usize),
    /// Reads what goes with it.
    Beside(usize),
    /// Becomes a guest.
    Guest,
    /// Begins a cart.
    Begin,
    /// Puts the item into it.
    Add(usize),
    /// Takes it in hand.
    Lease,
    /// Freezes it.
    CheckOut,
    /// Pays.
    Pay,
}

/// What somebody does: each act with the pause before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Visit {
    /// After the doors open.
    pub(crate) begins: Duration,
    pub(crate) acts: Vec<(Duration, Act)>,
}

/// How large a sale is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sale {
    pub(crate) seed: u64,
    /// Requests a second where it is busiest.
    pub(crate) peak: u32,
    /// How long people come, in seconds.
    pub(crate) seconds: u32,
    /// Items in the catalogue, and how many of them, the first, are in the sale.
    pub(crate) items: usize,
    pub(crate) on_sale: usize,
}

impl Sale {
    /// All visits, by when they begin.
    pub(crate) fn visits(&self) -> Vec<Visit> {
        let mut chance = Chance::new(self.seed);
        let most = f64::from(self.peak) / PER_VISIT;
        let mut visits = Vec::new();
        let mut at = 0.0;
        loop {
            // Thinning (Lewis, Shedler 1979): candidates at the highest rate, each kept as the rate of its moment says.
            at += exponential(&mut chance, 1.0 / most);
            if at >= f64::from(self.seconds) {
                return visits;
            }
            if unit(&mut chance) < self.share(at) {
                visits.push(self.visit(Duration::from_secs_f64(at), &mut chance));
            }
        }
    }

    /// The rate of a moment as a share of the highest: a third each of climbing, staying, falling.
    fn share(&self, at: f64) -> f64 {
        let third = f64::from(self.seconds) / 3.0;
        let left = f64::from(self.seconds) - at;
        (at.min(left) / third).min(1.0)
    }

    fn visit(&self, begins: Duration, chance: &mut Chance) -> Visit {
        let mut acts = vec![Act::Browse, Act::Shelves];
        let mut wanted = 0;
        for _ in 0..chance.between(1, MAX_LOOKS) {
            wanted = match chance.permille(SALE_PERMILLE) {
                true => chance.index(self.on_sale),
                false => chance.index(self.items),
            };
            acts.extend([Act::Look(wanted), Act::Beside(wanted)]);
        }
        if chance.permille(CART_PERMILLE) {
            acts.extend([Act::Guest, Act::Begin, Act::Add(wanted)]);
            if chance.permille(BUY_PERMILLE) {
                acts.extend([Act::Lease, Act::CheckOut, Act::Pay]);
            }
        }
        let mut paced = Vec::with_capacity(acts.len());
        for act in acts {
            let pause = match act {
                // A page asks for both at once.
                Act::Browse | Act::Beside(_) => 0.0,
                _ => exponential(chance, THINKS_S),
            };
            paced.push((Duration::from_secs_f64(pause), act));
        }
        Visit {
            begins,
            acts: paced,
        }
    }
}

/// `0..1`, evenly.
fn unit(chance: &mut Chance) -> f64 {
    // The upper 53 bits are what a double holds exactly.
    (chance.draw() >> 11) as f64 / (1_u64 << 53) as f64
}

fn exponential(chance: &mut Chance, mean: f64) -> f64 {
    -mean * (1.0 - unit(chance)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_one_sale_and_its_rates_are_what_was_asked_for() {
        let sale = Sale {
            seed: 7,
            peak: 2_000,
            seconds: 60,
            items: 400,
            on_sale: 5,
        };
        let visits = sale.visits();
        assert_eq!(visits, sale.visits());
        let requests: usize = visits.iter().map(|visit| visit.acts.len()).sum();
        // Two thirds of the time at the highest rate, all in all.
        let expected = 2_000.0 * 40.0;
        let off = (requests as f64 / expected - 1.0).abs();
        assert!(off < 0.05, "{requests} requests for {expected}");
        assert!(visits.is_sorted_by_key(|visit| visit.begins));
        let middle = |visit: &&Visit| (20..40).contains(&visit.begins.as_secs());
        let share = visits.iter().filter(middle).count() as f64 / visits.len() as f64;
        assert!((0.47..0.53).contains(&share), "{share}");
    }
}
