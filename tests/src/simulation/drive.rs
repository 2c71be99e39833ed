//! Drives a device's sync as the device's own driver does: tells the machine what happened, does what it says.

use super::calls::Answer;
use super::errands;
use super::flight::Flight;
use super::plan::SECOND;
use super::world::{Due, World};
use anyhow::Result;
use std::collections::BTreeMap;
use sync::{Engine, Errand, Event, Instruction, Outcome, Pace, Prepared, Timer, Trouble};

/// What a device's sync holds in memory: gone with each kill.
#[derive(Debug)]
pub(super) struct Driver {
    engine: Engine,
    /// When each timer that is set runs out, ms.
    timers: BTreeMap<Timer, u64>,
}

impl Default for Driver {
    fn default() -> Self {
        Self {
            engine: Engine::new(Pace::default()),
            timers: BTreeMap::new(),
        }
    }
}

impl World {
    /// The device runs: a new machine.
    pub(super) fn start_driver(&mut self, index: usize) -> Result<()> {
        if let Some(driver) = self.drivers.get_mut(index) {
            *driver = Driver::default();
        }
        if self
            .devices
            .get(index)
            .is_some_and(|device| device.is_told_revoked)
        {
            return self.purge(index);
        }
        self.tell(index, Event::Started)
    }

    /// Tells the machine what happened, and does what it says.
    pub(super) fn tell(&mut self, index: usize, event: Event) -> Result<()> {
        let life = self.life(index);
        let Some(driver) = self.drivers.get_mut(index) else {
            return Ok(());
        };
        self.counts.add("events");
        for instruction in driver.engine.handle(event) {
            // A kill in between: whatever was to be done is not.
            if self.life(index) != life {
                break;
            }
            self.follow(index, instruction)?;
            self.maybe_kill(index)?;
        }
        Ok(())
    }

    pub(super) fn life(&self, index: usize) -> Option<u64> {
        let device = self.devices.get(index)?;
        device.open.is_some().then_some(device.life)
    }

    /// A kill between two effects.
    fn maybe_kill(&mut self, index: usize) -> Result<()> {
        let share = self.plan.network.kill;
        if self.is_calm || !self.chance.permille(share) {
            return Ok(());
        }
        let down_ms = self.chance.below(9 * SECOND);
        let torn = self.chance.permille(300);
        self.kill(index, down_ms, torn)
    }

    fn follow(&mut self, index: usize, instruction: Instruction) -> Result<()> {
        match instruction {
            Instruction::Run(errand) => self.run_errand(index, errand),
            Instruction::Wake { timer, after_ms } => {
                let at = self.now + after_ms;
                if let (Some(life), Some(driver)) = (self.life(index), self.drivers.get_mut(index))
                {
                    driver.timers.insert(timer, at);
                    self.at(
                        at,
                        Due::Fire {
                            device: index,
                            life,
                            timer,
                        },
                    );
                }
                Ok(())
            }
            Instruction::Listen => self.listen(index),
            Instruction::Purge => self.purge(index),
            _ => Ok(()),
        }
    }

    /// A timer runs out, where it was not set again since.
    pub(super) fn fire(&mut self, index: usize, life: u64, timer: Timer) -> Result<()> {
        let now = self.now;
        let Some(driver) = self.drivers.get_mut(index) else {
            return Ok(());
        };
        if driver.timers.get(&timer).is_none_or(|at| *at > now) || self.life(index) != Some(life) {
            return Ok(());
        }
        if let Some(driver) = self.drivers.get_mut(index) {
            driver.timers.remove(&timer);
        }
        self.tell(index, Event::Fired(timer))
    }

    fn run_errand(&mut self, index: usize, errand: Errand) -> Result<()> {
        let Some(device) = self.devices.get(index) else {
            return Ok(());
        };
        let Some(open) = &device.open else {
            return Ok(());
        };
        let token = device.id.to_string();
        let life = device.life;
        let prepared = errand.prepare(&open.replica, &device.id);
        self.check_step(index)?;
        match prepared {
            Ok(Prepared::Ask(request)) => match errands::write(&request, &token) {
                Ok((wire, wait_ms)) => {
                    let flight = Flight {
                        device: index,
                        life,
                        errand,
                        request,
                    };
                    self.send(flight, wire, wait_ms);
                    Ok(())
                }
                Err(trouble) => self.done(index, errand, Err(trouble)),
            },
            Ok(Prepared::Over(outcome)) => self.done(index, errand, Ok(outcome)),
            Err(trouble) => self.done(index, errand, Err(trouble)),
        }
    }

    /// A device has its answer, or knows that there is none.
    pub(super) fn finish(&mut self, flight: Flight, answer: Option<Answer>) -> Result<()> {
        let index = flight.device;
        let Some(open) = self
            .devices
            .get(index)
            .and_then(|device| device.open.as_ref())
        else {
            return Ok(());
        };
        let body = errands::read(&flight.request, answer);
        let outcome =
            body.and_then(|body| flight.errand.finish(&open.replica, &flight.request, &body));
        self.forget_told(index)?;
        self.check_step(index)?;
        let life = self.life(index);
        self.maybe_kill(index)?;
        if self.life(index) == life {
            self.done(index, flight.errand, outcome)?;
        }
        Ok(())
    }

    fn done(
        &mut self,
        index: usize,
        errand: Errand,
        outcome: Result<Outcome, Trouble>,
    ) -> Result<()> {
        let chance = u16::try_from(self.chance.below(65_536)).unwrap_or(0);
        if matches!(&outcome, Err(Trouble::Local { reason }) if reason.contains("full")) {
            self.counts.check("i21");
        }
        self.trace.add(self.now, (7, index, outcome.is_ok()), || {
            format!("d-{index}: {errand:?} gave {outcome:?}")
        });
        self.tell(
            index,
            Event::Done {
                errand,
                outcome,
                chance,
            },
        )
    }

    /// The device was told that it is revoked: it deletes every row.
    fn purge(&mut self, index: usize) -> Result<()> {
        let Some(device) = self.devices.get_mut(index) else {
            return Ok(());
        };
        device.is_told_revoked = true;
        self.forget_confirmed(index)?;
        let Some(open) = self
            .devices
            .get(index)
            .and_then(|device| device.open.as_ref())
        else {
            return Ok(());
        };
        // Where it fails it is done at the next start.
        if let Err(error) = open.replica.purge() {
            self.trace
                .add(self.now, 10, || format!("d-{index} cannot purge: {error}"));
        }
        self.check_rows(index)
    }
}
