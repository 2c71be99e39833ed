//! Chooses parameters: on the last thirteenth of the train part, by changing one at a time. The test part is
//! never read here.

use crate::clock;
use crate::dataset::{self, Example};
use crate::sessions::{BOUNDS, items};
use recommend::sessions::{Bounds, SessionIndex, Tuned, Tuning};
use std::path::Path;

/// Steps by which a parameter is changed, in 1/100, in the order of the rounds.
const ROUNDS: [[u32; 2]; 3] = [[145, 69], [120, 83], [108, 93]];
/// Every how manyth session of the last part is asked.
const SAMPLE: usize = 3;

type Knob = (&'static str, fn(&mut Tuning) -> Option<&mut u32>);

const KNOBS: [Knob; 19] = [
    ("position_half_life", |t| Some(&mut t.position_half_life)),
    ("anchor_half_life", |t| Some(&mut t.anchor_half_life)),
    ("match_offset", |t| Some(&mut t.match_offset)),
    ("power", |t| Some(&mut t.power)),
    ("horizon", |t| Some(&mut t.horizon)),
    ("length_damping", |t| Some(&mut t.length_damping)),
    ("gap_reach", |t| Some(&mut t.gap_reach)),
    ("backward", |t| Some(&mut t.backward)),
    ("rarity_offset", |t| Some(&mut t.rarity_offset)),
    ("current", |t| Some(&mut t.current)),
    ("earlier", |t| Some(&mut t.earlier)),
    ("neighbours", |t| Some(&mut t.reach.neighbours)),
    ("candidates", |t| Some(&mut t.reach.candidates)),
    ("second.share", |t| Some(&mut t.second_look.as_mut()?.share)),
    ("second.weight", |t| {
        Some(&mut t.second_look.as_mut()?.weight)
    }),
    ("second.items", |t| Some(&mut t.second_look.as_mut()?.items)),
    ("second.postings", |t| {
        Some(&mut t.second_look.as_mut()?.postings)
    }),
    ("second.candidates", |t| {
        Some(&mut t.second_look.as_mut()?.candidates)
    }),
    ("second.neighbours", |t| {
        Some(&mut t.second_look.as_mut()?.neighbours)
    }),
];

struct Trial {
    index: SessionIndex,
    examples: Vec<Example>,
}

/// Prints the parameters that it ends with.
pub(crate) fn tune(name: &str, folder: &Path, mut tuning: Tuning, most: u32) {
    let trial = Trial::of(&dataset::sessions(&folder.join("train.tsv.gz")), BOUNDS);
    let mut best = trial.worth(tuning);
    println!("{name}: {} examples, {best}", trial.examples.len());
    for round in ROUNDS {
        for (knob, field) in KNOBS {
            for step in round {
                let mut other = tuning;
                let Some(value) = field(&mut other) else {
                    continue;
                };
                *value = (*value * step / 100).max(1);
                if field(&mut other)
                    .is_some_and(|value| *value > most && knob.ends_with("candidates"))
                {
                    continue;
                }
                let worth = trial.worth(other);
                if worth.sum() > best.sum() + 1e-5 {
                    println!("{knob} {:?}: {worth}", field(&mut other));
                    (best, tuning) = (worth, other);
                }
            }
        }
    }
    println!("{tuning:#?}");
}

/// Prints what shorter reaches cost and save.
pub(crate) fn trade(name: &str, folder: &Path, tuning: Tuning) {
    let trial = Trial::of(&dataset::sessions(&folder.join("train.tsv.gz")), BOUNDS);
    for (neighbours, second, postings) in [
        (100, 100, 100),
        (100, 60, 60),
        (60, 60, 60),
        (60, 40, 40),
        (60, 0, 0),
    ] {
        let mut other = tuning;
        other.reach.neighbours = tuning.reach.neighbours * neighbours / 100;
        other.second_look = tuning.second_look.filter(|_| second > 0).map(|mut look| {
            look.neighbours = look.neighbours * second / 100;
            look.postings = look.postings * postings / 100;
            look
        });
        let worth = trial.worth(other);
        let tuned = Tuned::new(other);
        let (mean, p99) = clock::measure(trial.examples.len(), 1, |place| {
            drop(
                trial
                    .index
                    .next_items_tuned(&trial.examples[place].session, &tuned, 21),
            );
        });
        println!(
            "{name} {neighbours}/{second}/{postings} %: {worth}, {mean:.1} µs, p99 {p99:.1} µs"
        );
    }
}

/// Figures with the current item allowed and excluded.
#[derive(Clone, Copy)]
struct Worth([f64; 4]);

impl Worth {
    fn sum(self) -> f64 {
        let [hit_rate, mrr, hit_rate_excluded, mrr_excluded] = self.0;
        hit_rate + 2.0 * mrr + hit_rate_excluded + 2.0 * mrr_excluded
    }
}

impl std::fmt::Display for Worth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d] = self.0;
        write!(
            f,
            "allowed {a:.4}/{b:.4}, excluded {c:.4}/{d:.4}, sum {:.4}",
            self.sum()
        )
    }
}

impl Trial {
    fn of(train: &[Vec<u32>], bounds: Bounds) -> Self {
        let (learnt, asked) = train.split_at(train.len() - train.len() / 13);
        let index = SessionIndex::build(learnt, bounds);
        let known = |session: &Vec<u32>| -> Vec<u32> {
            let items = session.iter().copied();
            items.filter(|item| index.frequency(*item) > 0).collect()
        };
        let asked = asked.iter().step_by(SAMPLE).map(known);
        let examples = asked
            .flat_map(|session| dataset::prefixes(&session).collect::<Vec<_>>())
            .collect();
        Self { index, examples }
    }

    fn worth(&self, tuning: Tuning) -> Worth {
        let tuned = Tuned::new(tuning);
        let (mut allowed, mut excluded) = (dataset::Tally::default(), dataset::Tally::default());
        for example in &self.examples {
            let answer = items(self.index.next_items_tuned(&example.session, &tuned, 21));
            allowed.count(answer.iter().copied(), example.label, None);
            excluded.count(answer, example.label, example.session.first().copied());
        }
        let ((a, b), (c, d)) = (allowed.rates(), excluded.rates());
        Worth([a, b, c, d])
    }
}
