//! Where a shopper is at a kiosk, and how she came there. It stands in no address: a wipe leaves nothing to go back to.

use domain::ids::{DepartmentId, Sku};

/// The longest way back.
const STEPS_MAX: usize = 20;

/// A screen of the kiosk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Stop {
    /// Nobody is here: three invitations.
    #[default]
    Attract,
    /// Departments, and what many like.
    Browse,
    /// The items of a department.
    Department(DepartmentId),
    /// One item.
    Item(Sku),
    /// She says who she is.
    Identify,
    /// How to scan.
    Scan,
    /// Her own home.
    Home,
    /// Her cart.
    Cart,
}

/// The way that she came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trail(Vec<Stop>);

impl Trail {
    /// Where she is.
    #[must_use]
    pub fn here(&self) -> Stop {
        self.0.last().cloned().unwrap_or_default()
    }

    /// Goes on. The beginning is forgotten before the way becomes too long.
    pub fn go(&mut self, stop: Stop) {
        if self.here() == stop {
            return;
        }
        if self.0.len() >= STEPS_MAX {
            self.0.remove(0);
        }
        self.0.push(stop);
    }

    /// Goes on from a screen that nobody comes back to: identifying is done once.
    pub fn replace(&mut self, stop: Stop) {
        self.0.pop();
        self.go(stop);
    }

    /// Goes back one step.
    pub fn back(&mut self) {
        self.0.pop();
    }

    /// Forgets everything.
    pub fn wipe(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn she_goes_back_the_way_she_came() {
        let mut trail = Trail::default();
        assert_eq!(trail.here(), Stop::Attract);
        trail.go(Stop::Browse);
        trail.go(Stop::Browse);
        trail.go(Stop::Identify);
        trail.replace(Stop::Home);
        assert_eq!(trail.here(), Stop::Home);
        trail.back();
        assert_eq!(trail.here(), Stop::Browse);
        trail.back();
        trail.back();
        assert_eq!(trail.here(), Stop::Attract);
    }

    #[test]
    fn the_way_is_bounded_and_a_wipe_leaves_nothing() {
        let mut trail = Trail::default();
        for n in 0..100 {
            trail.go(Stop::Item(Sku::parse(format!("s-{n}")).unwrap()));
        }
        assert_eq!(trail.0.len(), STEPS_MAX);
        trail.wipe();
        assert_eq!(trail, Trail::default());
    }
}
