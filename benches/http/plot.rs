//! Plots in SVG: two lines over sizes that grow tenfold.

use std::fmt::{Error, Write};

use super::figures::thousands;

/// The size of a panel, and of the margins around its plot.
const WIDTH: f64 = 430.0;
const HEIGHT: f64 = 270.0;
const LEFT: f64 = 50.0;
const RIGHT: f64 = 30.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 45.0;

/// How many panels stand side by side.
const COLUMNS: usize = 2;

/// The colours of the lines, which those who see few colours can tell apart.
const COLOURS: [&str; 2] = ["#0072b2", "#d55e00"];

/// How many parts the upright axis has.
const PARTS: u32 = 5;

/// A plot of two lines.
pub struct Panel {
    /// What is plotted upwards, from nought.
    pub title: &'static str,
    /// What is plotted across, on a logarithmic scale.
    pub across: &'static str,
    /// The lines.
    pub lines: [Line; 2],
}

/// A line.
pub struct Line {
    /// What it is called.
    pub name: &'static str,
    /// Its points, from left to right.
    pub points: Vec<(f64, f64)>,
}

/// The panels as one picture.
pub fn svg(panels: &[Panel]) -> Result<String, Error> {
    let width = WIDTH * COLUMNS as f64;
    let height = HEIGHT * panels.len().div_ceil(COLUMNS) as f64;
    let mut svg = String::new();
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">
<rect width="{width}" height="{height}" fill="white"/>"#
    )?;
    for (index, panel) in panels.iter().enumerate() {
        let (x, y) = ((index % COLUMNS) as f64 * WIDTH, (index / COLUMNS) as f64 * HEIGHT);
        writeln!(svg, r#"<g transform="translate({x} {y})">"#)?;
        panel.draw(&mut svg)?;
        writeln!(svg, "</g>")?;
    }
    writeln!(svg, "</svg>")?;
    Ok(svg)
}

impl Panel {
    fn draw(&self, svg: &mut String) -> Result<(), Error> {
        let scale = Scale::of(&self.lines);
        text(svg, (10.0, 20.0), "start", self.title)?;
        let middle = f64::midpoint(LEFT, WIDTH - RIGHT);
        text(svg, (middle, HEIGHT - 8.0), "middle", self.across)?;
        scale.draw(svg, &self.lines[0].points)?;
        let mut key = WIDTH - RIGHT - 170.0;
        for (line, colour) in self.lines.iter().zip(COLOURS) {
            let places = line.points.iter().map(|point| scale.place(*point));
            let places: Vec<_> = places.map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            let stroke = format!(r#"fill="none" stroke="{colour}" stroke-width="2""#);
            writeln!(svg, r#"<polyline points="{}" {stroke}/>"#, places.join(" "))?;
            writeln!(svg, r#"<path d="M{key} 16h14" {stroke}/>"#)?;
            text(svg, (key + 18.0, 20.0), "start", line.name)?;
            key += 85.0;
        }
        Ok(())
    }
}

/// Where points are in a panel.
struct Scale {
    /// The least and the most size.
    sizes: (f64, f64),
    /// The value at the top.
    top: f64,
}

impl Scale {
    fn of(lines: &[Line]) -> Self {
        let points = || lines.iter().flat_map(|line| &line.points);
        let least = points().map(|point| point.0).fold(f64::INFINITY, f64::min);
        let most = points().map(|point| point.0).fold(0.0, f64::max);
        Self { sizes: (least, most), top: round_up(points().map(|it| it.1).fold(0.0, f64::max)) }
    }

    fn place(&self, (size, value): (f64, f64)) -> (f64, f64) {
        let (least, most) = self.sizes;
        // A single size stands at the left.
        let across = (size / least).ln() / (most / least).ln().max(f64::EPSILON);
        let x = LEFT + across * (WIDTH - LEFT - RIGHT);
        let y = HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM);
        (x, y)
    }

    /// Draws what the points are measured against.
    fn draw(&self, svg: &mut String, points: &[(f64, f64)]) -> Result<(), Error> {
        let decimals = if self.top < f64::from(PARTS) { 2 } else { 0 };
        for part in 0..=PARTS {
            let value = self.top * f64::from(part) / f64::from(PARTS);
            let (_, y) = self.place((self.sizes.0, value));
            writeln!(svg, r##"<path d="M{LEFT} {y:.1}H{}" stroke="#ddd"/>"##, WIDTH - RIGHT)?;
            text(svg, (LEFT - 6.0, y + 4.0), "end", &format!("{value:.decimals$}"))?;
        }
        for (size, _) in points {
            let (x, y) = self.place((*size, 0.0));
            text(svg, (x, y + 16.0), "middle", &thousands(*size))?;
        }
        Ok(())
    }
}

fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, text: &str) -> Result<(), Error> {
    writeln!(svg, r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{text}</text>"#)
}

/// The next number like 1, 2 or 5.
fn round_up(value: f64) -> f64 {
    let tenfold = 10_f64.powf(value.max(f64::MIN_POSITIVE).log10().floor());
    let steps = [1.0, 2.0, 5.0].map(|step| step * tenfold);
    steps.into_iter().find(|step| *step >= value).unwrap_or(10.0 * tenfold)
}
