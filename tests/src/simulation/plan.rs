//! What will happen in a run, drawn from its seed before it begins, so that a failing run can be cut short.

use super::chance::Chance;
use super::ledger::Rates;

/// A thousand of this is a second of virtual time.
pub(super) const SECOND: u64 = 1_000;
/// How long a run of many actions takes.
const DAY_MS: u64 = 86_400 * SECOND;

/// One thing that happens at its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// An associate adds a note.
    AddNote {
        device: usize,
        customer: u64,
        version: u32,
    },
    /// She changes one that she sees.
    ChangeNote { device: usize, pick: u64 },
    /// She takes one away that she sees.
    RemoveNote { device: usize, pick: u64 },
    /// She adds a note on somebody whom the cloud does not know, or whom it knows in another store.
    AddBadNote { device: usize, which: u64 },
    /// She sets a refused command aside, or mends it.
    Attend { device: usize, mend: bool },
    /// The cloud changes an entity of one of its feeds.
    Change { store: usize, what: u64, pick: u64 },
    /// The cloud takes an entity away.
    Delete { store: usize, what: u64, pick: u64 },
    /// The device is killed at once and starts again after so long.
    Kill {
        device: usize,
        down_ms: u64,
        torn: bool,
    },
    /// The device has no network for so long.
    Offline { device: usize, for_ms: u64 },
    /// The device's clock jumps to so many seconds off.
    Skew { device: usize, by_s: i64 },
    /// The device's disk is full for so long.
    Full { device: usize, for_ms: u64 },
    /// The device is revoked.
    Revoke { device: usize },
    /// The device moves to the other store.
    MoveStore { device: usize },
    /// A row of the device's file is spoilt.
    Corrupt { device: usize, pick: u64 },
    /// A copy of the device's files is kept, to be put back by the next one.
    TabletBackup { device: usize },
    /// The device's files are those of its copy again.
    TabletRestore { device: usize },
    /// An older program finds the file of a newer one.
    Downgrade { device: usize },
    /// The cloud's instances end and start.
    CloudRestart { instances: usize },
    /// A copy of the ledger is kept, to be put back by the next one.
    Backup,
    /// The ledger is what it was at its copy, in another life where `anew`.
    Restore { anew: bool },
    /// A snapshot is built and old entries go.
    Compact,
    /// Everybody sleeps for a month.
    Month,
}

/// How often messages go wrong, in a thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Network {
    /// The request is lost.
    pub lost: u64,
    /// A gateway refuses it.
    pub refused: u64,
    /// It arrives twice.
    pub repeated: u64,
    /// It arrives late, perhaps after its sender gave up.
    pub late: u64,
    /// The answer is lost.
    pub answer_lost: u64,
    /// Half of the answer comes.
    pub half: u64,
    /// The device is killed after an effect.
    pub kill: u64,
}

/// A device of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cast {
    /// Kiosk, or else tablet.
    pub is_kiosk: bool,
    /// In which store it begins.
    pub store: usize,
    /// When it first starts, ms.
    pub from_ms: u64,
}

/// Everything that is drawn beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The seed, from which chance on the way is drawn, too.
    pub seed: u64,
    /// Who takes part.
    pub devices: Vec<Cast>,
    /// How many instances of the functions there are at first.
    pub instances: usize,
    /// Whether the instances hear each other's pokes.
    pub shared_pokes: bool,
    /// Faults of the ledger.
    pub ledger: Rates,
    /// Faults of the network.
    pub network: Network,
    /// What happens, by time.
    pub(super) actions: Vec<(u64, Action)>,
    /// When calm comes, ms.
    pub until_ms: u64,
    /// The rows of a device are looked at after every so many effects: in a large store each look is long.
    pub look_every: u64,
}

/// How much there is in a plan.
struct Size {
    devices: (u64, u64),
    seconds: (u64, u64),
    actions: (u64, u64),
}

