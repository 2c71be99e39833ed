//! A checkout: frozen, paid, ordered, or open again. Nobody pays twice, and no state is a dead end.

use super::duty::Duty;
use super::order::payment_key;
use super::outcome::{Outcome, Refusal, Step};
use super::payment::{Capture, PAYMENT_DOUBT_SECONDS, PaymentAnswer, PaymentOutcome};
use super::state::{Cart, PastOrder, Status};
use crate::ids::{DeviceId, OrderId, PaymentKey};
use crate::money::Money;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The most payments that are tried for one order.
pub const MAX_ATTEMPTS: u32 = 50;

/// A checkout under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Checkout {
    /// The payment that it is at, or about to begin.
    pub attempt: u32,
    /// The cart's version that was confirmed and is sold.
    pub frozen: u64,
    /// The fence of the lease that began it.
    pub fence: u64,
    /// What is due.
    pub total: Money,
    /// Until when the goods are kept back.
    pub reserved_until: DateTime<Utc>,
    /// How far it is.
    pub phase: Phase,
}

/// How far a checkout is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "phase")]
pub enum Phase {
    /// The goods are kept back; nothing is asked of a provider yet.
    Reserved,
    /// The provider was asked.
    Paying {
        /// When.
        since: DateTime<Utc>,
    },
    /// The provider did not say what became of it.
    Unknown {
        /// When it was asked.
        since: DateTime<Utc>,
    },
    /// The money is taken.
    Paid {
        /// Under which key.
        payment: PaymentKey,
        /// What was taken.
        capture: Capture,
    },
    /// It was not; it can be tried again.
    Failed {
        /// Why: the provider's code, `no-answer` or `wrong-amount`.
        code: String,
    },
}

/// What moves a checkout on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "turn")]
pub enum CheckoutTurn {
    /// Freezes the cart.
    Begin {
        /// Who does it.
        device: DeviceId,
        /// The fence of her lease.
        fence: u64,
        /// The cart's version that she confirmed.
        version: u64,
        /// What is due for it.
        total: Money,
        /// By the cloud's clock.
        at: DateTime<Utc>,
        /// Until when the goods are kept back.
        reserved_until: DateTime<Utc>,
    },
    /// Asks for the money, for the first time or again.
    Pay {
        /// By the cloud's clock.
        at: DateTime<Utc>,
    },
    /// The provider answered.
    Answer(PaymentAnswer),
    /// Makes the order.
    Complete {
        /// Which: must be the cart's.
        order: OrderId,
    },
    /// Gives a payment up that nobody waits for: whatever the provider says of it later, it is given back.
    Cancel {
        /// Which.
        payment: PaymentKey,
    },
    /// Opens the cart again; a payment without an answer is given up first.
    GiveUp {
        /// By the cloud's clock.
        at: DateTime<Utc>,
    },
}

/// What a turn makes of the phase.
struct Next {
    phase: Phase,
    duties: Vec<Duty>,
}

impl Cart {
    pub(super) fn turn(&mut self, turn: &CheckoutTurn) -> Result<Step, Refusal> {
        match turn {
            CheckoutTurn::Begin { .. } => self.begin(turn),
            CheckoutTurn::Pay { at } => self.pay(*at),
            CheckoutTurn::Answer(answer) => self.answer(answer),
            CheckoutTurn::Complete { order } => self.complete(order),
            CheckoutTurn::Cancel { payment } => self.cancel(payment),
            CheckoutTurn::GiveUp { at } => self.give_up(*at),
        }
    }

    fn begin(&mut self, turn: &CheckoutTurn) -> Result<Step, Refusal> {
        let CheckoutTurn::Begin {
            device,
            fence,
            version,
            total,
            at,
            reserved_until,
        } = turn
        else {
            return Err(Refusal::WrongPhase);
        };
        if !matches!(self.status, Status::Open) {
            return Err(Refusal::NotOpen);
        }
        self.lease
            .may_check_out(device, *fence, *at)
            .map_err(|refusal| Refusal::Lease { refusal })?;
        self.check_sellable(*version, *total)?;
        self.status = Status::Checkout(Checkout {
            attempt: self.attempts.saturating_add(1),
            frozen: self.version,
            fence: *fence,
            total: *total,
            reserved_until: *reserved_until,
            phase: Phase::Reserved,
        });
        let order = self.order_id();
        Ok(Step::with(vec![Duty::Reserve { order }]))
    }

