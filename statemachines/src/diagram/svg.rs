//! A diagram as SVG. Errors that end in `undo` run along a rail at the left, so that they do not cross everything else.

use super::layout::{GAP, HEIGHT, Layout, Spot, layout};
use super::mermaid::colours;
use super::{Diagram, Edge, Line, Look};
use std::fmt::Write;

const MARGIN: i32 = 32;
const TITLE: i32 = 44;
const FONT: &str = "font-family=\"Helvetica, Arial, DejaVu Sans, sans-serif\"";

impl Diagram {
    /// The diagram as an SVG document.
    pub fn to_svg(&self) -> String {
        let layout = layout(self);
        let boxes = || layout.spots.iter().filter(|spot| spot.node.is_some());
        let has_rail = self.edges.iter().any(|edge| self.on_rail(edge));
        let left =
            boxes().map(|spot| spot.x - spot.width / 2).min().unwrap_or(0) - if has_rail { GAP } else { 0 };
        let right = boxes().map(|spot| spot.x + spot.width / 2).max().unwrap_or(0);
        let letters = i32::try_from(self.title.chars().count()).unwrap_or(0);
        let width = (right - left).max(letters * 10) + 2 * MARGIN;
        let bottom = boxes().map(Spot::y).max().unwrap_or(0) + HEIGHT / 2;
        let height = bottom + HEIGHT / 2 + TITLE + 2 * MARGIN;
        let (dx, dy) = (MARGIN - left, MARGIN + TITLE + HEIGHT / 2);
        let mut canvas = Canvas { text: String::new(), layout: &layout, diagram: self };
        canvas.frames();
        canvas.rail(left);
        for (at, edge) in self.edges.iter().enumerate() {
            canvas.edge(at, edge);
        }
        for spot in boxes() {
            canvas.node(spot);
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" {FONT}>\n\
             <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
             orient=\"auto-start-reverse\"><path d=\"M0 0 8 4 0 8z\" fill=\"#475569\"/></marker></defs>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#FFFFFF\"/>\n\
             <text x=\"{MARGIN}\" y=\"{}\" font-size=\"18\" font-weight=\"bold\" fill=\"#0F172A\">{}</text>\n\
             <g transform=\"translate({dx} {dy})\">\n{}</g>\n</svg>\n",
            MARGIN + 12,
            escaped(&self.title),
            canvas.text
        )
    }

    /// Whether an arrow runs along the rail: errors of boxes that are not themselves beside another, to the run's undo.
    fn on_rail(&self, edge: &Edge) -> bool {
        edge.line == Line::Error
            && self.nodes[edge.to].name == "undo"
            && self.nodes[edge.from].beside.is_none()
    }

    /// Whether an arrow is left out: what stands beside a box fails the same way as the box.
    fn is_implied(&self, edge: &Edge) -> bool {
        edge.line == Line::Error
            && self.nodes[edge.from].look != Look::Undo
            && self.nodes[edge.from].beside.is_some()
    }
}

struct Canvas<'a> {
    text: String,
    layout: &'a Layout,
    diagram: &'a Diagram,
}

