//! What comes next in a session: our methods beside the baselines, with a model that stands still, one that is
//! built anew each day, and one that learns each session as soon as it is over.

use crate::baselines::{self, Method, Serenade};
use crate::clock;
use crate::dataset::{self, Example};
use crate::figures::{Catalogue, Tally};
use recommend::sessions::{Bounds, Reach, SessionIndex, Tuned, Tuning};
use std::path::Path;
use std::time::Instant;

/// The data sets have no days left; the test part is cut into as many equal ones.
const DAYS: usize = 7;
/// Postings that the tuned methods look at.
pub(crate) const BOUNDS: Bounds = Bounds {
    postings_per_item: 1_000,
    ..Bounds::SESSIONS
};

/// How the index that answers keeps up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upkeep {
    Daily,
    Live,
}

pub(crate) fn evaluate(name: &str, folder: &Path, tuning: Tuning) {
    let train = dataset::sessions(&folder.join("train.tsv.gz"));
    let test = dataset::sessions(&folder.join("test.tsv.gz"));
    let examples: Vec<Example> = test
        .iter()
        .flat_map(|session| dataset::prefixes(session))
        .collect();
    let catalogue = Catalogue::of(&train);
    let bench = Bench {
        name,
        catalogue: &catalogue,
        examples: &examples,
    };
    bench.print_head();
    bench.compare("popular", &baselines::popular(&train));
    bench.compare("sequential rules", &baselines::sequential_rules(&train));
    bench.compare("item cosine, last 6", &baselines::item_cosine(&train));
    bench.compare("VMIS-kNN as published", &Serenade::learn(&train));
    let index = SessionIndex::build(&train, Bounds::SESSIONS);
    bench.compare("VMIS-kNN, our kernel", &|session: &[u32]| {
        items(index.next_items(session, Reach::VMIS, 21))
    });
    let tuned = Tuned::new(tuning);
    let index = SessionIndex::build(&train, BOUNDS);
    bench.compare("tuned kNN", &|session: &[u32]| {
        items(index.next_items_tuned(session, &tuned, 21))
    });
    bench.keep_up(
        "tuned kNN, daily",
        &test,
        index.clone(),
        &tuned,
        Upkeep::Daily,
    );
    bench.keep_up("tuned kNN, live", &test, index, &tuned, Upkeep::Live);
    let (mean, p99) = event_cost(&train);
    println!("a live event takes {mean:.2} µs, 99 of 100 at most {p99:.2} µs");
}

pub(crate) fn items(scored: Vec<recommend::sessions::Scored>) -> Vec<u32> {
    scored.into_iter().map(|scored| scored.item).collect()
}

struct Bench<'a> {
    name: &'a str,
    catalogue: &'a Catalogue,
    examples: &'a [Example],
}

impl Bench<'_> {
    fn print_head(&self) {
        println!(
            "\n{:<22} current item allowed      | excluded                  |",
            self.name
        );
        println!(
            "method                  HR@20  MRR@20   NDCG  |  HR@20  MRR@20   NDCG  | coverage  bias  mean µs  p99 µs"
        );
    }

    fn compare(&self, method: &str, answerer: &impl Method) {
        let mut answers: Vec<Vec<u32>> = vec![Vec::new(); self.examples.len()];
        let spent = clock::measure(self.examples.len(), 2, |place| {
            if let Some((example, answer)) = self.examples.get(place).zip(answers.get_mut(place)) {
                *answer = answerer.answer(&example.session);
            }
        });
        self.print(method, &answers, Some(spent));
    }

    /// Sessions of the test part are learnt while it is gone through.
    fn keep_up(
        &self,
        method: &str,
        test: &[Vec<u32>],
        mut index: SessionIndex,
        tuned: &Tuned,
        upkeep: Upkeep,
    ) {
        let mut answers = Vec::with_capacity(self.examples.len());
        let mut waiting: Vec<&Vec<u32>> = Vec::new();
        let day = test.len().div_ceil(DAYS).max(1);
        for (place, session) in test.iter().enumerate() {
            if upkeep == Upkeep::Live || place % day == 0 {
                for session in waiting.drain(..) {
                    index.append(session);
                }
            }
            let answer =
                |example: Example| items(index.next_items_tuned(&example.session, tuned, 21));
            answers.extend(dataset::prefixes(session).map(answer));
            waiting.push(session);
        }
        self.print(method, &answers, None);
    }

    fn print(&self, method: &str, answers: &[Vec<u32>], spent: Option<(f64, f64)>) {
        let (mut allowed, mut excluded) = (Tally::default(), Tally::default());
        for (example, answer) in self.examples.iter().zip(answers) {
            allowed.count(answer, example.label, None, self.catalogue);
            excluded.count(
                answer,
                example.label,
                example.session.first().copied(),
                self.catalogue,
            );
        }
        let (one, two) = (
            allowed.figures(self.catalogue),
            excluded.figures(self.catalogue),
        );
        print!(
            "{method:<22} {:.4}  {:.4}  {:.4}  | ",
            one.hit_rate, one.mrr, one.ndcg
        );
        print!(
            "{:.4}  {:.4}  {:.4}  |  {:.3}  {:>6.2}",
            two.hit_rate, two.mrr, two.ndcg, one.coverage, one.bias
        );
        match spent {
            Some((mean, p99)) => println!("  {mean:>7.2} {p99:>7.2}"),
            None => println!(),
        }
    }
}

/// Microseconds per event when the newest half of the sessions arrives click by click.
fn event_cost(sessions: &[Vec<u32>]) -> (f64, f64) {
    let (old, new) = sessions.split_at(sessions.len() / 2);
    let mut index = SessionIndex::build(old, Bounds::SESSIONS);
    let mut times: Vec<f64> = Vec::new();
    for session in new {
        let mut number = None;
        for item in session {
            let started = Instant::now();
            match number {
                None => number = Some(index.append(&[*item])),
                Some(number) => {
                    index.extend(number, *item);
                }
            }
            times.push(started.elapsed().as_secs_f64() * 1e6);
        }
    }
    times.sort_unstable_by(f64::total_cmp);
    let mean = times.iter().sum::<f64>() / times.len().max(1) as f64;
    (
        mean,
        times.get(times.len() * 99 / 100).copied().unwrap_or(0.0),
    )
}
