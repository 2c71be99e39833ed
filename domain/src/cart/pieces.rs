//! *n for m*: which pieces are free.

/// Pieces of one line that cost the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    line: usize,
    value: i64,
    count: u64,
}

/// What is off each line, with how many pieces are free: `(line, amount, pieces)` for lines of which some are. `lines`
/// are `(line, what is left to pay for it, pieces)`.
pub(super) fn free_pieces(
    lines: &[(usize, i64, u32)],
    take: u32,
    pay: u32,
) -> Vec<(usize, i64, u64)> {
    let mut runs: Vec<Run> = lines.iter().flat_map(runs_of).collect();
    runs.sort_by(|a, b| b.value.cmp(&a.value).then(a.line.cmp(&b.line)));
    let (take, pay) = (u64::from(take.max(1)), u64::from(pay));
    let pieces: u64 = runs.iter().map(|run| run.count).sum();
    let grouped = pieces / take * take;
    // Of the first `n` pieces, this many are free.
    let free_before =
        |n: u64| n / take * (take.saturating_sub(pay)) + (n % take).saturating_sub(pay);
    let mut free: Vec<(usize, i64, u64)> = Vec::new();
    let mut start = 0_u64;
    for run in runs {
        let end = start + run.count;
        let count = free_before(end.min(grouped)) - free_before(start.min(grouped));
        start = end;
        if count == 0 {
            continue;
        }
        let amount = run
            .value
            .saturating_mul(i64::try_from(count).unwrap_or(i64::MAX));
        match free.iter_mut().find(|(line, ..)| *line == run.line) {
            Some((_, sum, pieces)) => {
                *sum = sum.saturating_add(amount);
                *pieces += count;
            }
            None => free.push((run.line, amount, count)),
        }
    }
    free.sort_unstable_by_key(|(line, ..)| *line);
    free
}

/// A line whose cost does not divide by its pieces has pieces of two prices, a minor unit apart.
fn runs_of(line: &(usize, i64, u32)) -> [Run; 2] {
    let (line, left, quantity) = *line;
    let pieces = i64::from(quantity).max(1);
    let (value, dearer) = (left / pieces, left % pieces);
    let run = |value, count: i64| Run {
        line,
        value,
        count: u64::try_from(count).unwrap_or(0),
    };
    [
        run(value.saturating_add(1), dearer),
        run(value, pieces - dearer),
    ]
}
