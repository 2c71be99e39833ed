//! Figures as one table.

use super::Figure;

const HEAD: [&str; 4] = ["", "ours", "baseline", "goal"];

/// The table, its columns as wide as their widest cell.
pub(crate) fn table(figures: &[Figure]) -> String {
    let rows: Vec<[&str; 4]> = std::iter::once(HEAD)
        .chain(figures.iter().map(Figure::cells))
        .collect();
    let mut widths = [0; 4];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let lines: Vec<String> = rows.iter().map(|row| line(row, widths)).collect();
    lines.join("\n")
}

fn line(row: &[&str; 4], widths: [usize; 4]) -> String {
    let cells: Vec<String> = row
        .iter()
        .zip(widths)
        .map(|(cell, width)| format!("{cell:width$}"))
        .collect();
    cells.join(" | ").trim_end().to_owned()
}

impl Figure {
    fn cells(&self) -> [&str; 4] {
        [&self.name, &self.ours, &self.baseline, &self.goal]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let figure = |name: &str, ours: &str| Figure {
            name: name.to_owned(),
            ours: ours.to_owned(),
            baseline: "-".to_owned(),
            goal: "< 5 ms".to_owned(),
        };
        let table = table(&[figure("search", "3 ms"), figure("event to card", "120 ms")]);
        assert_eq!(
            table,
            "              | ours   | baseline | goal\n\
             search        | 3 ms   | -        | < 5 ms\n\
             event to card | 120 ms | -        | < 5 ms"
        );
    }
}