    fn check_sellable(&self, version: u64, total: Money) -> Result<(), Refusal> {
        if version != self.version {
            let version = self.version;
            return Err(Refusal::VersionMoved { version });
        }
        if total.currency != self.opening.currency {
            return Err(Refusal::WrongCurrency);
        }
        if self.counted().next().is_none() {
            return Err(Refusal::Empty);
        }
        let unpriced = self.counted().find(|line| line.price.is_none());
        unpriced.map_or(Ok(()), |line| {
            let line = line.id.clone();
            Err(Refusal::Unpriced { line })
        })
    }

    fn checkout_mut(&mut self) -> Result<&mut Checkout, Refusal> {
        match &mut self.status {
            Status::Checkout(checkout) => Ok(checkout),
            _ => Err(Refusal::WrongPhase),
        }
    }

    fn pay(&mut self, at: DateTime<Utc>) -> Result<Step, Refusal> {
        let attempt = self.attempts.saturating_add(1);
        let order = self.order_id();
        let checkout = self.checkout_mut()?;
        match checkout.phase {
            Phase::Reserved | Phase::Failed { .. } => {}
            Phase::Unknown { .. } => return Err(Refusal::PaymentUnknown),
            Phase::Paying { .. } | Phase::Paid { .. } => return Err(Refusal::WrongPhase),
        }
        if at >= checkout.reserved_until {
            return Err(Refusal::ReservationOver);
        }
        if attempt > MAX_ATTEMPTS || checkout.total.minor == 0 {
            return Err(Refusal::WrongPhase);
        }
        checkout.attempt = attempt;
        checkout.phase = Phase::Paying { since: at };
        self.attempts = attempt;
        let payment = payment_key(&order, attempt);
        Ok(Step::with(vec![Duty::Charge { payment }]))
    }

    /// An answer to any payment that this cart ever asked for, however late. One that was ordered to be given back is
    /// never taken after all: the provider may have done it by now.
    fn answer(&mut self, answer: &PaymentAnswer) -> Result<Step, Refusal> {
        if self.reversed.contains(&answer.payment) {
            return Ok(too_late(answer));
        }
        let step = self.hear(answer)?;
        let reversed = step.duties.iter().filter_map(|duty| match duty {
            Duty::Reverse { payment } => Some(payment.clone()),
            _ => None,
        });
        self.reversed.extend(reversed);
        Ok(step)
    }

    fn hear(&mut self, answer: &PaymentAnswer) -> Result<Step, Refusal> {
        let order = self.order_id();
        let attempt = attempt_of(&order, self.attempts, &answer.payment);
        let stands = self.stands(&answer.payment);
        match (attempt, &mut self.status) {
            (Some(attempt), Status::Checkout(checkout)) => {
                let next = checkout.hear(attempt, answer);
                checkout.phase = next.phase;
                Ok(Step::with(next.duties))
            }
            (Some(_), _) if !stands => Ok(too_late(answer)),
            (Some(_), _) => Ok(Step::applied()),
            (None, _) => self.answer_of_past(answer),
        }
    }

    fn answer_of_past(&self, answer: &PaymentAnswer) -> Result<Step, Refusal> {
        let known = self
            .orders
            .iter()
            .any(|past| attempt_of(&past.order, past.attempts, &answer.payment).is_some());
        match (known, self.stands(&answer.payment)) {
            (false, _) => Err(Refusal::UnknownPayment),
            (true, true) => Ok(Step::applied()),
            (true, false) => Ok(too_late(answer)),
        }
    }

    /// Whether an order was made with this payment.
    fn stands(&self, payment: &PaymentKey) -> bool {
        self.orders
            .iter()
            .any(|past| past.payment.as_ref() == Some(payment))
    }

    fn complete(&mut self, order: &OrderId) -> Result<Step, Refusal> {
        if self.orders.iter().any(|past| past.order == *order) {
            return Ok(Step::applied());
        }
        let expected = self.order_id();
        let checkout = self.checkout_mut()?;
        let payment = match &checkout.phase {
            Phase::Paid { payment, .. } => Some(payment.clone()),
            Phase::Reserved if checkout.total.minor == 0 => None,
            Phase::Unknown { .. } => return Err(Refusal::PaymentUnknown),
            _ => return Err(Refusal::WrongPhase),
        };
        if *order != expected {
            return Err(Refusal::WrongOrder { order: expected });
        }
        self.orders.push(PastOrder {
            generation: self.generation,
            order: expected.clone(),
            attempts: self.attempts,
            payment,
        });
        self.status = Status::Ordered { order: expected };
        self.take_up_held();
        Ok(Step::applied())
    }