/// What is drawn mostly.
const FULL: Size = Size {
    devices: (2, 5),
    seconds: (30, 240),
    actions: (15, 70),
};
/// Little happens, at close quarters: many of these show what few of the others do.
const SHORT: Size = Size {
    devices: (2, 3),
    seconds: (4, 40),
    actions: (4, 16),
};
/// What happens on a Saturday in a store with 200 devices.
const SALES: u64 = 1_000;

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub fn draw(seed: u64) -> Self {
        Self::sized(seed, &FULL)
    }

    /// A plan of a seed with a few actions only.
    #[must_use]
    pub fn short(seed: u64) -> Self {
        Self::sized(seed, &SHORT)
    }

    fn sized(seed: u64, size: &Size) -> Self {
        let mut chance = Chance::new(seed ^ 0xA15E_0000);
        let count = chance.between(size.devices.0, size.devices.1);
        let devices = (0..count)
            .map(|index| cast(&mut chance, index))
            .collect::<Vec<_>>();
        let until_ms = chance.between(size.seconds.0, size.seconds.1) * SECOND;
        let count = chance.between(size.actions.0, size.actions.1);
        let actions = actions(&mut chance, devices.len(), until_ms, count);
        Self {
            seed,
            devices,
            instances: chance.index(3) + 1,
            shared_pokes: chance.permille(600),
            ledger: ledger(&mut chance),
            network: network(&mut chance),
            actions,
            until_ms,
            look_every: 1,
        }
    }

    /// A busy day of one store with 200 devices.
    #[must_use]
    pub fn saturday(seed: u64) -> Self {
        let mut chance = Chance::new(seed ^ 0x5A70_0000);
        let devices = (0..200)
            .map(|index| Cast {
                is_kiosk: index % 10 == 9,
                store: 0,
                from_ms: chance.below(20 * 60 * SECOND),
            })
            .collect::<Vec<_>>();
        let until_ms = 10 * 3_600 * SECOND;
        let mut actions: Vec<_> = (0..SALES)
            .map(|_| (chance.below(until_ms), sale(&mut chance)))
            .collect();
        actions.sort_by_key(|(at, _)| *at);
        Self {
            devices,
            instances: 3,
            shared_pokes: true,
            ledger: Rates {
                throttled: 2,
                done_untold: 1,
                lost_untold: 1,
                paged: 20,
                slow: 20,
            },
            network: Network {
                lost: 2,
                refused: 2,
                repeated: 2,
                late: 3,
                answer_lost: 2,
                half: 1,
                // Batteries and programs end by actions.
                kill: 0,
            },
            actions,
            until_ms,
            look_every: 499,
            seed,
        }
    }

    /// How many actions there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.actions.len()
    }

    /// Whether nothing happens but faults.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    /// With all devices' clocks off by so many seconds, and else the same.
    #[must_use]
    pub fn with_clocks_off_by(&self, seconds: i64) -> Self {
        let mut plan = self.clone();
        plan.actions
            .retain(|(_, action)| !matches!(action, Action::Skew { .. }));
        let devices = 0..plan.devices.len();
        let skews = devices.map(|device| {
            (
                0,
                Action::Skew {
                    device,
                    by_s: seconds,
                },
            )
        });
        plan.actions.splice(0..0, skews);
        plan
    }

    /// Without backups: only the model can be put back.
    #[must_use]
    pub fn without_restores(mut self) -> Self {
        self.actions
            .retain(|(_, action)| !matches!(action, Action::Backup | Action::Restore { .. }));
        self
    }

    /// Without faults of ledger and network.
    pub fn calm(&mut self) {
        self.ledger = Rates::default();
        self.network = Network::default();
    }
}

fn cast(chance: &mut Chance, index: u64) -> Cast {
    Cast {
        is_kiosk: index > 0 && chance.permille(200),
        store: usize::from(chance.permille(250)),
        from_ms: if chance.permille(700) {
            0
        } else {
            chance.below(60 * SECOND)
        },
    }
}

/// Every fourth run has no faults of a kind, so that others show alone.
fn rate(chance: &mut Chance, most: u64) -> u64 {
    if chance.permille(250) {
        0
    } else {
        chance.below(most)
    }
}

