//! A push: a device that queues, sends and may be killed, a network that repeats, reorders and loses, and two instances
//! of the function that may be killed as well, over a ledger whose writes may end unknown.
//!
//! A message that was ever sent stays in the network: whoever receives it may receive it again at any time, or never.
//! That is every repeat, reorder and loss at once. The effect of a command is not keyed by anything here: that it
//! happens once is due to the protocol alone.

use super::search;
use stateright::{Model, Property};
use std::collections::{BTreeMap, BTreeSet};

/// What the associate does: so many commands.
const COMMANDS: u8 = 2;
const INSTANCES: usize = 2;

/// By which rules commands are kept, sent and decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// As they are.
    Ours,
    /// The function does not look whether a number was decided.
    NoHighWaterMark,
    /// The function looks, but its write does not hold it to what it saw.
    Unconditional,
    /// Only the outcome of a command says that it was decided, and outcomes expire.
    OutcomesExpire,
    /// An unknown outcome is taken for done.
    UnknownIsDone,
    /// A command is given its number when it is sent, in memory.
    NumberedWhenSent,
    /// The screen is told before the queue is on the disk.
    ToldBeforeQueued,
}

/// A command is known by its place in the associate's work, from 0; its number is another matter.
type Command = u8;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Sync {
    device: Device,
    /// Requests and answers that were ever sent.
    requests: BTreeSet<Vec<Sent>>,
    answers: BTreeSet<Vec<Sent>>,
    instances: [Instance; INSTANCES],
    cloud: Cloud,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Device {
    /// On the disk: commands in their order, with the number that each was given.
    queue: Vec<Queued>,
    /// On the disk: the next number.
    next_cseq: u8,
    /// What the associate is doing now: lost with a kill.
    doing: Option<Command>,
    /// How many commands she began, and of which the screen told her that they are kept.
    begun: u8,
    told: BTreeSet<Command>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Queued {
    command: Command,
    cseq: Option<u8>,
    is_confirmed: bool,
}

/// A command under a number, in a request or an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Sent {
    cseq: u8,
    command: Command,
}

/// What an instance of the function is doing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Instance {
    Idle,
    At {
        request: Vec<Sent>,
        /// The command that is decided next.
        next: usize,
        phase: Phase,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Phase {
    /// It has still to read the device's state.
    Fresh,
    /// It read that this was the last number decided.
    Saw(u8),
    /// It wrote and does not know whether.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Cloud {
    last_cseq: u8,
    outcomes: BTreeMap<u8, Command>,
    /// What happened, in its order.
    effects: Vec<Command>,
}

/// What becomes of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Told,
    DoneUntold,
    LostUntold,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// The associate does something; it is queued; she is told.
    Begin,
    Queue,
    Tell,
    /// The device sends so many of the oldest, hears an answer, is killed.
    Send(usize),
    Hear(Vec<Sent>),
    KillDevice,
    /// An instance takes a request, reads the state, decides, looks for an outcome, is killed.
    Take(usize, Vec<Sent>),
    Read(usize),
    Decide(usize, Fate),
    LookUp(usize),
    Kill(usize),
    /// The outcome of a number expires.
    Expire(u8),
}

impl Model for Rules {
    type State = Sync;
    type Action = Step;

    fn init_states(&self) -> Vec<Sync> {
        vec![Sync {
            device: Device {
                queue: Vec::new(),
                next_cseq: 1,
                doing: None,
                begun: 0,
                told: BTreeSet::new(),
            },
            requests: BTreeSet::new(),
            answers: BTreeSet::new(),
            instances: [Instance::Idle, Instance::Idle],
            cloud: Cloud {
                last_cseq: 0,
                outcomes: BTreeMap::new(),
                effects: Vec::new(),
            },
        }]
    }

    fn actions(&self, sync: &Sync, steps: &mut Vec<Step>) {
        sync.device.actions(steps);
        steps.extend(sync.answers.iter().cloned().map(Step::Hear));
        for (index, instance) in sync.instances.iter().enumerate() {
            match instance {
                Instance::Idle => {
                    let requests = sync.requests.iter().cloned();
                    steps.extend(requests.map(|request| Step::Take(index, request)));
                }
                Instance::At { phase, .. } => {
                    steps.push(Step::Kill(index));
                    match phase {
                        Phase::Fresh => steps.push(Step::Read(index)),
                        Phase::Unknown => steps.push(Step::LookUp(index)),
                        Phase::Saw(_) => {
                            let fates = [Fate::Told, Fate::DoneUntold, Fate::LostUntold];
                            steps.extend(fates.map(|fate| Step::Decide(index, fate)));
                        }
                    }
                }
            }
        }
        if *self == Self::OutcomesExpire {
            steps.extend(sync.cloud.outcomes.keys().copied().map(Step::Expire));
        }
    }

    fn next_state(&self, sync: &Sync, step: Step) -> Option<Sync> {
        let mut next = sync.clone();
        match step {
            Step::Begin | Step::Queue | Step::Tell | Step::KillDevice => {
                next.device.act(*self, &step);
            }
            Step::Send(limit) => {
                let request = next.device.send(*self, limit)?;
                next.requests.insert(request);
            }
            Step::Hear(answer) => next.device.settle(&answer),
            Step::Take(index, request) => {
                next.instances[index] = Instance::At {
                    request,
                    next: 0,
                    phase: Phase::Fresh,
                };
            }
            Step::Read(index) => next.enter(index, Phase::Saw(sync.cloud.last_cseq)),
            Step::Decide(index, fate) => next.decide(*self, index, fate),
            Step::LookUp(index) => {
                let sent = sync.instances[index].current()?;
                match sync.cloud.outcomes.get(&sent.cseq) {
                    Some(command) if *command == sent.command => next.advance(index),
                    Some(_) => next.instances[index] = Instance::Idle,
                    None => next.enter(index, Phase::Fresh),
                }
            }
            Step::Kill(index) => next.instances[index] = Instance::Idle,
            Step::Expire(cseq) => drop(next.cloud.outcomes.remove(&cseq)),
        }
        (next != *sync).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "each effect once, in the order of the work",
                |_, sync: &Sync| sync.cloud.effects.is_sorted_by(|one, other| one < other),
            ),
            Property::always("what is confirmed is done", |_, sync: &Sync| {
                let mut confirmed = sync
                    .device
                    .queue
                    .iter()
                    .filter(|queued| queued.is_confirmed);
                confirmed.all(|queued| sync.cloud.effects.contains(&queued.command))
            }),
            Property::always("the mark has no hole behind it", |rules, sync: &Sync| {
                let decided = sync.cloud.outcomes.keys().copied();
                *rules == Self::OutcomesExpire || decided.eq(1..=sync.cloud.last_cseq)
            }),
            Property::always("what was told as kept is kept", |_, sync: &Sync| {
                let kept = |told: &Command| sync.device.queue.iter().any(|q| q.command == *told);
                sync.device.told.iter().all(kept)
            }),
            Property::sometimes("everything is confirmed", |_, sync: &Sync| {
                let confirmed = sync
                    .device
                    .queue
                    .iter()
                    .filter(|queued| queued.is_confirmed);
                confirmed.count() == usize::from(COMMANDS)
            }),
        ]
    }
}

