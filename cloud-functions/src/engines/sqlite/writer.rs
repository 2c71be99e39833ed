//! The one thread that writes: it takes what is queued, commits it in one go, and only then answers.
//!
//! A sync of the disk costs the same for one write and for a hundred, so writers that come together share one.

use super::StoreError;
use rusqlite::Connection;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// How many jobs may wait; who comes then waits to be queued.
const QUEUE: usize = 256;
/// How many jobs share a commit at most.
const MAX_GROUP: usize = 256;

/// Hands jobs to the thread; dropping it waits until what is queued is written.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread on its connection.
    pub(super) fn start(connection: Connection, name: &str) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || serve(queue, &connection))?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Runs the work inside a transaction; answers after the commit. Work that fails leaves nothing.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let stopped = || StoreError::Unavailable("the writer has stopped".to_owned());
        let (reply, answer) = oneshot::channel();
        let task = Task {
            work: Some(work),
            result: None,
            reply,
        };
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(Box::new(task)).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| {
            StoreError::UnknownOutcome("the writer stopped in the middle".to_owned())
        })?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so already.
            let _ = thread.join();
        }
    }
}

/// What the thread sees of a task.
trait Job: Send {
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()>;
    fn answer(self: Box<Self>, failure: Option<StoreError>);
}

struct Task<T, F> {
    work: Option<F>,
    result: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> rusqlite::Result<T> + Send,
{
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if let Some(work) = self.work.take() {
            self.result = Some(work(connection)?);
        }
        Ok(())
    }

    fn answer(self: Box<Self>, failure: Option<StoreError>) {
        let answer = match (failure, self.result) {
            (Some(failure), _) => Err(failure),
            (None, Some(result)) => Ok(result),
            (None, None) => Err(StoreError::Unavailable("the work did not run".to_owned())),
        };
        // Who asked may have gone; the write stands all the same.
        let _ = self.reply.send(answer);
    }
}

type Group = Vec<Box<dyn Job>>;

fn serve(mut queue: mpsc::Receiver<Box<dyn Job>>, connection: &Connection) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = vec![first];
        while group.len() < MAX_GROUP {
            match queue.try_recv() {
                Ok(next) => group.push(next),
                Err(_) => break,
            }
        }
        commit(connection, group);
    }
}

fn commit(connection: &Connection, group: Group) {
    if let Err(error) = execute(connection, "BEGIN IMMEDIATE") {
        return answer(group, Some(&StoreError::before_commit(&error)));
    }
    let (done, lost) = run_all(connection, group);
    if let Some(lost) = lost {
        return answer(done, Some(&lost));
    }
    let outcome = execute(connection, "COMMIT");
    if outcome.is_err() && !connection.is_autocommit() {
        // Fails only where SQLite has rolled back by itself.
        let _ = execute(connection, "ROLLBACK");
    }
    let failure = outcome.err().map(|error| StoreError::of_commit(&error));
    answer(done, failure.as_ref());
}

/// Runs each job in a savepoint and answers those that fail. Some errors make SQLite roll back the whole transaction:
/// then all jobs are lost, with the reason.
fn run_all(connection: &Connection, group: Group) -> (Group, Option<StoreError>) {
    let mut done = Group::with_capacity(group.len());
    let mut jobs = group.into_iter();
    while let Some(mut job) = jobs.next() {
        match in_savepoint(connection, job.as_mut()) {
            Ok(()) => done.push(job),
            Err(error) => {
                let failure = StoreError::before_commit(&error);
                job.answer(Some(failure.clone()));
                if connection.is_autocommit() {
                    done.extend(jobs);
                    return (done, Some(failure));
                }
            }
        }
    }
    (done, None)
}

fn in_savepoint(connection: &Connection, job: &mut dyn Job) -> rusqlite::Result<()> {
    execute(connection, "SAVEPOINT job")?;
    match job.run(connection) {
        Ok(()) => execute(connection, "RELEASE job"),
        Err(error) => {
            if !connection.is_autocommit() {
                execute(connection, "ROLLBACK TO job")?;
                execute(connection, "RELEASE job")?;
            }
            Err(error)
        }
    }
}

fn answer(group: Group, failure: Option<&StoreError>) {
    for job in group {
        job.answer(failure.cloned());
    }
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}
