//! Devices that are cut off, repeat themselves and hear things in any order end with one cart.

use super::fixture::*;
use crate::cart::*;
use crate::ids::{CommandId, LineId};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const DEVICES: usize = 3;

#[derive(Debug, Clone)]
enum Act {
    Add {
        quantity: u32,
    },
    Change {
        line: usize,
        delta: i32,
    },
    Set {
        line: usize,
        quantity: u32,
    },
    Remove {
        line: usize,
    },
    Note {
        line: usize,
    },
    /// Sends what waits; the answer may get lost, and then it is sent again.
    Push {
        heard: bool,
    },
    /// Hears of some more of the log.
    Pull {
        entries: usize,
    },
    /// Gives what waits to another device without a network.
    Show {
        to: usize,
    },
}

fn act() -> impl Strategy<Value = (usize, Act)> {
    let line = 0..6_usize;
    let action = prop_oneof![
        4 => (1_u32..5).prop_map(|quantity| Act::Add { quantity }),
        4 => (line.clone(), -3_i32..4)
            .prop_filter("moves", |(_, delta)| *delta != 0)
            .prop_map(|(line, delta)| Act::Change { line, delta }),
        2 => (line.clone(), 0_u32..9).prop_map(|(line, quantity)| Act::Set { line, quantity }),
        3 => line.clone().prop_map(|line| Act::Remove { line }),
        1 => line.prop_map(|line| Act::Note { line }),
        4 => any::<bool>().prop_map(|heard| Act::Push { heard }),
        4 => (0..9_usize).prop_map(|entries| Act::Pull { entries }),
        1 => (0..DEVICES).prop_map(|to| Act::Show { to }),
    ];
    (0..DEVICES, action)
}

struct Device {
    name: String,
    confirmed: Cart,
    heard: usize,
    waiting: Vec<CartCommand>,
    made: usize,
}

impl Device {
    fn view(&self) -> Cart {
        project(&self.confirmed, &self.waiting).0
    }

    fn do_it(&mut self, make: impl FnOnce(&str, &Cart) -> Option<Action>) {
        let id = format!("{}-{}", self.name, self.made);
        if let Some(action) = make(&id, &self.view()) {
            self.made += 1;
            self.waiting.push(command(&id, &self.name, action));
        }
    }
}

struct World {
    devices: Vec<Device>,
    cart: Cart,
    log: Vec<Entry>,
    outcomes: BTreeMap<CommandId, Outcome>,
}

impl World {
    fn new() -> Self {
        let device = |n: usize| Device {
            name: format!("d{n}"),
            confirmed: cart("k"),
            heard: 0,
            waiting: Vec::new(),
            made: 0,
        };
        Self {
            devices: (0..DEVICES).map(device).collect(),
            cart: cart("k"),
            log: Vec::new(),
            outcomes: BTreeMap::new(),
        }
    }

    fn push(&mut self, place: usize, heard: bool) {
        let commands = self.devices[place].waiting.clone();
        for command in commands {
            let entry = Entry::Command(command.clone());
            let outcome = self.cart.apply(&entry).outcome;
            let before = self.outcomes.insert(command.id, outcome.clone());
            assert!(
                before.is_none_or(|before| before == outcome),
                "a repeat is answered as the first time"
            );
            self.log.push(entry);
        }
        if heard {
            self.pull(place, usize::MAX);
        }
    }

    fn pull(&mut self, place: usize, entries: usize) {
        let device = &mut self.devices[place];
        let to = device.heard.saturating_add(entries).min(self.log.len());
        for entry in &self.log[device.heard..to] {
            device.confirmed.apply(entry);
        }
        device.heard = to;
        let known = |c: &CartCommand| device.confirmed.decided.contains_key(&c.id);
        device.waiting.retain(|command| !known(command));
    }

    fn show(&mut self, from: usize, to: usize) {
        if from == to {
            return;
        }
        let device_of = |n: usize| device(&self.devices[n].name);
        let capsule = Capsule {
            opening: opening("k"),
            generation: 1,
            issuer: device_of(from),
            fence: 0,
            made_at_device: noon(),
            commands: self.devices[from].waiting.clone(),
        };
        let mine = self.devices[to].view();
        let mut taken = capsule.unknown_to(&device_of(to), Some(&mine)).unwrap();
        // Before her own, which may be about them.
        taken.append(&mut self.devices[to].waiting);
        self.devices[to].waiting = taken;
    }

