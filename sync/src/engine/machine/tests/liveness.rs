//! Any events in any order: the machine never runs two errands of a line, never stops for good, and once faults stop
//! everything arrives without anybody writing anything.

use super::world::World;
use super::*;
use domain::api::sync::Scope;
use proptest::prelude::*;

/// Something that happens to the world.
#[derive(Debug, Clone)]
enum Step {
    Queue { readable: bool },
    Move,
    Poke,
    NeedSnapshot,
    Differ(u32),
    Restore(u64),
    Stream { opens: bool, chance: u16 },
    Fire(Timer),
    Succeed(Line),
    Fail(Line, Trouble, u16),
    Stray(Event),
}

fn line() -> impl Strategy<Value = Line> {
    prop_oneof![Just(Line::Down), Just(Line::Up)]
}

fn timer() -> impl Strategy<Value = Timer> {
    prop_oneof![line().prop_map(Timer::Line), Just(Timer::Listen)]
}

fn trouble() -> impl Strategy<Value = Trouble> {
    let reason = String::new;
    prop_oneof![
        any::<Option<u16>>().prop_map(move |told| Trouble::Offline {
            retry_after_ms: told.map(u64::from),
            reason: reason(),
        }),
        Just(Trouble::Denied { reason: reason() }),
        Just(Trouble::Gone),
        Just(Trouble::Unusable { reason: reason() }),
        Just(Trouble::Local { reason: reason() }),
        Just(Trouble::Gap {
            scope: Scope::prices()
        }),
    ]
}

fn stray() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Started),
        Just(Event::Listening),
        Just(Event::Deaf { chance: 7 }),
        timer().prop_map(Event::Fired),
        Just(Event::Done {
            errand: Errand::Renumber { expected: 99 },
            outcome: Ok(Outcome::Renumbered),
            chance: 7,
        }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop::bool::weighted(0.8).prop_map(|readable| Step::Queue { readable }),
        2 => Just(Step::Move),
        2 => Just(Step::Poke),
        1 => Just(Step::NeedSnapshot),
        1 => (1_u32..6).prop_map(Step::Differ),
        1 => (1_u64..9).prop_map(Step::Restore),
        2 => any::<(bool, u16)>().prop_map(|(opens, chance)| Step::Stream { opens, chance }),
        4 => timer().prop_map(Step::Fire),
        8 => line().prop_map(Step::Succeed),
        4 => (line(), trouble(), any::<u16>()).prop_map(|(line, trouble, chance)| Step::Fail(line, trouble, chance)),
        1 => stray().prop_map(Step::Stray),
    ]
}

fn take(world: &mut World, step: Step) {
    match step {
        Step::Queue { readable } => world.queue(readable),
        Step::Move => world.there += 1,
        Step::Poke => {
            if world.open {
                world.tell(Event::Poked);
            }
        }
        Step::NeedSnapshot => world.need_snapshot(),
        Step::Differ(repairs) => world.differs = repairs,
        Step::Restore(expected) => world.expected = expected,
        Step::Stream { opens, chance } => world.stream(opens, chance),
        Step::Fire(timer) => world.fire(timer),
        Step::Succeed(line) => world.end(line, None, 0),
        Step::Fail(line, trouble, chance) => world.end(line, Some(trouble), chance),
        // What the machine did not ask for must not confuse it; the world does not know of it either.
        Step::Stray(Event::Listening | Event::Deaf { .. }) if world.opening || world.open => {}
        Step::Stray(event) => world.tell(event),
    }
}

/// No faults and no writes any more: what is under way ends well, and timers run out.
fn go_on(world: &mut World) {
    for line in [Line::Down, Line::Up] {
        world.end(line, None, 0);
    }
    for timer in world.timers.clone() {
        world.fire(timer);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i20_everything_arrives_without_a_new_write(steps in prop::collection::vec(step(), 0..120)) {
        let mut world = World::new();
        for step in steps {
            take(&mut world, step);
        }
        let mut turns = 0;
        while !world.is_done() {
            go_on(&mut world);
            turns += 1;
            prop_assert!(turns < 300, "it does not come to rest: {:?} {:?}", world.under_way, world.timers);
        }
    }

    #[test]
    fn i13_a_revoked_device_keeps_no_rows(
        steps in prop::collection::vec(step(), 0..60),
        after in prop::collection::vec(step(), 0..30),
    ) {
        let mut world = World::new();
        for step in steps {
            take(&mut world, step);
        }
        world.revoked = true;
        for step in after {
            take(&mut world, step);
        }
        let mut turns = 0;
        while !world.engine.view().revoked || !world.under_way.is_empty() {
            go_on(&mut world);
            turns += 1;
            prop_assert!(turns < 100, "it was never told");
        }
        prop_assert!(world.purged);
        world.tell(Event::Queued);
        prop_assert!(world.under_way.is_empty());
    }
}