impl Device {
    fn actions(&self, steps: &mut Vec<Step>) {
        match self.doing {
            None if self.begun < COMMANDS => steps.push(Step::Begin),
            None => {}
            Some(_) => steps.extend([Step::Queue, Step::Tell]),
        }
        let waiting = self
            .queue
            .iter()
            .filter(|queued| !queued.is_confirmed)
            .count();
        steps.extend((1..=waiting).map(Step::Send));
        steps.push(Step::KillDevice);
    }

    fn act(&mut self, rules: Rules, step: &Step) {
        match (step, self.doing) {
            (Step::Begin, _) => {
                self.doing = Some(self.begun);
                self.begun += 1;
            }
            (Step::Queue, Some(command)) if !self.holds(command) => {
                let cseq = (rules != Rules::NumberedWhenSent).then_some(self.next_cseq);
                self.next_cseq += u8::from(cseq.is_some());
                self.queue.push(Queued {
                    command,
                    cseq,
                    is_confirmed: false,
                });
            }
            (Step::Tell, Some(command))
                if self.holds(command) || rules == Rules::ToldBeforeQueued =>
            {
                self.told.insert(command);
                // The queue follows, where nothing comes in between.
                if self.holds(command) {
                    self.doing = None;
                }
            }
            (Step::KillDevice, _) => {
                self.doing = None;
                if rules == Rules::NumberedWhenSent {
                    self.queue.iter_mut().for_each(|queued| queued.cseq = None);
                }
            }
            _ => {}
        }
    }

    fn holds(&self, command: Command) -> bool {
        self.queue.iter().any(|queued| queued.command == command)
    }

