//! A diagram as Mermaid text.

use super::{Diagram, Line, Look, Node};
use std::fmt::Write;

/// The classes of boxes, with the colours that the pictures share.
const CLASSES: [(Look, &str, &str, &str); 7] = [
    (Look::Automated, "automated", "#E8F5E9", "#4CAF50"),
    (Look::SemiAutomated, "semi", "#FEF3C7", "#F59E0B"),
    (Look::Manual, "manual", "#F3E8FF", "#9333EA"),
    (Look::Help, "help", "#E0F2FE", "#0284C7"),
    (Look::Undo, "undo", "#FEE2E2", "#DC2626"),
    (Look::Bar, "bar", "#475569", "#475569"),
    (Look::End, "terminal", "#F1F5F9", "#64748B"),
];

/// Fill and border of a box.
pub(super) fn colours(look: Look) -> (&'static str, &'static str) {
    CLASSES.iter().find(|class| class.0 == look).map_or(("#FFFFFF", "#000000"), |class| (class.2, class.3))
}

impl Diagram {
    /// The diagram as Mermaid text.
    pub fn to_mermaid(&self) -> String {
        let mut text = format!("---\ntitle: {}\n---\nflowchart TD\n", self.title);
        let framed: Vec<usize> = self.frames.iter().flat_map(|(_, nodes)| nodes.clone()).collect();
        for (place, node) in self.nodes.iter().enumerate().filter(|(place, _)| !framed.contains(place)) {
            line(&mut text, "    ", place, node);
        }
        for (at, (name, nodes)) in self.frames.iter().enumerate() {
            let _infallible = writeln!(text, "    subgraph g{at}[\"{}\"]", escaped(name));
            for &place in nodes {
                line(&mut text, "        ", place, &self.nodes[place]);
            }
            text.push_str("    end\n");
        }
        for edge in &self.edges {
            let arrow = match edge.line {
                Line::Next => "-->",
                Line::Aside | Line::Error => "-.->",
            };
            let label =
                if edge.label.is_empty() { String::new() } else { format!("|{}|", escaped(&edge.label)) };
            let _infallible = writeln!(text, "    n{} {arrow}{label} n{}", edge.from, edge.to);
        }
        for (_, name, fill, stroke) in
            CLASSES.iter().filter(|class| self.nodes.iter().any(|node| node.look == class.0))
        {
            let _infallible =
                writeln!(text, "    classDef {name} fill:{fill},stroke:{stroke},stroke-width:2px");
        }
        text
    }
}

fn line(text: &mut String, indent: &str, place: usize, node: &Node) {
    let class = CLASSES.iter().find(|class| class.0 == node.look).map_or("", |class| class.1);
    let mut label = escaped(&node.name);
    if !node.note.is_empty() {
        label = format!("{label}<br/><small>{}</small>", escaped(&node.note));
    }
    let (open, close) = match node.look {
        Look::End => ("([\"", "\"])"),
        Look::Undo if node.note == "choice" => ("{\"", "\"}"),
        _ => ("[\"", "\"]"),
    };
    let label = if label.is_empty() { " ".to_owned() } else { label };
    let _infallible = writeln!(text, "{indent}n{place}{open}{label}{close}:::{class}");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}