    fn cancel(&mut self, payment: &PaymentKey) -> Result<Step, Refusal> {
        let awaited = match &self.status {
            Status::Checkout(checkout) => {
                let current = payment_key(&self.order_id(), checkout.attempt);
                let in_flight =
                    matches!(checkout.phase, Phase::Paying { .. } | Phase::Unknown { .. });
                in_flight && current == *payment
            }
            _ => false,
        };
        if awaited || self.stands(payment) {
            return Err(Refusal::WrongPhase);
        }
        self.reversed.insert(payment.clone());
        let payment = payment.clone();
        Ok(Step::with(vec![Duty::Reverse { payment }]))
    }

    fn give_up(&mut self, at: DateTime<Utc>) -> Result<Step, Refusal> {
        let order = self.order_id();
        let checkout = self.checkout_mut()?;
        match checkout.phase {
            Phase::Reserved | Phase::Failed { .. } => {
                self.status = Status::Open;
                self.take_up_held();
                Ok(Step::with(vec![Duty::Release { order }]))
            }
            Phase::Paying { since } | Phase::Unknown { since } => {
                if (at - since).num_seconds() < PAYMENT_DOUBT_SECONDS {
                    return Err(Refusal::PaymentUnknown);
                }
                let code = "no-answer".to_owned();
                checkout.phase = Phase::Failed { code };
                Ok(Step::applied())
            }
            Phase::Paid { .. } => Err(Refusal::WrongPhase),
        }
    }
}

impl Checkout {
    /// What an answer to the payment of `attempt` makes of the phase.
    fn hear(&self, attempt: u32, answer: &PaymentAnswer) -> Next {
        let current = attempt == self.attempt;
        let in_flight = matches!(self.phase, Phase::Paying { .. } | Phase::Unknown { .. });
        match &answer.outcome {
            PaymentOutcome::Captured(capture) => {
                let paid = |payment: &PaymentKey| *payment == answer.payment;
                if matches!(&self.phase, Phase::Paid { payment, .. } if paid(payment)) {
                    return self.stays(Vec::new());
                }
                self.take(attempt, capture, answer)
            }
            PaymentOutcome::Declined { code } if current && in_flight => Next {
                phase: Phase::Failed { code: code.clone() },
                duties: Vec::new(),
            },
            PaymentOutcome::Unknown if current => Next {
                phase: match self.phase {
                    Phase::Paying { since } => Phase::Unknown { since },
                    _ => self.phase.clone(),
                },
                duties: Vec::new(),
            },
            PaymentOutcome::Declined { .. } | PaymentOutcome::Unknown => self.stays(Vec::new()),
        }
    }

    /// Money came. It is kept where it is the payment under way, or where nothing else is and the goods still are kept
    /// back; it is given back otherwise.
    fn take(&self, attempt: u32, capture: &Capture, answer: &PaymentAnswer) -> Next {
        let payment = answer.payment.clone();
        let reverse = Duty::Reverse {
            payment: payment.clone(),
        };
        let expected = match self.phase {
            Phase::Paying { .. } | Phase::Unknown { .. } => attempt == self.attempt,
            Phase::Reserved | Phase::Failed { .. } => answer.at < self.reserved_until,
            Phase::Paid { .. } => false,
        };
        if !expected {
            return self.stays(vec![reverse]);
        }
        if capture.amount != self.total {
            let code = "wrong-amount".to_owned();
            return Next {
                phase: Phase::Failed { code },
                duties: vec![reverse],
            };
        }
        let capture = capture.clone();
        Next {
            phase: Phase::Paid { payment, capture },
            duties: Vec::new(),
        }
    }

    fn stays(&self, duties: Vec<Duty>) -> Next {
        let phase = self.phase.clone();
        Next { phase, duties }
    }
}

/// Which of an order's attempts has this key.
fn attempt_of(order: &OrderId, attempts: u32, payment: &PaymentKey) -> Option<u32> {
    (1..=attempts.min(MAX_ATTEMPTS)).find(|attempt| payment_key(order, *attempt) == *payment)
}

/// Money that came when nothing waits for it is given back.
fn too_late(answer: &PaymentAnswer) -> Step {
    match answer.outcome {
        PaymentOutcome::Captured(_) => Step::with(vec![Duty::Reverse {
            payment: answer.payment.clone(),
        }]),
        _ => Outcome::Applied.into(),
    }
}
