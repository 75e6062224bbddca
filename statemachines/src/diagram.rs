//! Pictures of a workflow and of its machine, for people to look at: as Mermaid text and as SVG.

mod layout;
mod machine;
mod mermaid;
mod svg;
mod workflow;

/// Boxes and arrows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagram {
    /// Stands above it.
    pub title: String,
    /// The boxes.
    pub nodes: Vec<Node>,
    /// The arrows.
    pub edges: Vec<Edge>,
    /// Frames around boxes: what they are called, and the places of the boxes.
    pub frames: Vec<(String, Vec<usize>)>,
}

/// A box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// First line.
    pub name: String,
    /// Second line, smaller.
    pub note: String,
    /// What it is.
    pub look: Look,
    /// The box at whose right side it stands.
    pub beside: Option<usize>,
}

/// What a box is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// An automated step.
    Automated,
    /// A semi-automated step.
    SemiAutomated,
    /// A manual step.
    Manual,
    /// A call for help.
    Help,
    /// A part of an undo loop.
    Undo,
    /// A fork or a join.
    Bar,
    /// A start or an end.
    End,
}

/// An arrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The box it comes from, by its place.
    pub from: usize,
    /// The box it goes to.
    pub to: usize,
    /// Written beside it.
    pub label: String,
    /// What it means.
    pub line: Line,
}

/// What an arrow means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// What comes next; the target stands below.
    Next,
    /// Back to an earlier box, or over to one beside.
    Aside,
    /// What happens after an error.
    Error,
}

impl Diagram {
    fn new(title: String) -> Self {
        Self { title, nodes: Vec::new(), edges: Vec::new(), frames: Vec::new() }
    }

    fn node(&mut self, name: &str, note: String, look: Look) -> usize {
        self.nodes.push(Node { name: name.to_owned(), note, look, beside: None });
        self.nodes.len() - 1
    }

    fn edge(&mut self, from: usize, to: usize, label: &str, line: Line) {
        self.edges.push(Edge { from, to, label: label.to_owned(), line });
    }
}
