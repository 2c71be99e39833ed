//! What the network does to a request and its answer.

use super::calls::Answer;
use super::cloud::Wire;
use super::plan::SECOND;
use super::world::{Due, Work, World};
use anyhow::Result;
use sync::{Errand, Request};

/// Which request.
pub(super) type FlightId = u64;

/// How long a device waits for an answer beyond what it asked the cloud to wait, ms.
const PATIENCE_MS: u64 = 15 * SECOND;

/// A request on its way.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    pub(super) flight: FlightId,
    pub(super) instance: usize,
    pub(super) wire: Wire,
    /// Nobody waits for the answer of a repeat.
    pub(super) is_repeat: bool,
    pub(super) wait_ms: u64,
}

/// A request whose device waits for its answer.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) device: usize,
    pub(super) life: u64,
    pub(super) errand: Errand,
    pub(super) request: Request,
}

/// What a device hears.
#[derive(Debug)]
pub(super) enum Heard {
    /// This.
    Answer(Answer),
    /// That the connection broke, or nothing for too long.
    Nothing,
}

impl World {
    /// A device sends a request.
    pub(super) fn send(&mut self, flight: Flight, wire: Wire, wait_ms: u64) {
        self.next_flight += 1;
        let id = self.next_flight;
        let device = flight.device;
        self.trace
            .add(self.now, (2, id, &wire.path, &wire.body), || {
                format!(
                    "d-{device} asks {} as flight {id}: {}",
                    wire.path,
                    String::from_utf8_lossy(&wire.body)
                        .chars()
                        .take(300)
                        .collect::<String>()
                )
            });
        self.counts.add("requests");
        self.flights.insert(id, flight);
        let is_offline = self
            .devices
            .get(device)
            .is_some_and(|device| device.offline_until > self.now);
        let network = self.plan.network;
        if is_offline {
            self.counts.fault("no network");
            let ms = 1 + self.chance.below(300);
            return self.after(ms, Due::Hear(id, Heard::Nothing));
        }
        self.after(wait_ms + PATIENCE_MS, Due::Hear(id, Heard::Nothing));
        if self.is_fault(network.lost, "request lost") {
            return;
        }
        if self.is_fault(network.refused, "refused by a gateway") {
            let answer = Answer {
                status: 503,
                body: Vec::new(),
            };
            return self.after(8, Due::Hear(id, Heard::Answer(answer)));
        }
        let ms = if self.is_fault(network.late, "request late") {
            self.chance.below(40 * SECOND)
        } else {
            2 + self.chance.below(30)
        };
        let instance = self.chance.index(self.cloud.instances());
        let letter = Letter {
            flight: id,
            instance,
            wire,
            is_repeat: false,
            wait_ms,
        };
        if self.is_fault(network.repeated, "request repeated") {
            let ms = self.chance.below(20 * SECOND);
            self.after(
                ms,
                Due::Arrive(Letter {
                    is_repeat: true,
                    ..letter.clone()
                }),
            );
        }
        self.after(ms, Due::Arrive(letter));
    }

    fn is_fault(&mut self, share: u64, name: &'static str) -> bool {
        let is = !self.is_calm && self.chance.permille(share);
        if is {
            self.counts.fault(name);
        }
        is
    }

    /// A request comes to an instance.
    pub(super) fn arrive(&mut self, letter: Letter) -> Result<()> {
        let Letter {
            flight,
            instance,
            wire,
            is_repeat,
            wait_ms,
        } = letter;
        let Some(call) = self.cloud.serve(instance, wire) else {
            return Ok(());
        };
        self.counts.add("requests served");
        self.begin(Work::Answer((!is_repeat).then_some(flight)), call);
        if wait_ms > 0 {
            self.after(wait_ms, Due::Tick);
            self.after(wait_ms + 50, Due::Tick);
        }
        Ok(())
    }

    /// An instance answers.
    pub(super) fn answered(&mut self, flight: FlightId, mut answer: Answer) {
        let network = self.plan.network;
        if self.is_fault(network.answer_lost, "answer lost") {
            return;
        }
        if self.is_fault(network.half, "half an answer") {
            let half = answer.body.len() / 2;
            answer.body.truncate(half);
        }
        let ms = if self.is_fault(network.late, "answer late") {
            self.chance.below(20 * SECOND)
        } else {
            2 + self.chance.below(30)
        };
        self.after(ms, Due::Hear(flight, Heard::Answer(answer)));
    }

    /// A device hears the answer, or that there is none; whichever comes first counts.
    pub(super) fn hear(&mut self, id: FlightId, heard: Heard) -> Result<()> {
        let Some(flight) = self.flights.get(&id) else {
            return Ok(());
        };
        let device = flight.device;
        let Some(state) = self.devices.get(device) else {
            return Ok(());
        };
        let is_alive = state.life == flight.life && state.open.is_some();
        let is_offline = state.offline_until > self.now;
        if is_offline && matches!(heard, Heard::Answer(_)) {
            self.counts.fault("no network for the answer");
            return Ok(());
        }
        let Some(flight) = self.flights.remove(&id) else {
            return Ok(());
        };
        if !is_alive {
            return Ok(());
        }
        let answer = match heard {
            Heard::Answer(answer) => Some(answer),
            Heard::Nothing => None,
        };
        self.trace.add(
            self.now,
            (3, id, answer.as_ref().map(|answer| answer.status)),
            || {
                format!(
                    "d-{device} hears of flight {id}: {:?}",
                    answer.as_ref().map(|answer| answer.status)
                )
            },
        );
        self.finish(flight, answer)
    }
}