fn ledger(chance: &mut Chance) -> Rates {
    Rates {
        throttled: rate(chance, 30),
        done_untold: rate(chance, 60),
        lost_untold: rate(chance, 60),
        paged: rate(chance, 400),
        slow: rate(chance, 400),
    }
}

fn network(chance: &mut Chance) -> Network {
    Network {
        lost: rate(chance, 80),
        refused: rate(chance, 60),
        repeated: rate(chance, 100),
        late: rate(chance, 100),
        answer_lost: rate(chance, 120),
        half: rate(chance, 40),
        kill: rate(chance, 30),
    }
}

fn actions(chance: &mut Chance, devices: usize, until_ms: u64, count: u64) -> Vec<(u64, Action)> {
    let mut actions: Vec<_> = (0..count)
        .map(|_| (chance.below(until_ms), action(chance, devices)))
        .collect();
    // By time; drawn order breaks ties.
    actions.sort_by_key(|(at, _)| *at);
    actions
}

fn action(chance: &mut Chance, devices: usize) -> Action {
    let device = chance.index(devices);
    let pick = chance.draw();
    let store = chance.index(2);
    match chance.below(1_000) {
        0..290 => Action::AddNote {
            device,
            customer: chance.below(3),
            version: if chance.permille(600) { 2 } else { 1 },
        },
        290..400 => Action::ChangeNote { device, pick },
        400..470 => Action::RemoveNote { device, pick },
        470..500 => Action::AddBadNote {
            device,
            which: pick,
        },
        500..530 => Action::Attend {
            device,
            mend: chance.permille(500),
        },
        530..700 => Action::Change {
            store,
            what: chance.below(6),
            pick,
        },
        700..740 => Action::Delete {
            store,
            what: chance.below(6),
            pick,
        },
        740..800 => Action::Kill {
            device,
            down_ms: chance.below(20 * SECOND),
            torn: chance.permille(400),
        },
        800..850 => Action::Offline {
            device,
            for_ms: chance.below(90 * SECOND),
        },
        850..862 => Action::Skew {
            device,
            by_s: skew(chance),
        },
        862..890 => Action::Full {
            device,
            for_ms: chance.below(60 * SECOND),
        },
        890..897 => Action::Revoke { device },
        897..907 => Action::MoveStore { device },
        907..915 => Action::Corrupt { device, pick },
        915..925 => Action::TabletBackup { device },
        925..932 => Action::TabletRestore { device },
        932..937 => Action::Downgrade { device },
        937..960 => Action::CloudRestart {
            instances: chance.index(3) + 1,
        },
        960..965 => Action::Backup,
        965..974 => Action::Restore {
            anew: chance.permille(500),
        },
        974..997 => Action::Compact,
        _ => Action::Month,
    }
}

/// What happens on a Saturday: mostly work, now and then a dead zone of the network or an empty battery.
fn sale(chance: &mut Chance) -> Action {
    let device = chance.index(200);
    let pick = chance.draw();
    match chance.below(100) {
        0..35 => Action::AddNote {
            device,
            customer: pick,
            version: 2,
        },
        35..45 => Action::ChangeNote { device, pick },
        45..48 => Action::RemoveNote { device, pick },
        48..94 => Action::Change {
            store: 0,
            what: pick % 6,
            pick,
        },
        94..97 => Action::Offline {
            device,
            for_ms: chance.below(600 * SECOND),
        },
        97..99 => Action::Kill {
            device,
            down_ms: chance.below(120 * SECOND),
            torn: false,
        },
        _ => Action::Compact,
    }
}

/// Up to ten years to either side.
fn skew(chance: &mut Chance) -> i64 {
    let span = 10 * 365 * DAY_MS / SECOND;
    i64::try_from(chance.below(2 * span)).unwrap_or(0) - i64::try_from(span).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_plans_the_same() {
        assert_eq!(Plan::draw(3), Plan::draw(3));
        assert_ne!(Plan::draw(3).actions, Plan::draw(4).actions);
        assert!((4..=16).contains(&Plan::short(3).len()));
        assert!(Plan::draw(3).actions.is_sorted_by_key(|(at, _)| *at));
    }
}
