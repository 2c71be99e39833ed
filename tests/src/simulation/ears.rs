//! Streams of pokes: who listens, what comes, how they break.

use super::calls::{Answer, CallId};
use super::cloud::{Cloud, Wire};
use super::plan::SECOND;
use super::world::{Due, Work, World};
use anyhow::Result;
use domain::api::sync::POKE;
use futures_util::StreamExt;
use std::sync::{Arc, Mutex, PoisonError};
use sync::Event;

/// What comes out of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// It is open, or still there.
    Here,
    /// Something moved.
    Poke,
    /// It broke.
    Over,
}

/// What streams said since the scheduler looked.
pub(super) type Inbox = Arc<Mutex<Vec<(CallId, Said)>>>;

impl Cloud {
    /// Holds a stream open for a device and puts what it says into the inbox; answers when it ends.
    fn poke(
        &self,
        instance: usize,
        wire: Wire,
        call: CallId,
        inbox: Inbox,
    ) -> Option<impl Future<Output = Answer> + Send + 'static> {
        let response = self.respond(instance, wire)?;
        Some(async move {
            let response = response.await;
            let status = response.status().as_u16();
            let mut frames = response.into_body().into_data_stream();
            while let Some(Ok(frame)) = frames.next().await {
                let is_poke = String::from_utf8_lossy(&frame).contains(POKE);
                let said = if is_poke { Said::Poke } else { Said::Here };
                if status == 200 {
                    inbox
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((call, said));
                }
            }
            Answer {
                status,
                body: Vec::new(),
            }
        })
    }
}

impl World {
    /// A device wants to hear pokes.
    pub(super) fn listen(&mut self, index: usize) -> Result<()> {
        self.drop_streams(index);
        let Some(device) = self.devices.get(index) else {
            return Ok(());
        };
        let (life, is_offline) = (device.life, device.offline_until > self.now);
        let wire = Wire {
            method: "GET",
            path: "/v1/sync/pokes".to_owned(),
            token: device.id.to_string(),
            body: Vec::new(),
        };
        let network = self.plan.network;
        let is_refused = !self.is_calm && self.chance.permille(network.refused + network.lost);
        if is_offline || is_refused {
            self.counts.fault("no stream");
            let ms = self.chance.below(2 * SECOND);
            self.after(
                ms,
                Due::Ear {
                    device: index,
                    life,
                    said: Said::Over,
                },
            );
            return Ok(());
        }
        let instance = self.chance.index(self.cloud.instances());
        let call = self.next_call + 1;
        let stream = self.cloud.poke(instance, wire, call, self.inbox.clone());
        if let Some(stream) = stream {
            self.counts.add("streams");
            self.begin(
                Work::Ear {
                    device: index,
                    life,
                },
                stream,
            );
        }
        Ok(())
    }

    /// What streams said travels to their devices; now and then one breaks instead.
    pub(super) fn carry_pokes(&mut self) {
        let said = std::mem::take(&mut *self.inbox.lock().unwrap_or_else(PoisonError::into_inner));
        for (call, said) in said {
            let Some(Work::Ear { device, life }) = self.work.get(&call) else {
                continue;
            };
            let (device, life) = (*device, *life);
            if !self.is_calm && self.chance.permille(self.plan.network.answer_lost) {
                self.counts.fault("stream broke");
                self.calls.drop_call(call);
                self.work.remove(&call);
                self.after(
                    1,
                    Due::Ear {
                        device,
                        life,
                        said: Said::Over,
                    },
                );
                continue;
            }
            let ms = 2 + self.chance.below(30);
            self.after(ms, Due::Ear { device, life, said });
        }
    }

    /// A device hears something of its stream.
    pub(super) fn hear_ear(&mut self, index: usize, life: u64, said: Said) -> Result<()> {
        if self.life(index) != Some(life) {
            return Ok(());
        }
        self.trace
            .add(self.now, (11, index, said == Said::Poke), || {
                format!("d-{index} hears {said:?}")
            });
        let chance = u16::try_from(self.chance.below(65_536)).unwrap_or(0);
        let event = match said {
            Said::Here => Event::Listening,
            Said::Poke => Event::Poked,
            Said::Over => Event::Deaf { chance },
        };
        self.tell(index, event)
    }

    /// The network is gone: a stream breaks.
    pub(super) fn deafen(&mut self, index: usize) -> Result<()> {
        if self.drop_streams(index)
            && let Some(life) = self.life(index)
        {
            self.after(
                50,
                Due::Ear {
                    device: index,
                    life,
                    said: Said::Over,
                },
            );
        }
        Ok(())
    }

    /// Nobody listens any more. Whether somebody did.
    pub(super) fn drop_streams(&mut self, index: usize) -> bool {
        let of = |work: &Work| matches!(work, Work::Ear { device, .. } if *device == index);
        let calls: Vec<CallId> = self
            .work
            .iter()
            .filter(|(_, work)| of(work))
            .map(|(call, _)| *call)
            .collect();
        for call in &calls {
            self.calls.drop_call(*call);
            self.work.remove(call);
        }
        !calls.is_empty()
    }
}
