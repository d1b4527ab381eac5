//! One workload as a drawing: throughput on the left, latency on the right, over the number of callers.

use super::{
    Row,
    chart::{Chart, Line, Scale},
};

const WIDTH: u32 = 920;
const HEIGHT: u32 = 380;
/// The services stand out; floors have quieter colours.
const SERVICE_COLOUR: &str = "#0b6e99";
const FLOOR_COLOURS: [&str; 3] = ["#c2571a", "#8a6d3b", "#7a7a7a"];

/// The drawing, as SVG.
pub(super) fn plot(workload: &str, rows: &[&Row]) -> String {
    let throughput =
        lines(rows, &|row| row.services.ops_per_s, &|row| row.floor.map(|(_, floor)| floor.ops_per_s));
    let latency = lines(rows, &|row| row.services.p99_ms, &|row| row.floor.map(|(_, floor)| floor.p99_ms));
    let left = Chart {
        title: format!("{workload}: operations per second"),
        left: 0,
        scale: Scale::FromZero,
        lines: throughput,
    };
    let right = Chart {
        title: format!("{workload}: p99 in milliseconds"),
        left: WIDTH / 2,
        scale: Scale::Powers,
        lines: latency,
    };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<title>{workload}</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n{}{}{}</svg>\n",
        left.draw(),
        right.draw(),
        legend(&left.lines)
    )
}

/// A line for the services, and one for each floor.
fn lines(rows: &[&Row], services: &dyn Fn(&Row) -> f64, floor: &dyn Fn(&Row) -> Option<f64>) -> Vec<Line> {
    let mut lines = vec![Line { name: "service", colour: SERVICE_COLOUR, points: Vec::new() }];
    for row in rows {
        if lines[0].points.last().is_none_or(|(callers, _)| *callers != row.callers) {
            lines[0].points.push((row.callers, services(row)));
        }
        let (Some((name, _)), Some(value)) = (row.floor, floor(row)) else { continue };
        let known = lines.iter().position(|line| line.name == name);
        let at = known.unwrap_or_else(|| {
            let colour = FLOOR_COLOURS[(lines.len() - 1) % FLOOR_COLOURS.len()];
            lines.push(Line { name, colour, points: Vec::new() });
            lines.len() - 1
        });
        lines[at].points.push((row.callers, value));
    }
    lines
}

fn legend(lines: &[Line]) -> String {
    let entry = |(number, line): (usize, &Line)| {
        let (x, y) = (60 + 200 * number, HEIGHT - 16);
        format!(
            "<rect x=\"{x}\" y=\"{}\" width=\"18\" height=\"4\" fill=\"{}\"/>\n<text x=\"{}\" y=\"{y}\">{}</text>\n",
            y - 6,
            line.colour,
            x + 26,
            line.name
        )
    };
    lines.iter().enumerate().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests;

    #[test]
    fn there_is_a_line_for_the_service_and_one_for_each_floor() {
        let rows: Vec<_> = [1, 8]
            .into_iter()
            .flat_map(|callers| {
                let one = tests::row("place", callers);
                let other = one.floor.map(|(_, side)| ("echo", side));
                [one.clone(), Row { floor: other, ..one }]
            })
            .collect();
        let drawing = plot("place", &rows.iter().collect::<Vec<_>>());
        assert_eq!(drawing.matches("<polyline").count(), 6);
        assert_eq!(drawing.matches("<circle").count(), 12);
        assert!(drawing.contains(">pgbench-cte</text>") && drawing.contains(">echo</text>"));
        assert!(!drawing.contains("NaN"));
    }
}