    fn send(&mut self, rules: Rules, limit: usize) -> Option<Vec<Sent>> {
        let next_cseq = &mut self.next_cseq;
        let waiting = self.queue.iter_mut().filter(|queued| !queued.is_confirmed);
        let numbered = waiting.take(limit).map(|queued| {
            if queued.cseq.is_none() && rules == Rules::NumberedWhenSent {
                queued.cseq = Some(*next_cseq);
                *next_cseq += 1;
            }
            let command = queued.command;
            queued.cseq.map(|cseq| Sent { cseq, command })
        });
        let request: Vec<Sent> = numbered.collect::<Option<_>>()?;
        // Numbers are finite here: a device that numbers anew after each kill would have no end.
        request
            .iter()
            .all(|sent| sent.cseq <= 2 * COMMANDS)
            .then_some(request)
    }

    fn settle(&mut self, answer: &[Sent]) {
        for queued in &mut self.queue {
            let mine = |sent: &Sent| Some(sent.cseq) == queued.cseq;
            queued.is_confirmed |= answer.iter().any(mine);
        }
    }
}

impl Instance {
    fn current(&self) -> Option<Sent> {
        match self {
            Self::Idle => None,
            Self::At { request, next, .. } => request.get(*next).copied(),
        }
    }
}

impl Sync {
    fn enter(&mut self, index: usize, to: Phase) {
        if let Instance::At { phase, .. } = &mut self.instances[index] {
            *phase = to;
        }
    }

    /// The current command is decided: the next one, or the answer.
    fn advance(&mut self, index: usize) {
        if let Instance::At {
            request,
            next,
            phase,
        } = &mut self.instances[index]
        {
            *next += 1;
            *phase = Phase::Fresh;
            if *next == request.len() {
                self.answers.insert(request.clone());
                self.instances[index] = Instance::Idle;
            }
        }
    }

    /// As the function does: a repeat is looked up, a number that is too high is refused, the next one is written.
    fn decide(&mut self, rules: Rules, index: usize, fate: Fate) {
        let (
            Some(sent),
            Instance::At {
                phase: Phase::Saw(seen),
                ..
            },
        ) = (self.instances[index].current(), &self.instances[index])
        else {
            return;
        };
        let seen = *seen;
        let (is_repeat, is_early) = match rules {
            Rules::NoHighWaterMark => (false, false),
            Rules::OutcomesExpire => (self.cloud.outcomes.contains_key(&sent.cseq), false),
            _ => (sent.cseq <= seen, sent.cseq > seen + 1),
        };
        if is_repeat && self.cloud.outcomes.get(&sent.cseq) == Some(&sent.command) {
            return self.advance(index);
        }
        if is_repeat || is_early {
            self.instances[index] = Instance::Idle;
            return;
        }
        let holds = match rules {
            Rules::NoHighWaterMark | Rules::Unconditional | Rules::OutcomesExpire => true,
            _ => self.cloud.last_cseq == seen,
        };
        if holds && fate != Fate::LostUntold {
            self.cloud.last_cseq = self.cloud.last_cseq.max(sent.cseq);
            self.cloud.outcomes.insert(sent.cseq, sent.command);
            self.cloud.effects.push(sent.command);
        }
        match fate {
            Fate::Told if holds => self.advance(index),
            // The condition did not hold, which is always told: from the beginning.
            _ if !holds => self.enter(index, Phase::Fresh),
            _ if rules == Rules::UnknownIsDone => self.advance(index),
            _ => self.enter(index, Phase::Unknown),
        }
    }
}

const ONCE: &str = "each effect once, in the order of the work";

#[test]
fn i03_i08_each_command_takes_effect_once_whatever_is_lost_and_repeated() {
    let searched = search(Rules::Ours);
    assert_eq!(searched.broken, [""; 0]);
    println!("{} states", searched.states);
    assert!(searched.states > 10_000, "{} states", searched.states);
}

#[test]
fn without_the_high_water_mark_a_repeat_is_done_twice() {
    assert_eq!(search(Rules::NoHighWaterMark).broken, [ONCE]);
}

#[test]
fn without_the_condition_two_instances_do_it_twice() {
    assert_eq!(search(Rules::Unconditional).broken, [ONCE]);
}

#[test]
fn outcomes_that_expire_let_a_late_repeat_be_done_twice() {
    assert_eq!(search(Rules::OutcomesExpire).broken, [ONCE]);
}

#[test]
fn an_unknown_outcome_that_is_taken_for_done_loses_the_command() {
    assert_eq!(
        search(Rules::UnknownIsDone).broken,
        ["what is confirmed is done"]
    );
}

#[test]
fn a_number_that_a_kill_forgets_is_given_twice() {
    assert_eq!(search(Rules::NumberedWhenSent).broken, [ONCE]);
}

#[test]
fn i01_what_is_told_before_it_is_queued_a_kill_takes_back() {
    assert_eq!(
        search(Rules::ToldBeforeQueued).broken,
        ["what was told as kept is kept"]
    );
}
