//! A cart that walks: a lease with a fence, and codes that are offered on one device and claimed on another, over a ledger
//! whose writes may end unknown, by two instances of the function. An instance that is killed is one whose write is lost.
//!
//! Any device may ask anything at any time, again and with what it was told long ago: that is every repeat, every delay and
//! every screen that was not looked at for an hour. A write is a condition on what its instance saw, as it is in the
//! function: of the cart, and of the code where it takes one.

use super::search;
use stateright::{Model, Property};
use std::collections::BTreeSet;

const DEVICES: u8 = 3;
const INSTANCES: usize = 2;
/// Codes that are ever shown.
const CODES: usize = 2;
/// How often the lease moves at most, so that the search ends.
const FENCES: u8 = 3;

/// By which rules a cart walks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// As they are.
    Ours,
    /// A write is held to nothing.
    Unchecked,
    /// A write does not hold the cart to what was seen of it.
    CartUnchecked,
    /// A checkout asks who holds the lease, not with which fence.
    FenceUnchecked,
    /// A code is good wherever the lease is by now.
    CodeOutlivesLease,
    /// A code is good for ever.
    CodeNeverOver,
    /// A repeat is anybody who shows the code again.
    NonceUnchecked,
    /// Whoever shows a used code is refused, also she who used it.
    NonceForgotten,
    /// The fence grows only where a lease was let go.
    FenceStays,
}

