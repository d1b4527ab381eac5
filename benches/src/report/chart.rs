//! Lines over the number of callers, as SVG.

use std::fmt::Write;

/// Inner size of a chart, and where it begins in its half of the drawing.
const WIDTH: f64 = 370.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 66.0;
const TOP: f64 = 40.0;

/// How values become heights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// Evenly, from zero.
    FromZero,
    /// Each power of ten takes the same room.
    Powers,
}

/// One line: for numbers of callers, values above zero.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) colour: &'static str,
    pub(super) points: Vec<(usize, f64)>,
}

/// A chart. Numbers of callers take the same room each time they double.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chart {
    pub(super) title: String,
    /// Where its half of the drawing begins.
    pub(super) left: u32,
    pub(super) scale: Scale,
    pub(super) lines: Vec<Line>,
}

impl Chart {
    /// The chart without a legend.
    pub(super) fn draw(&self) -> String {
        let (low, high, marks) = self.marks();
        let y = |value: f64| {
            let share = match self.scale {
                Scale::FromZero => value / high,
                Scale::Powers => (value.max(low) / low).ln() / (high / low).ln(),
            };
            TOP + HEIGHT - share.clamp(0.0, 1.0) * HEIGHT
        };
        let origin = f64::from(self.left) + LEFT;
        let most = self.values(|(callers, _)| *callers as f64).fold(2.0, f64::max);
        let x = |callers: usize| origin + (callers.max(1) as f64).ln() / most.ln() * WIDTH;

        let mut svg = format!("<text x=\"{origin}\" y=\"24\" font-weight=\"bold\">{}</text>\n", self.title);
        for mark in marks {
            let (at, end) = (y(mark), origin + WIDTH);
            let _ = writeln!(svg, "<path d=\"M{origin} {at:.1}H{end}\" stroke=\"#e2e2e2\" fill=\"none\"/>");
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                origin - 8.0,
                at + 4.0,
                short(mark)
            );
        }
        for (callers, _) in self.lines.first().map(|line| line.points.as_slice()).unwrap_or_default() {
            let bottom = TOP + HEIGHT + 18.0;
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{bottom}\" text-anchor=\"middle\">{callers}</text>",
                x(*callers)
            );
        }
        for line in &self.lines {
            svg += &draw(line, &x, &y);
        }
        svg
    }

    /// The lowest and the highest value of the scale, and where lines are drawn across.
    fn marks(&self) -> (f64, f64, Vec<f64>) {
        let highest = self.values(|(_, value)| *value).fold(0.0, f64::max).max(1e-3);
        let lowest = self.values(|(_, value)| *value).fold(highest, f64::min).max(1e-3);
        match self.scale {
            Scale::FromZero => {
                let power = 10_f64.powf(highest.log10().floor());
                let step = [0.2, 0.5, 1.0, 2.0]
                    .map(|part| part * power)
                    .into_iter()
                    .find(|step| highest / step <= 6.0);
                let step = step.unwrap_or(2.0 * power);
                let count = (highest / step).ceil() as u32;
                (0.0, f64::from(count) * step, (0..=count).map(|number| f64::from(number) * step).collect())
            }
            Scale::Powers => {
                let (from, to) = (lowest.log10().floor() as i32, highest.log10().ceil() as i32);
                let to = to.max(from + 1);
                (10_f64.powi(from), 10_f64.powi(to), (from..=to).map(|power| 10_f64.powi(power)).collect())
            }
        }
    }

    fn values(&self, of: impl Fn(&(usize, f64)) -> f64) -> impl Iterator<Item = f64> {
        self.lines.iter().flat_map(|line| &line.points).map(of)
    }
}

fn draw(line: &Line, x: &impl Fn(usize) -> f64, y: &impl Fn(f64) -> f64) -> String {
    let colour = line.colour;
    let points: Vec<_> = line.points.iter().map(|&(callers, value)| (x(callers), y(value))).collect();
    let path: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let mut svg = format!(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n",
        path.join(" ")
    );
    for (x, y) in points {
        let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>");
    }
    svg
}

/// A mark's number, in few characters.
fn short(number: f64) -> String {
    match number {
        1_000.0.. => format!("{}k", number / 1_000.0),
        _ => format!("{number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(scale: Scale, values: [f64; 2]) -> Chart {
        let points = vec![(1, values[0]), (32, values[1])];
        Chart { title: "t".into(), left: 0, scale, lines: vec![Line { name: "l", colour: "#000", points }] }
    }

    #[test]
    fn marks_are_round_and_reach_over_all_values() {
        let (low, high, marks) = chart(Scale::FromZero, [120.0, 17_300.0]).marks();
        assert_eq!((low, high), (0.0, 20_000.0));
        assert_eq!(marks, [0.0, 5_000.0, 10_000.0, 15_000.0, 20_000.0]);
        let (low, high, marks) = chart(Scale::Powers, [0.2, 40.0]).marks();
        assert!((low - 0.1).abs() < 1e-9 && (high - 100.0).abs() < 1e-9);
        assert_eq!(marks.len(), 4);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([0.1, 20.0, 2_500.0].map(short), ["0.1", "20", "2.5k"]);
    }
}
