//! A drawing of savings over time: three lines that go up in steps, and down where something ended, told apart by dash and by a sign at their end, not by colour alone.

use crate::console::words::amount;
use crate::view::PointView;
use jiff::civil::Date;
use maud::{Markup, html};
use money::Money;
use std::fmt::Write;

/// The drawing's inner size.
const WIDTH: i64 = 640;
const HEIGHT: i64 = 220;

/// Room for the words on the left and below.
const LEFT: i64 = 8;
const TOP: i64 = 16;

/// One line: its name, how it is drawn, and its figure of a point.
type Line = (&'static str, &'static str, fn(&PointView) -> Money);

/// The three lines, the uncertain first, so that the certain ones lie above.
const LINES: [Line; 3] = [
    ("Agreed", "promised", |it| it.agreed),
    ("Confirmed", "confirmed", |it| it.confirmed),
    ("Seen on a statement", "realised", |it| it.realised),
];

/// Savings agreed, confirmed and seen, a month.
pub(crate) fn savings(series: &[PointView]) -> Markup {
    let (Some(first), Some(last)) = (series.first(), series.last()) else { return html! {} };
    let most = series.iter().flat_map(|it| LINES.map(|(_, _, of)| of(it).minor)).max().unwrap_or(0).max(1);
    let scale = Scale { from: first.date, days: days(first.date, last.date).max(1), most };
    let words =
        LINES.map(|(name, _, of)| format!("{}: {}", name.to_lowercase(), amount(of(last)))).join(", ");
    html! {
        figure.chart {
            svg viewBox=(format!("0 0 {} {}", WIDTH + 2 * LEFT, HEIGHT + 2 * TOP)) role="img" aria-label=(format!("Savings a month, at the end {words}")) {
                @for part in 0..=2 {
                    @let y = TOP + HEIGHT * part / 2;
                    line.grid x1=(LEFT) x2=(LEFT + WIDTH) y1=(y) y2=(y) {}
                    text x=(LEFT) y=(y - 4) { (amount(Money { minor: most - most * part / 2, ..first.agreed })) }
                }
                @for (_, look, of) in LINES { path class=(look) d=(steps(series, &scale, of)) {} }
                @for (_, look, of) in LINES { circle class=(look) r="4" cx=(scale.x(last.date)) cy=(scale.y(of(last))) {} }
            }
            figcaption {
                span.quiet { (first.date.strftime("%-d %b %Y")) " \u{2013} " (last.date.strftime("%-d %b %Y")) }
                ul.legend { @for (name, look, of) in LINES { li class=(look) { svg viewBox="0 0 28 8" width="28" height="8" aria-hidden="true" { path class=(look) d="M0 4h28" {} } (name) " " b { (amount(of(last))) } } } }
            }
        }
    }
}

/// Where a day and an amount are in the drawing.
struct Scale {
    from: Date,
    days: i64,
    most: i64,
}

impl Scale {
    fn x(&self, day: Date) -> i64 {
        LEFT + WIDTH * days(self.from, day) / self.days
    }

    fn y(&self, amount: Money) -> i64 {
        let height = i128::from(amount.minor.max(0)) * i128::from(HEIGHT) / i128::from(self.most);
        TOP + HEIGHT - i64::try_from(height).unwrap_or(HEIGHT)
    }
}

fn days(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |it| i64::from(it.get_days()))
}

/// A line that keeps its height until the day of the next point.
fn steps(series: &[PointView], scale: &Scale, of: fn(&PointView) -> Money) -> String {
    let mut path = String::new();
    for (index, point) in series.iter().enumerate() {
        let (x, y) = (scale.x(point.date), scale.y(of(point)));
        // Writing to a string cannot fail.
        let _ = if index == 0 { write!(path, "M{x} {y}") } else { write!(path, "H{x}V{y}") };
    }
    if series.len() == 1 {
        let _ = write!(path, "H{}", LEFT + WIDTH);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(date: &str, agreed: i64, confirmed: i64, realised: i64) -> PointView {
        PointView {
            date: date.parse().unwrap(),
            agreed: Money::usd(agreed),
            confirmed: Money::usd(confirmed),
            realised: Money::usd(realised),
        }
    }

    #[test]
    fn lines_go_up_in_steps_and_stay_in_the_drawing() {
        let series = [point("2026-06-01", 1_000, 0, 0), point("2026-06-11", 2_000, 2_000, 1_000)];
        let drawn = savings(&series).into_string();
        assert!(drawn.contains("<path class=\"promised\" d=\"M8 126H648V16\">"), "{drawn}");
        assert!(drawn.contains("<path class=\"realised\" d=\"M8 236H648V126\">"), "{drawn}");
        assert!(
            drawn.contains("at the end agreed: $20.00, confirmed: $20.00, seen on a statement: $10.00"),
            "{drawn}"
        );
        assert!(savings(&[]).into_string().is_empty());
        assert!(savings(&series[..1]).into_string().contains("d=\"M8 16H648\""));
    }
}
