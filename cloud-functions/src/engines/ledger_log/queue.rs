//! A lane's queue: appends that come together are written together.
//!
//! One task a lane writes, so that appends of one process do not race each other for the lane's head, and so that an
//! append whose caller has gone is still finished.

use super::append::{MAX_EVENTS, Writer};
use super::event::Encoded;
use super::partly;
use crate::ports::events::{Appended, LogError};
use std::sync::{Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot, watch};

/// How many appends may wait; who comes then waits to be queued.
const QUEUE: usize = 256;

type Answer = Result<Vec<Appended>, LogError>;

/// Hands appends to the task. The task ends when the queue is dropped.
pub(super) struct Queue {
    state: Mutex<State>,
    /// Changes whenever this process appended to the lane, or wants a letter of it again.
    pub(super) arrivals: watch::Sender<u64>,
}

enum State {
    /// Nothing was appended yet: there may be no runtime to run on.
    Idle(Option<Box<Writer>>),
    Running(mpsc::Sender<Request>),
}

struct Request {
    events: Vec<Encoded>,
    answer: oneshot::Sender<Answer>,
}

impl Queue {
    pub(super) fn new(writer: Writer) -> Self {
        Self {
            state: Mutex::new(State::Idle(Some(Box::new(writer)))),
            arrivals: watch::Sender::default(),
        }
    }

    /// Appends in order; answers when it is written.
    pub(super) async fn append(&self, events: Vec<Encoded>) -> Answer {
        let stopped = || LogError::Unavailable("the log's writer has stopped".to_owned());
        let (answer, answered) = oneshot::channel();
        let requests = self.running().ok_or_else(stopped)?;
        let request = Request { events, answer };
        requests.send(request).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    pub(super) fn tell(&self) {
        self.arrivals.send_modify(|count| *count += 1);
    }

    /// Where requests go; starts the task at first use.
    fn running(&self) -> Option<mpsc::Sender<Request>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Idle(writer) = &mut *state {
            let (requests, queue) = mpsc::channel(QUEUE);
            tokio::spawn(serve(*writer.take()?, queue));
            *state = State::Running(requests);
        }
        match &*state {
            State::Idle(_) => None,
            State::Running(requests) => Some(requests.clone()),
        }
    }
}

async fn serve(mut writer: Writer, mut queue: mpsc::Receiver<Request>) {
    while let Some(first) = queue.recv().await {
        let group = gather(first, &mut queue);
        let events: Vec<Encoded> = group.iter().flat_map(|r| r.events.clone()).collect();
        let (mut outcomes, error) = place_all(&mut writer, &events).await;
        for Request { events, answer } in group {
            let rest = outcomes.split_off(events.len().min(outcomes.len()));
            let own = std::mem::replace(&mut outcomes, rest);
            // Who asked may have gone; the events stand all the same.
            let _ = answer.send(outcome(events.len(), own, error.as_ref()));
        }
    }
}

/// What waits, up to the events of one batch.
fn gather(first: Request, queue: &mut mpsc::Receiver<Request>) -> Vec<Request> {
    let mut events = first.events.len();
    let mut group = vec![first];
    while events < MAX_EVENTS {
        let Ok(next) = queue.try_recv() else { break };
        events += next.events.len();
        group.push(next);
    }
    group
}

/// Writes batch after batch; answers what became of the events before the first error.
async fn place_all(writer: &mut Writer, events: &[Encoded]) -> (Vec<Appended>, Option<LogError>) {
    let (mut outcomes, mut rest) = (Vec::with_capacity(events.len()), events);
    while !rest.is_empty() {
        let (batch, later) = super::append::split_batch(rest);
        match writer.place(batch).await {
            Ok(placed) => outcomes.extend(placed),
            Err(error) => return (outcomes, Some(error)),
        }
        rest = later;
    }
    (outcomes, None)
}

fn outcome(wanted: usize, own: Vec<Appended>, error: Option<&LogError>) -> Answer {
    match error {
        Some(error) if own.len() < wanted && own.is_empty() => Err(error.clone()),
        Some(error) if own.len() < wanted => Err(partly(error.clone())),
        _ => Ok(own),
    }
}