impl Canvas<'_> {
    fn add(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn node(&mut self, spot: &Spot) {
        let Some(node) = spot.node.map(|node| &self.diagram.nodes[node]) else { return };
        let (fill, stroke) = colours(node.look);
        let (x, y, half) = (spot.x, spot.y(), spot.width / 2);
        if node.look == Look::Bar {
            self.add(&format!(
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"8\" rx=\"4\" fill=\"{fill}\"/>",
                x - half,
                y - 4,
                spot.width
            ));
            if !node.name.is_empty() {
                self.label(x + half + 34, y - 8, &node.name);
            }
            return;
        }
        let radius = if node.look == Look::End { HEIGHT / 3 } else { 8 };
        let tall = if node.note.is_empty() { HEIGHT * 2 / 3 } else { HEIGHT };
        self.add(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{tall}\" rx=\"{radius}\" fill=\"{fill}\" stroke=\"{stroke}\" \
             stroke-width=\"2\"/>",
            x - half,
            y - tall / 2,
            spot.width
        ));
        if node.note.is_empty() {
            self.words(x, y + 5, 14, &node.name, "#0F172A", "normal");
        } else {
            self.words(x, y - 3, 14, &node.name, "#0F172A", "bold");
            self.words(x, y + 15, 11, &node.note, "#475569", "normal");
        }
    }

    fn words(&mut self, x: i32, y: i32, size: i32, words: &str, colour: &str, weight: &str) {
        self.add(&format!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" font-weight=\"{weight}\" fill=\"{colour}\" \
             text-anchor=\"middle\">{}</text>",
            escaped(words)
        ));
    }

    fn label(&mut self, x: i32, y: i32, words: &str) {
        if words.is_empty() {
            return;
        }
        let half = i32::try_from(words.chars().count()).unwrap_or(0) * 3 + 4;
        self.add(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"14\" fill=\"#FFFFFF\" fill-opacity=\"0.85\"/>",
            x - half,
            y - 11,
            2 * half
        ));
        self.words(x, y, 11, words, "#475569", "normal");
    }

    fn path(&mut self, d: &str, dashed: bool, tip: bool) {
        let dash = if dashed { " stroke-dasharray=\"5 4\"" } else { "" };
        let tip = if tip { " marker-end=\"url(#tip)\"" } else { "" };
        let colour = if dashed { "#94A3B8" } else { "#475569" };
        self.add(&format!(
            "<path d=\"{d}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"{dash}{tip}/>"
        ));
    }

    fn edge(&mut self, at: usize, edge: &Edge) {
        if self.diagram.on_rail(edge) || self.diagram.is_implied(edge) {
            return;
        }
        let (from, to) = (self.layout.spots[edge.from], self.layout.spots[edge.to]);
        let path = self.layout.paths[at].clone();
        if path.len() > 1 {
            self.down(&path, &edge.label);
        } else if from.row == to.row {
            self.across(edge, from, to);
        } else {
            self.around(edge, from, to);
        }
    }

    /// Half of a box's height, as it is drawn.
    fn half(&self, spot: &Spot) -> i32 {
        match spot.node.map(|node| &self.diagram.nodes[node]) {
            None => 0,
            Some(node) if node.look == Look::Bar => 4,
            Some(node) if node.note.is_empty() => HEIGHT / 3,
            Some(_) => HEIGHT / 2,
        }
    }

    fn down(&mut self, path: &[usize], label: &str) {
        let spots: Vec<Spot> = path.iter().map(|&at| self.layout.spots[at]).collect();
        let mut d = String::new();
        for pair in spots.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let (y0, y1) = (a.y() + self.half(&a), b.y() - self.half(&b));
            let middle = (y0 + y1) / 2;
            let start = if d.is_empty() { 'M' } else { 'L' };
            let _infallible =
                write!(d, "{start}{} {y0} C{} {middle} {} {middle} {} {y1} ", a.x, a.x, b.x, b.x);
        }
        self.path(d.trim_end(), false, true);
        if let [.., near, b] = spots[..] {
            // Close to the target, where arrows from one box have parted.
            self.label((near.x + 3 * b.x) / 4, b.y() - self.half(&b) - 16, label);
        }
    }

    /// To or from a box at the right side.
    fn across(&mut self, edge: &Edge, from: Spot, to: Spot) {
        let rightward = to.x > from.x;
        let (a, b) = if rightward { (from, to) } else { (to, from) };
        let neighbours = !self
            .layout
            .spots
            .iter()
            .any(|spot| spot.node.is_some() && spot.row == a.row && spot.x > a.x && spot.x < b.x);
        let (left, right) = (a.x + a.width / 2, b.x - b.width / 2);
        if neighbours {
            let y = from.y() + if rightward { -9 } else { 9 };
            let (x0, x1) = if rightward { (left, right) } else { (right, left) };
            self.path(&format!("M{x0} {y} L{x1} {y}"), true, true);
            self.label((left + right) / 2, if rightward { y - 5 } else { y + 14 }, &edge.label);
        } else {
            let top = from.y() - HEIGHT / 2;
            let (x0, x1) = if rightward { (a.x + a.width / 3, b.x) } else { (b.x, a.x + a.width / 3) };
            self.path(&format!("M{x0} {top} C{x0} {} {x1} {} {x1} {top}", top - 34, top - 34), true, true);
            self.label((x0 + x1) / 2, top - 20, &edge.label);
        }
    }

    /// Up again, or between rows for an error.
    fn around(&mut self, edge: &Edge, from: Spot, to: Spot) {
        let upward = to.row < from.row;
        let side = if upward { -1 } else { 1 };
        let x0 = from.x + side * from.width / 2;
        let x1 = to.x + side * to.width / 2;
        let out = if upward { x0.min(x1) - 44 } else { x0.max(x1) + 44 };
        let (y0, y1) = (from.y(), to.y() + if upward { 10 } else { 0 });
        self.path(&format!("M{x0} {y0} C{out} {y0} {out} {y1} {x1} {y1}"), true, true);
        self.label(out + 12, (y0 + y1) / 2 + 4, &edge.label);
    }

    fn rail(&mut self, left: i32) {
        let rail: Vec<Edge> =
            self.diagram.edges.iter().filter(|edge| self.diagram.on_rail(edge)).cloned().collect();
        let (Some(first), Some(undo)) = (rail.first(), rail.first().map(|edge| edge.to)) else { return };
        let undo = self.layout.spots[undo];
        let top = rail.iter().map(|edge| self.layout.spots[edge.from].y()).min().unwrap_or(0);
        for edge in &rail {
            let from = self.layout.spots[edge.from];
            self.path(
                &format!("M{} {} L{left} {}", from.x - from.width / 2, from.y(), from.y()),
                true,
                false,
            );
        }
        let end = undo.x - undo.width / 2;
        self.path(&format!("M{left} {top} L{left} {} L{end} {}", undo.y() - 8, undo.y() - 8), true, true);
        self.label(left + 50, undo.y() - 14, &first.label);
    }

    fn frames(&mut self) {
        for (name, nodes) in &self.diagram.frames {
            let spots: Vec<Spot> = nodes.iter().map(|&node| self.layout.spots[node]).collect();
            let left = spots.iter().map(|spot| spot.x - spot.width / 2).min().unwrap_or(0) - 16;
            let right = spots.iter().map(|spot| spot.x + spot.width / 2).max().unwrap_or(0) + 16;
            let top = spots.iter().map(Spot::y).min().unwrap_or(0) - HEIGHT / 2 - 22;
            let bottom = spots.iter().map(Spot::y).max().unwrap_or(0) + HEIGHT / 2 + 12;
            self.add(&format!(
                "<rect x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\" rx=\"12\" fill=\"#F8FAFC\" stroke=\"#94A3B8\" \
                 stroke-dasharray=\"6 4\"/>",
                right - left,
                bottom - top
            ));
            self.add(&format!(
                "<text x=\"{}\" y=\"{}\" font-size=\"11\" fill=\"#475569\">{}</text>",
                left + 10,
                top + 15,
                escaped(name)
            ));
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}
