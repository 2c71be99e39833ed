//! When a kiosk that nobody touches warns, and when it wipes everything.
//!
//! Pure: the caller says when somebody touched it and what time it is.

/// Seconds without a touch until the warning, where the address says nothing else.
pub const IDLE_S: f64 = 60.0;
/// Seconds that the warning stays, where the address says nothing else.
pub const WARN_S: f64 = 15.0;

/// How long a kiosk waits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patience {
    /// Seconds until the warning.
    pub idle_s: f64,
    /// Seconds from the warning to the wipe.
    pub warn_s: f64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            idle_s: IDLE_S,
            warn_s: WARN_S,
        }
    }
}

impl Patience {
    /// Reads `?idle=2&warn=2`; what is missing, not a number or not above zero keeps its default.
    #[must_use]
    pub fn from_query(query: &str) -> Self {
        let read = |name: &str| {
            let mut pairs = query.trim_start_matches('?').split('&');
            let value = pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
            let seconds: f64 = value.parse().ok()?;
            (seconds > 0.0 && seconds <= 3_600.0).then_some(seconds)
        };
        Self {
            idle_s: read("idle").unwrap_or(IDLE_S),
            warn_s: read("warn").unwrap_or(WARN_S),
        }
    }

    /// Where a kiosk stands that was last touched `untouched_s` seconds ago.
    #[must_use]
    pub fn phase(self, untouched_s: f64) -> Phase {
        let left_s = self.idle_s + self.warn_s - untouched_s;
        if untouched_s < self.idle_s {
            Phase::Awake
        } else if left_s > 0.0 {
            Phase::Warning { left_s }
        } else {
            Phase::Over
        }
    }
}

/// Where a kiosk stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Phase {
    /// Somebody is here.
    Awake,
    /// Perhaps nobody is: asks.
    Warning {
        /// Seconds until the wipe.
        left_s: f64,
    },
    /// Nobody is: everything of hers is wiped.
    Over,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_warns_before_it_wipes() {
        let patience = Patience::default();
        assert_eq!(patience.phase(0.0), Phase::Awake);
        assert_eq!(patience.phase(59.9), Phase::Awake);
        assert_eq!(patience.phase(60.0), Phase::Warning { left_s: 15.0 });
        assert_eq!(patience.phase(75.0), Phase::Over);
    }

    #[test]
    fn an_address_may_shorten_it() {
        let patience = Patience::from_query("?idle=2&warn=0.5");
        assert_eq!((patience.idle_s, patience.warn_s), (2.0, 0.5));
        for odd in ["", "?idle=0&warn=-1", "?idle=soon", "?idle=99999999"] {
            assert_eq!(Patience::from_query(odd), Patience::default(), "{odd}");
        }
    }
}