    fn step(&mut self, place: usize, act: &Act) {
        let nth = |cart: &Cart, n: usize| cart.lines.get(n).cloned();
        match act {
            Act::Push { heard } => self.push(place, *heard),
            Act::Pull { entries } => self.pull(place, *entries),
            Act::Show { to } => self.show(place, *to),
            Act::Add { quantity } => self.devices[place]
                .do_it(|id, _| Some(new_line(&format!("l-{id}"), "mug", *quantity))),
            Act::Change { line, delta } => {
                self.devices[place].do_it(|_, cart| nth(cart, *line).map(|line| line.step(*delta)));
            }
            Act::Set { line, quantity } => {
                self.devices[place].do_it(|_, cart| {
                    nth(cart, *line).map(|line| set(line.id.as_str(), *quantity, line.version))
                });
            }
            Act::Remove { line } => {
                self.devices[place].do_it(|_, cart| {
                    nth(cart, *line).map(|line| Action::RemoveLine {
                        observed: line.observed(),
                        line_id: line.id,
                    })
                });
            }
            Act::Note { line } => {
                self.devices[place].do_it(|id, cart| {
                    nth(cart, *line).map(|line| Action::NoteLine {
                        line_id: line.id,
                        text: format!("note {id}"),
                    })
                });
            }
        }
    }

    /// The network is whole again.
    fn settle(&mut self) {
        for place in 0..DEVICES {
            self.push(place, true);
        }
        for place in 0..DEVICES {
            self.pull(place, usize::MAX);
        }
    }
}

fn commands(log: &[Entry]) -> impl Iterator<Item = &CartCommand> {
    log.iter().filter_map(|entry| match entry {
        Entry::Command(command) => Some(command),
        _ => None,
    })
}

/// I18, by a model that knows only sets: a line is there if its add came and nobody who saw it took it away.
fn expected_lines(log: &[Entry]) -> BTreeSet<CommandId> {
    let seen_and_removed: BTreeSet<_> = commands(log)
        .filter_map(|command| match &command.action {
            Action::RemoveLine { observed, .. } => Some(observed.added.clone()),
            _ => None,
        })
        .collect();
    commands(log)
        .filter(|command| matches!(command.action, Action::AddLine(_)))
        .map(|command| command.id.clone())
        .filter(|id| !seen_and_removed.contains(id))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_device_ends_with_the_same_cart_and_no_command_is_lost(
        acts in prop::collection::vec(act(), 1..60),
    ) {
        let mut world = World::new();
        for (place, act) in &acts {
            world.step(*place, act);
        }
        world.settle();
        let (folded, steps) = fold(opening("k"), &world.log);
        prop_assert_eq!(&folded, &world.cart, "a fold is what the cloud did");
        prop_assert_eq!(steps.len(), world.log.len());
        for device in &world.devices {
            prop_assert!(device.waiting.is_empty(), "everything was decided on");
            prop_assert_eq!(&device.confirmed, &world.cart);
        }
        let sent: BTreeSet<_> = commands(&world.log).map(|c| c.id.clone()).collect();
        let made: usize = world.devices.iter().map(|device| device.made).sum();
        prop_assert_eq!(sent.len(), made);
        prop_assert!(sent.iter().eq(world.cart.decided.keys()), "each has one decision");
    }

    #[test]
    fn i18_an_unobserved_add_survives_and_an_observed_remove_never_resurrects(
        acts in prop::collection::vec(act(), 1..60),
    ) {
        let mut world = World::new();
        for (place, act) in &acts {
            world.step(*place, act);
        }
        world.settle();
        let there: BTreeSet<_> = world.cart.lines.iter().map(|l| l.added.clone()).collect();
        prop_assert_eq!(there, expected_lines(&world.log));
        let ids: BTreeSet<&LineId> = world.cart.lines.iter().map(|line| &line.id).collect();
        prop_assert_eq!(ids.len(), world.cart.lines.len(), "no two lines have one id");
    }

    #[test]
    fn entries_that_come_in_any_order_and_twice_make_the_same_cart(
        acts in prop::collection::vec(act(), 1..40),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..80),
    ) {
        let mut world = World::new();
        for (place, act) in &acts {
            world.step(*place, act);
        }
        world.settle();
        let numbered: Vec<(u64, &Entry)> = (1..).zip(&world.log).collect();
        let mut log = CartLog::default();
        for pick in picks.iter().filter(|_| !numbered.is_empty()) {
            let (seq, entry) = *pick.get(&numbered);
            log.insert(seq, entry.clone()).unwrap();
            let ready = log.ready().count();
            let prefix = fold(opening("k"), &world.log[..ready]).0;
            prop_assert_eq!(log.cart(opening("k")), prefix, "never past a gap");
        }
        for (seq, entry) in numbered.into_iter().rev() {
            log.insert(seq, entry.clone()).unwrap();
        }
        prop_assert_eq!(log.cart(opening("k")), world.cart);
    }
}

#[test]
fn two_entries_under_one_number_are_a_fault() {
    let mut log = CartLog::default();
    let entry = |id| Entry::Command(command(id, "d", new_line("a", "mug", 1)));
    assert_eq!(log.insert(1, entry("1")), Ok(true));
    assert_eq!(log.insert(1, entry("1")), Ok(false));
    assert_eq!(log.insert(1, entry("2")), Err(LogFault::Differs { seq: 1 }));
    assert_eq!(log.insert(3, entry("3")), Ok(true));
    assert_eq!(log.ready().count(), 1);
}
