//! Calls that the cloud is working on: each a future that is polled when the scheduler says so, and by nobody else.

use super::gate::Gate;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

/// Which call.
pub(super) type CallId = u64;

/// What a call answers: the HTTP status and the body as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// The status.
    pub status: u16,
    /// The bytes.
    pub body: Vec<u8>,
}

/// Where a call stands after it was polled.
#[derive(Debug)]
pub(super) enum Stand {
    /// It answered and is gone.
    Answered(Answer),
    /// It waits for its turn at the ledger.
    AtGate,
    /// It waits for a poke or for the time.
    Parked,
    /// It is no more.
    Gone,
}

/// All calls that run.
pub(super) struct Calls {
    running: BTreeMap<CallId, Call>,
    gate: Arc<Gate>,
}

struct Call {
    work: Pin<Box<dyn Future<Output = Answer> + Send>>,
    flag: Arc<Flag>,
    parked: bool,
}

/// Remembers that somebody woke the call, and ends the wait for another thread.
struct Flag {
    woken: AtomicBool,
    scheduler: Thread,
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        self.scheduler.unpark();
    }
}

impl Calls {
    /// No calls yet.
    #[must_use]
    pub(super) const fn new(gate: Arc<Gate>) -> Self {
        Self {
            running: BTreeMap::new(),
            gate,
        }
    }

    /// A call arrived; it does nothing before it is polled.
    pub(super) fn begin(
        &mut self,
        id: CallId,
        work: impl Future<Output = Answer> + Send + 'static,
    ) {
        let flag = Arc::new(Flag {
            woken: AtomicBool::new(false),
            scheduler: std::thread::current(),
        });
        let work = Box::pin(work);
        self.running.insert(
            id,
            Call {
                work,
                flag,
                parked: false,
            },
        );
    }

    /// Lets a call go on to its next operation.
    pub(super) fn poll(&mut self, id: CallId) -> Stand {
        let Some(call) = self.running.get_mut(&id) else {
            return Stand::Gone;
        };
        self.gate.grant();
        loop {
            call.flag.woken.store(false, Ordering::SeqCst);
            let waker = Waker::from(Arc::clone(&call.flag));
            match call.work.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(answer) => {
                    self.gate.is_asked();
                    self.running.remove(&id);
                    return Stand::Answered(answer);
                }
                Poll::Pending if self.gate.is_inside() => wait(&call.flag),
                Poll::Pending if self.gate.is_asked() => {
                    call.parked = false;
                    return Stand::AtGate;
                }
                Poll::Pending => {
                    drain_pool();
                    // Else what it gave to the pool is done: it goes on at once.
                    if !call.flag.woken.load(Ordering::SeqCst) {
                        call.parked = true;
                        return Stand::Parked;
                    }
                }
            }
        }
    }

    /// Parked calls that somebody woke since, once each.
    pub(super) fn woken(&mut self) -> Vec<CallId> {
        let woken = self.running.iter_mut().filter(|(_, call)| call.parked);
        let woken = woken.filter(|(_, call)| call.flag.woken.swap(false, Ordering::SeqCst));
        woken.map(|(id, _)| *id).collect()
    }

    /// The caller went away.
    pub(super) fn drop_call(&mut self, id: CallId) {
        self.running.remove(&id);
    }

    /// The cloud ends: whatever it was doing stops where it is.
    pub(super) fn drop_all(&mut self) -> Vec<CallId> {
        std::mem::take(&mut self.running).into_keys().collect()
    }
}

/// Waits until the runtime's pool has nothing left to do: it has one thread, which takes work in its order.
fn drain_pool() {
    let (tell, told) = std::sync::mpsc::channel();
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return;
    };
    drop(runtime.spawn_blocking(move || tell.send(())));
    // Where the pool is gone, nothing is left in it.
    let _ = told.recv();
}

/// A real engine answers from a thread of its own: nothing else happens before it does.
fn wait(flag: &Flag) {
    while !flag.woken.load(Ordering::SeqCst) {
        std::thread::park();
    }
}