type Device = u8;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Walk {
    lease: Lease,
    codes: Vec<Code>,
    is_checked_out: bool,
    /// The fence that each device was told last.
    told: [Option<u8>; DEVICES as usize],
    instances: [Instance; INSTANCES],
    facts: BTreeSet<Fact>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Lease {
    fence: u8,
    holder: Device,
    /// Nobody renewed it in time.
    is_over: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Code {
    issuer: Device,
    fence: u8,
    is_over: bool,
    claim: Option<Claim>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Claim {
    device: Device,
    nonce: u8,
    fence: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Request {
    /// Shows a code, with the nonce of this try.
    Claim {
        code: usize,
        device: Device,
        nonce: u8,
    },
    /// Takes a lease that ran out.
    Take(Device),
    CheckOut {
        device: Device,
        fence: u8,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Instance {
    Idle,
    /// It read the code and the cart.
    Saw(Request, Saw),
}

/// What happened, for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Fact {
    /// A device was given the cart for a code.
    Given(usize, Claim),
    /// A code moved the lease that its issuer did not hold any more.
    TakenFromAnother,
    /// A code was good after its end.
    ClaimedLate,
    /// Who has the cart was refused her own repeat.
    RepeatRefused,
    /// A fence came to be a device's.
    Holds(u8, Device),
    /// Somebody checked out with a fence that was not the lease's, or not hers.
    StaleCheckout,
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
    /// Who holds the lease shows a code.
    Offer,
    /// An instance takes a request and reads, and writes.
    Ask(usize, Request),
    Write(usize, Fate),
    /// Time passes: a code ends, the lease does.
    EndCode(usize),
    EndLease,
}

impl Model for Rules {
    type State = Walk;
    type Action = Step;

    fn init_states(&self) -> Vec<Walk> {
        vec![Walk {
            lease: Lease {
                fence: 1,
                holder: 0,
                is_over: false,
            },
            codes: Vec::new(),
            is_checked_out: false,
            told: [Some(1), None, None],
            instances: [Instance::Idle, Instance::Idle],
            facts: BTreeSet::from([Fact::Holds(1, 0)]),
        }]
    }

    fn actions(&self, walk: &Walk, steps: &mut Vec<Step>) {
        if walk.codes.len() < CODES && !walk.lease.is_over {
            steps.push(Step::Offer);
        }
        for (index, instance) in walk.instances.iter().enumerate() {
            match instance {
                Instance::Idle => {
                    steps.extend(walk.requests().map(|request| Step::Ask(index, request)));
                }
                Instance::Saw(..) => {
                    let fates = [Fate::Told, Fate::DoneUntold, Fate::LostUntold];
                    steps.extend(fates.map(|fate| Step::Write(index, fate)));
                }
            }
        }
        let codes = walk.codes.iter().enumerate();
        let running = codes.filter(|(_, code)| !code.is_over);
        steps.extend(running.map(|(index, _)| Step::EndCode(index)));
        if !walk.lease.is_over {
            steps.push(Step::EndLease);
        }
    }

    fn next_state(&self, walk: &Walk, step: Step) -> Option<Walk> {
        let mut next = walk.clone();
        match step {
            Step::Offer => next.codes.push(Code {
                issuer: walk.lease.holder,
                fence: walk.lease.fence,
                is_over: false,
                claim: None,
            }),
            Step::Ask(index, request) => {
                let code = match request {
                    Request::Claim { code, .. } => walk.codes.get(code).copied(),
                    Request::Take(_) | Request::CheckOut { .. } => None,
                };
                let lease = walk.lease;
                next.instances[index] = Instance::Saw(request, Saw { code, lease });
            }
            Step::Write(index, fate) => {
                let Instance::Saw(request, saw) = walk.instances[index] else {
                    return None;
                };
                next.instances[index] = Instance::Idle;
                next.decide(*self, request, &saw, fate);
            }
            Step::EndCode(code) => next.codes[code].is_over = true,
            Step::EndLease => next.lease.is_over = true,
        }
        // Which instance is which makes no difference.
        next.instances.sort_unstable();
        (next != *walk).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ONCE, |_, walk: &Walk| {
                let given = |code: usize| {
                    let of = move |fact: &Fact| match fact {
                        Fact::Given(given, claim) if *given == code => Some(*claim),
                        _ => None,
                    };
                    walk.facts.iter().filter_map(of).collect::<BTreeSet<_>>()
                };
                (0..CODES).all(|code| given(code).len() <= 1)
            }),
            Property::always(STALE, |_, walk: &Walk| walk.is_free_of(Fact::StaleCheckout)),
            Property::always(FROM_ISSUER, |_, walk: &Walk| {
                walk.is_free_of(Fact::TakenFromAnother)
            }),
            Property::always(IN_TIME, |_, walk: &Walk| walk.is_free_of(Fact::ClaimedLate)),
            Property::always(REPEAT, |_, walk: &Walk| {
                walk.is_free_of(Fact::RepeatRefused)
            }),
            Property::always(ONE_FENCE, |_, walk: &Walk| {
                let holders = |fence: u8| {
                    let of = move |fact: &&Fact| matches!(fact, Fact::Holds(of, _) if *of == fence);
                    walk.facts.iter().filter(of).count()
                };
                (1..=FENCES).all(|fence| holders(fence) <= 1)
            }),
            Property::sometimes("it walks twice and is checked out", |_, walk: &Walk| {
                walk.lease.fence == FENCES && walk.is_checked_out
            }),
        ]
    }
}

impl Walk {
    fn is_free_of(&self, fact: Fact) -> bool {
        !self.facts.contains(&fact)
    }

    /// What anybody may ask now.
    fn requests(&self) -> impl Iterator<Item = Request> + '_ {
        let shown = 0..self.codes.len();
        let claims = shown.flat_map(move |code| {
            // A repeat has the same nonce, another try of the same device has not: one such is enough for the search.
            let mut tries = vec![(1, 0), (2, 0)];
            tries.extend((code == 0).then_some((1, 1)));
            let issuer = self.codes[code].issuer;
            tries.into_iter().map(move |(step, nonce)| Request::Claim {
                code,
                device: (issuer + step) % DEVICES,
                nonce,
            })
        });
        // One device that does not wait for a code is enough, too.
        let takes = self.lease.is_over.then_some(DEVICES - 1);
        let told = (0..DEVICES).zip(self.told);
        let checkouts = told.filter_map(|(device, fence)| {
            let fence = fence?;
            Some(Request::CheckOut { device, fence })
        });
        claims.chain(takes.map(Request::Take)).chain(checkouts)
    }

    fn decide(&mut self, rules: Rules, request: Request, saw: &Saw, fate: Fate) {
        let lease = saw.lease;
        let after = match request {
            Request::CheckOut { device, fence } => {
                let is_hers = rules == Rules::FenceUnchecked || fence == lease.fence;
                let may = lease.holder == device && is_hers && !lease.is_over;
                may.then_some(lease)
            }
            Request::Take(device) => (lease.is_over && lease.holder != device)
                .then(|| lease.moved(device, lease.fence + 1)),
            Request::Claim {
                code,
                device,
                nonce,
            } => {
                let fence = self.claim(rules, (code, device, nonce), saw);
                fence.map(|fence| lease.moved(device, fence))
            }
        };
        if let Some(after) = after.filter(|lease| lease.fence <= FENCES) {
            self.commit(rules, request, (saw, after), fate);
        }
    }

    /// The fence that a claim gives; nothing where it is refused, or told of again.
    fn claim(
        &mut self,
        rules: Rules,
        (number, device, nonce): (usize, Device, u8),
        saw: &Saw,
    ) -> Option<u8> {
        let code = saw.code?;
        if let Some(claim) = code.claim {
            let is_repeat = claim.device == device && claim.nonce == nonce;
            let is_told = match rules {
                Rules::NonceForgotten => false,
                Rules::NonceUnchecked => true,
                _ => is_repeat,
            };
            if is_told {
                self.given(number, Claim { device, ..claim });
            } else if is_repeat {
                self.facts.insert(Fact::RepeatRefused);
            }
            return None;
        }
        let is_void = code.fence != saw.lease.fence && rules != Rules::CodeOutlivesLease;
        let is_over = code.is_over && rules != Rules::CodeNeverOver;
        let grows = u8::from(rules != Rules::FenceStays);
        (!is_void && !is_over).then_some(saw.lease.fence + grows)
    }

    /// Writes, where everything is as it was seen. Who is not told asks again.
    fn commit(&mut self, rules: Rules, request: Request, (saw, after): (&Saw, Lease), fate: Fate) {
        let code_holds = match request {
            Request::Claim { code, .. } => {
                self.codes.get(code).map(|code| code.claim) == saw.code.map(|code| code.claim)
            }
            _ => true,
        };
        let cart_holds = self.lease.fence == saw.lease.fence
            && self.lease.holder == saw.lease.holder
            && !self.is_checked_out;
        let holds = match rules {
            Rules::Unchecked => true,
            Rules::CartUnchecked => code_holds,
            _ => code_holds && cart_holds,
        };
        if !holds || fate == Fate::LostUntold {
            return;
        }
        let fence = after.fence;
        self.happen(request, saw, after);
        match request {
            _ if fate == Fate::DoneUntold => {}
            Request::Claim {
                code,
                device,
                nonce,
            } => self.given(
                code,
                Claim {
                    device,
                    nonce,
                    fence,
                },
            ),
            Request::Take(device) => self.told[usize::from(device)] = Some(fence),
            Request::CheckOut { .. } => {}
        }
    }

    /// What a write does.
    fn happen(&mut self, request: Request, saw: &Saw, after: Lease) {
        let now = self.lease;
        match request {
            Request::CheckOut { device, fence } => {
                if now.holder != device || now.fence != fence {
                    self.facts.insert(Fact::StaleCheckout);
                }
                self.is_checked_out = true;
            }
            Request::Take(device) => {
                self.facts.insert(Fact::Holds(after.fence, device));
                self.lease = after;
            }
            Request::Claim {
                code,
                device,
                nonce,
            } => {
                let seen = saw.code.unwrap_or(self.codes[code]);
                if now.fence != seen.fence {
                    self.facts.insert(Fact::TakenFromAnother);
                }
                if seen.is_over {
                    self.facts.insert(Fact::ClaimedLate);
                }
                self.facts.insert(Fact::Holds(after.fence, device));
                self.lease = after;
                let fence = after.fence;
                self.codes[code].claim = Some(Claim {
                    device,
                    nonce,
                    fence,
                });
            }
        }
    }

    fn given(&mut self, code: usize, claim: Claim) {
        self.facts.insert(Fact::Given(code, claim));
        self.told[usize::from(claim.device)] = Some(claim.fence);
    }
}

/// What an instance saw before it writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Saw {
    code: Option<Code>,
    lease: Lease,
}

impl Lease {
    const fn moved(self, holder: Device, fence: u8) -> Self {
        Self {
            fence,
            holder,
            is_over: false,
        }
    }
}

const ONCE: &str = "a code is claimed once";
const STALE: &str = "a stale fence does not check out";
const FROM_ISSUER: &str = "a code moves the cart from its issuer alone";
const IN_TIME: &str = "a code is good until its end";
const REPEAT: &str = "who has the cart is told so again";
const ONE_FENCE: &str = "a fence is one device's";

#[test]
fn i16_i17_a_cart_walks_from_one_to_one_whatever_is_late_and_repeated() {
    let searched = search(Rules::Ours);
    assert_eq!(searched.broken, [""; 0]);
    println!("{} states", searched.states);
    assert!(searched.states > 10_000, "{} states", searched.states);
}

#[test]
fn i17_writes_that_are_held_to_nothing_give_one_code_to_two() {
    assert!(search(Rules::Unchecked).broken.contains(&ONCE));
}

#[test]
fn i16_a_cart_that_is_not_checked_is_checked_out_by_who_had_it() {
    assert!(search(Rules::CartUnchecked).broken.contains(&STALE));
}

#[test]
fn i16_a_fence_that_is_not_checked_lets_an_old_screen_check_out() {
    assert_eq!(search(Rules::FenceUnchecked).broken, [STALE]);
}

#[test]
fn a_code_that_outlives_its_lease_takes_the_cart_from_another() {
    assert_eq!(search(Rules::CodeOutlivesLease).broken, [FROM_ISSUER]);
}

#[test]
fn a_code_without_an_end_is_good_for_who_finds_it() {
    assert_eq!(search(Rules::CodeNeverOver).broken, [IN_TIME]);
}

#[test]
fn i17_without_a_nonce_another_is_told_that_she_has_the_cart() {
    assert_eq!(search(Rules::NonceUnchecked).broken, [ONCE]);
}

#[test]
fn a_repeat_that_is_refused_leaves_who_has_the_cart_without_it() {
    assert_eq!(search(Rules::NonceForgotten).broken, [REPEAT]);
}

#[test]
fn a_fence_that_stays_is_two_devices() {
    assert!(search(Rules::FenceStays).broken.contains(&ONE_FENCE));
}
